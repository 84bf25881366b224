#include "twistdpp/smtp/mail_handler.h"

#include <array>
#include <ctime>

namespace twistdpp::smtp {

namespace {

/// Text of a client's for a header: nothing that could end the line or a comment.
std::string harmless(Bytes text) {
    std::string out;
    for (const char c : text.substr(0, 255)) {
        const auto byte = static_cast<unsigned char>(c);
        out += byte <= 0x20 || byte == 0x7f || c == '(' || c == ')' || c == '\\' || c == ';' ? '?' : c;
    }
    return out;
}

} // namespace

std::string Client::protocol() const {
    if (!extended)
        return "SMTP";
    return std::string("ESMTP") + (encrypted ? "S" : "") + (who ? "A" : "");
}

Deferred<void> IncomingMessage::ready() {
    return succeed();
}

std::string
receivedLine(const Client& client, const Envelope& envelope, Bytes hostname, Bytes id, Bytes date) {
    // What a server writes itself comes from nobody.
    if (client.peer.kind() == Address::Kind::none && client.helo.empty())
        return "Received: by " + std::string(hostname) + " id " + std::string(id) + ";\r\n\t" +
               std::string(date) + "\r\n";
    std::string out =
        "Received: from " + harmless(client.helo.empty() ? Bytes("unknown") : Bytes(client.helo));
    out += " ([" + std::string(client.peer.kind() == Address::Kind::ipv6 ? "IPv6:" : "") +
           client.peer.host() + "])";
    if (client.encrypted)
        out += "\r\n\t(" + client.tlsVersion + " " + client.tlsCipher + ")";
    out += "\r\n\tby " + std::string(hostname) + " with " + (envelope.utf8 ? "UTF8" : "") +
           client.protocol() + " id " + std::string(id);
    // With several, it would tell each of the others, of whom some may be secret.
    if (envelope.to.size() == 1)
        out += "\r\n\tfor <" + envelope.to.front().to.toString() + ">";
    return out + ";\r\n\t" + std::string(date) + "\r\n";
}

std::string dateText(std::int64_t unixSeconds) {
    const auto time = static_cast<std::time_t>(unixSeconds);
    std::tm parts{};
    ::gmtime_r(&time, &parts);
    std::array<char, 64> text{};
    return {text.data(), std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S +0000", &parts)};
}

} // namespace twistdpp::smtp
