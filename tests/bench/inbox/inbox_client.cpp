// Reads all messages of a mailbox, by one connection.
//
//   inbox_client pop3 PORT COUNT AHEAD
//       RETR of each, so many commands ahead of the answers.
//   inbox_client imap PORT COUNT AHEAD ITEMS
//       UID FETCH of each with ITEMS, so many ahead; AHEAD 0: one FETCH for all.
//
// The user is joe, whose password is "password". The result is one line of JSON: how many messages came, how
// many bytes of them, and the seconds from the connection to the last.
#include <arpa/inet.h>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>

namespace {

[[noreturn]] void fail(const std::string& why) {
    std::fprintf(stderr, "inbox_client: %s\n", why.c_str());
    std::exit(1);
}

class Connection {
public:
    explicit Connection(int port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(static_cast<std::uint16_t>(port));
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const int one = 1;
        ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        if (::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0)
            fail(std::string("connect: ") + std::strerror(errno));
    }
    void send(std::string_view text) {
        while (!text.empty()) {
            const ssize_t sent = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
            if (sent <= 0)
                fail(std::string("send: ") + std::strerror(errno));
            text.remove_prefix(static_cast<std::size_t>(sent));
        }
    }
    /// A line without its end; until the next call.
    std::string_view line() {
        std::size_t end = 0;
        while ((end = in_.find("\r\n", at_)) == std::string::npos)
            more();
        const std::string_view out = std::string_view(in_).substr(at_, end - at_);
        at_ = end + 2;
        return out;
    }
    void skip(std::size_t bytes) {
        while (in_.size() - at_ < bytes)
            more();
        at_ += bytes;
    }
    /// Whether something has come that was not read.
    bool buffered() const { return at_ < in_.size(); }

private:
    void more() {
        in_.erase(0, at_);
        at_ = 0;
        const std::size_t had = in_.size();
        in_.resize(had + 256 * 1024);
        const ssize_t got = ::recv(fd_, in_.data() + had, in_.size() - had, 0);
        if (got <= 0)
            fail("the server has closed");
        in_.resize(had + static_cast<std::size_t>(got));
    }
    int fd_;
    std::string in_;
    std::size_t at_ = 0;
};

struct Result {
    std::size_t messages = 0;
    std::uint64_t bytes = 0;
};

/// Keeps so many commands ahead; command(i) gives the text, answer() reads one answer.
template <class Command, class Answer>
void pipelined(Connection& connection, std::size_t count, std::size_t ahead, Command command, Answer answer) {
    std::size_t sent = 0;
    std::string block;
    for (std::size_t answered = 0; answered < count; ++answered) {
        // Half of them at a time, as a client does that has other things to do.
        if (sent - answered <= ahead / 2) {
            while (sent < count && sent - answered < ahead)
                block += command(++sent);
            connection.send(block);
            block.clear();
        }
        answer();
    }
}

Result pop3(Connection& connection, std::size_t count, std::size_t ahead) {
    const auto expect = [&] {
        const std::string_view line = connection.line();
        if (!line.starts_with("+OK"))
            fail("it said " + std::string(line));
    };
    Result out;
    expect();
    connection.send("USER joe\r\n");
    expect();
    connection.send("PASS password\r\n");
    expect();
    const auto command = [](std::size_t i) { return "RETR " + std::to_string(i) + "\r\n"; };
    pipelined(connection, count, ahead, command, [&] {
        expect();
        for (std::string_view line = connection.line(); line != "."; line = connection.line())
            out.bytes += line.size() + 2;
        ++out.messages;
    });
    return out;
}

/// Reads up to the tagged answer.
void imapAnswer(Connection& connection, Result& into) {
    while (true) {
        const std::string_view line = connection.line();
        if (line.starts_with("A")) {
            if (line.find(" OK") == std::string_view::npos)
                fail("it said " + std::string(line));
            return;
        }
        into.messages += line.find(" FETCH (") != std::string_view::npos ? 1 : 0;
        std::string_view rest = line;
        while (rest.ends_with('}')) {
            const auto size =
                static_cast<std::size_t>(std::strtoull(rest.data() + rest.rfind('{') + 1, nullptr, 10));
            connection.skip(size);
            into.bytes += size;
            rest = connection.line();
        }
    }
}

Result imap(Connection& connection, std::size_t count, std::size_t ahead, const std::string& items) {
    Result none;
    connection.line();
    connection.send("A LOGIN joe password\r\n");
    imapAnswer(connection, none);
    connection.send("A SELECT INBOX\r\n");
    imapAnswer(connection, none);
    Result out;
    if (ahead == 0) {
        connection.send("A FETCH 1:* " + items + "\r\n");
        imapAnswer(connection, out);
        return out;
    }
    const auto command = [&](std::size_t i) {
        return "A UID FETCH " + std::to_string(i) + " " + items + "\r\n";
    };
    pipelined(connection, count, ahead, command, [&] { imapAnswer(connection, out); });
    return out;
}

} // namespace

int main(int argc, char** argv) {
    if (argc < 5)
        fail("say: inbox_client pop3|imap PORT COUNT AHEAD [ITEMS]");
    const auto count = static_cast<std::size_t>(std::atol(argv[3]));
    const auto ahead = static_cast<std::size_t>(std::atol(argv[4]));
    const auto begin = std::chrono::steady_clock::now();
    Connection connection(std::atoi(argv[2]));
    const Result result = std::string_view(argv[1]) == "pop3"
                              ? pop3(connection, count, ahead)
                              : imap(connection, count, ahead, argc > 5 ? argv[5] : "BODY.PEEK[]");
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    std::printf(
        "{\"messages\": %zu, \"bytes\": %llu, \"seconds\": %.6f}\n", result.messages,
        static_cast<unsigned long long>(result.bytes), took.count()
    );
    return 0;
}
