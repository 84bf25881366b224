#include "twistdpp/service_web/combined_log.h"

#include "twistdpp/http/known_header.h"

#include <array>
#include <cstdio>
#include <ctime>

namespace twistdpp::web {

namespace {

/// What clients send stands between quotes: neither a quote nor a control byte of theirs may end it.
void appendQuoted(std::string& out, Bytes text) {
    out += '"';
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte >= 0x7F || c == '"' || c == '\\') {
            std::array<char, 5> escaped{};
            std::snprintf(escaped.data(), escaped.size(), "\\x%02x", byte);
            out += escaped.data();
        } else {
            out += c;
        }
    }
    out += '"';
}

/// A name stands between spaces, so that none may be in it.
void appendName(std::string& out, Bytes name) {
    if (name.empty())
        out += '-';
    for (const char c : name) {
        const auto byte = static_cast<unsigned char>(c);
        out += byte > 0x20 && byte < 0x7F && c != '"' && c != '\\' ? c : '?';
    }
}

} // namespace

void appendCombined(std::string& out, const http::AccessRecord& record) {
    const http::RequestHead& head = record.request.head();
    const std::string host = record.peer.host();
    out += host.empty() ? "-" : host; // a unix socket's client has no address
    const auto when = static_cast<std::time_t>(record.time);
    std::tm parts{};
    ::gmtime_r(&when, &parts);
    std::array<char, 40> time{};
    std::strftime(time.data(), time.size(), " [%d/%b/%Y:%H:%M:%S +0000] ", &parts);
    out += " - ";
    appendName(out, record.request.user());
    out += time.data();
    const Bytes raw = head.raw();
    const Bytes line = raw.substr(0, raw.find_first_of("\r\n"));
    appendQuoted(out, line.empty() ? Bytes("-") : line);
    out += ' ';
    out += std::to_string(record.status);
    out += ' ';
    out += std::to_string(record.bytes);
    out += ' ';
    appendQuoted(out, head.headers().find(http::KnownHeader::referer).value_or("-"));
    out += ' ';
    appendQuoted(out, head.headers().find(http::KnownHeader::userAgent).value_or("-"));
}

} // namespace twistdpp::web
