#include "twistdpp/mail_relay/parcel.h"

#include "twistdpp/base/ascii.h"

#include <algorithm>

namespace twistdpp::mail {

namespace {

/// "5.1.1 ..." (RFC 2034 section 4): its class, and two numbers of up to three digits.
std::string enhancedCode(Bytes text) {
    const Bytes word = text.substr(0, text.find_first_of(" \n"));
    const std::size_t dots = static_cast<std::size_t>(std::count(word.begin(), word.end(), '.'));
    const bool digits =
        std::all_of(word.begin(), word.end(), [](char c) { return c == '.' || ascii::isDigit(c); });
    Bytes rest = word;
    if (dots != 2 || !digits || ascii::cut(rest, '.').size() != 1)
        return {};
    const Bytes subject = ascii::cut(rest, '.');
    const bool good = !subject.empty() && subject.size() <= 3 && !rest.empty() && rest.size() <= 3;
    return good ? std::string(word) : std::string();
}

} // namespace

std::string statusOf(const smtp::Reply& reply) {
    const std::string status = reply.enhanced.empty() ? enhancedCode(reply.text) : reply.enhanced;
    const char kind = reply.code < 300 ? '2' : reply.code >= 500 ? '5' : '4';
    if (!status.empty() && status.front() == kind)
        return status;
    return std::string(1, kind) + ".0.0";
}

std::string inOneLine(const smtp::Reply& reply) {
    std::string out = std::to_string(reply.code) + " ";
    if (!reply.enhanced.empty())
        out += reply.enhanced + " ";
    out += reply.text;
    for (char& c : out)
        c = static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
    return out;
}

} // namespace twistdpp::mail
