#include "twistdpp/irc/dcc.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/number.h"
#include "twistdpp/reactor/errors.h"

#include <algorithm>
#include <vector>

namespace twistdpp::irc {

namespace {

constexpr std::size_t kBlock = 64 * 1024;
constexpr std::size_t kLongestName = 255;

/// Words between spaces; one in quotes may have spaces.
std::vector<Bytes> words(Bytes text) {
    std::vector<Bytes> out;
    while (!text.empty() && out.size() < 8) {
        if (text.front() == '"') {
            text.remove_prefix(1);
            out.push_back(ascii::cut(text, '"'));
            continue;
        }
        const Bytes word = ascii::cut(text, ' ');
        if (!word.empty())
            out.push_back(word);
    }
    return out;
}

/// An IPv4 address as one number, or an IPv6 address as it is written.
std::optional<Address> addressOf(Bytes text, std::uint16_t port) {
    if (const auto number = parseUnsigned<std::uint32_t>(text)) {
        std::string dotted;
        for (int shift = 24; shift >= 0; shift -= 8)
            dotted += (dotted.empty() ? "" : ".") +
                      std::to_string((*number >> static_cast<unsigned>(shift)) & 255U);
        text = dotted;
        auto address = Address::parse(text, port);
        return address ? std::optional(*address) : std::nullopt;
    }
    auto address = Address::parse(text, port);
    return address && address->isIp() ? std::optional(*address) : std::nullopt;
}

std::string hostText(const Address& address) {
    if (address.kind() == Address::Kind::ipv6)
        return address.host();
    std::uint32_t number = 0;
    for (const char c : address.ipBytes())
        number = number << 8U | static_cast<unsigned char>(c);
    return std::to_string(number);
}

std::string nameText(const std::string& name) {
    return name.find(' ') == std::string::npos ? name : "\"" + name + "\"";
}

} // namespace

std::optional<DccRequest> DccRequest::parse(Bytes text) {
    const std::vector<Bytes> all = words(text);
    if (all.size() < 4 || all[1].empty() || all[1].size() > kLongestName)
        return std::nullopt;
    DccRequest request;
    request.name = all[1];
    const bool offer = ascii::equalsIgnoreCase(all[0], "SEND");
    const bool chat = ascii::equalsIgnoreCase(all[0], "CHAT");
    if (offer || chat) {
        const auto port = parseUnsigned<std::uint16_t>(all[3]);
        const auto address = port && *port != 0 ? addressOf(all[2], *port) : std::nullopt;
        if (!address)
            return std::nullopt;
        request.kind = chat ? Kind::chat : Kind::send;
        request.address = *address;
        if (offer && all.size() > 4) {
            const auto size = parseUnsigned<std::uint64_t>(all[4]);
            if (!size)
                return std::nullopt;
            request.size = *size;
        }
        return request;
    }
    const bool resume = ascii::equalsIgnoreCase(all[0], "RESUME");
    const auto port = parseUnsigned<std::uint16_t>(all[2]);
    const auto position = parseUnsigned<std::uint64_t>(all[3]);
    if ((!resume && !ascii::equalsIgnoreCase(all[0], "ACCEPT")) || !port || *port == 0 || !position)
        return std::nullopt;
    request.kind = resume ? Kind::resume : Kind::accept;
    request.address = Address::anyIpv4(*port);
    request.size = *position;
    return request;
}

std::string DccRequest::toString() const {
    const std::string port = std::to_string(address.port());
    switch (kind) {
    case Kind::send:
        return "SEND " + nameText(name) + " " + hostText(address) + " " + port + " " + std::to_string(size);
    case Kind::chat:
        return "CHAT chat " + hostText(address) + " " + port;
    case Kind::resume:
    case Kind::accept:
        break;
    }
    return (kind == Kind::resume ? "RESUME " : "ACCEPT ") + nameText(name) + " " + port + " " +
           std::to_string(size);
}

std::string DccRequest::safeName() const {
    const auto slash = name.find_last_of("/\\");
    std::string out;
    for (const char c : name.substr(slash == std::string::npos ? 0 : slash + 1)) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte != 0x7f && (c != '.' || !out.empty()))
            out += c;
    }
    return out.empty() ? "file" : out;
}

void DccReceiver::dataReceived(Bytes data) {
    if (done_.called())
        return;
    if (size_ > 0)
        data =
            data.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(data.size(), size_ - received_)));
    try {
        take_(data);
    } catch (...) {
        Promise<std::uint64_t> done = std::move(done_);
        transport().abortConnection();
        return done.errback(Failure::current());
    }
    received_ += data.size();
    // The low 32 bits of what has come, which old programs wait for before they send on.
    const auto low = static_cast<std::uint32_t>(received_);
    const char bytes[4] = {
        static_cast<char>(low >> 24U), static_cast<char>(low >> 16U), static_cast<char>(low >> 8U),
        static_cast<char>(low)};
    transport().write(Bytes(bytes, sizeof bytes));
    if (size_ > 0 && received_ == size_) {
        Promise<std::uint64_t> done = std::move(done_);
        transport().loseConnection();
        done.callback(received_);
    }
}

void DccReceiver::connectionLost(const Failure& reason) {
    if (!done_ || done_.called())
        return;
    Promise<std::uint64_t> done = std::move(done_);
    if (size_ == 0 && reason.check<ConnectionDone>())
        done.callback(received_);
    else
        done.errback(Failure(ConnectionLost("the file was cut short")));
}

void DccSender::pump() {
    while (!all_ && transport().queued() < kBlock) {
        std::string block;
        try {
            block = give_(sent_, kBlock);
        } catch (...) {
            Promise<std::uint64_t> done = std::move(done_);
            transport().abortConnection();
            return done.errback(Failure::current());
        }
        all_ = block.empty();
        sent_ += block.size();
        transport().write(Bytes(block));
    }
    if (all_ && sent_ == 0)
        transport().loseConnection(); // nothing will be acknowledged
}

void DccSender::dataReceived(Bytes data) {
    acknowledgement_.append(data);
    // The last whole one counts.
    const std::size_t whole = acknowledgement_.size() / 4 * 4;
    if (whole >= 4) {
        std::uint32_t low = 0;
        for (const char c : Bytes(acknowledgement_).substr(whole - 4, 4))
            low = low << 8U | static_cast<unsigned char>(c);
        acknowledgement_.erase(0, whole);
        if (all_ && low == static_cast<std::uint32_t>(sent_))
            return transport().loseConnection();
    }
    pump();
}

void DccSender::connectionLost(const Failure& reason) {
    if (!done_ || done_.called())
        return;
    Promise<std::uint64_t> done = std::move(done_);
    if (all_ && reason.check<ConnectionDone>())
        done.callback(sent_);
    else
        done.errback(Failure(ConnectionLost("the other end went before it had the whole file")));
}

} // namespace twistdpp::irc
