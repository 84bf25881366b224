#include "twistdpp/mail_relay/relay_control.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/unique_fd.h"
#include "twistdpp/net/line_receiver.h"
#include "twistdpp/reactor/address.h"
#include "twistdpp/reactor/transport.h"

#include <array>
#include <cerrno>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace twistdpp::mail {

namespace {

class Control final : public LineReceiver {
public:
    explicit Control(Relay& relay) : LineReceiver(128, LineEnd::crlfOrLf), relay_(relay) {}

private:
    void lineReceived(Bytes line) override {
        Bytes argument = ascii::trim(line);
        const Bytes verb = ascii::cut(argument, ' ');
        sendLine(answer(verb, std::string(ascii::trim(argument))));
        transport().loseConnection();
    }
    std::string answer(Bytes verb, const std::string& id) {
        if (verb == "flush") {
            const std::size_t count = relay_.flush(id);
            if (!id.empty())
                return count > 0 ? id + " is tried now" : id + " does not wait here";
            return std::to_string(count) + (count == 1 ? " mail is" : " mails are") + " tried now";
        }
        if (verb == "drop")
            return relay_.drop(id) ? id + " is thrown away" : "there is no mail " + id;
        return "there is no such request";
    }

    Relay& relay_;
};

} // namespace

std::string controlPath(const std::string& folder) {
    return folder + "/control";
}

std::shared_ptr<Factory> makeControlFactory(Relay& relay) {
    return makeFactory([&relay](const Address&) { return std::make_unique<Control>(relay); });
}

Result<std::string> askControl(const std::string& folder, const std::string& line) {
    const std::string path = controlPath(folder);
    const UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    struct sockaddr_storage where {};
    const std::size_t size = Address::unixPath(path).toSockaddr(where);
    struct timeval limit {
        10, 0
    };
    const std::string text = line + "\n";
    if (!fd || ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) != 0 ||
        ::connect(fd.get(), reinterpret_cast<const struct sockaddr*>(&where), static_cast<socklen_t>(size)) !=
            0 ||
        ::send(fd.get(), text.data(), text.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(text.size()))
        return Error::fromErrno(errno, "no daemon answers at " + path);
    std::string out;
    std::array<char, 256> block{};
    while (out.find('\n') == std::string::npos) {
        const ssize_t got = ::recv(fd.get(), block.data(), block.size(), 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return Error("the daemon does not answer at " + path);
        out.append(block.data(), static_cast<std::size_t>(got));
    }
    return std::string(ascii::trim(out, "\r\n")) + "\n";
}

} // namespace twistdpp::mail
