#include "twistdpp/dns_wire/rdata_words.h"

#include "twistdpp/dns_wire/name.h"
#include "twistdpp/dns_wire/octets.h"

#include <algorithm>

namespace twistdpp::dns {

namespace {

constexpr std::size_t kShown = 60; // bytes of a wrong word that an error shows

std::string shown(Bytes word) {
    std::string text = "'";
    for (const char c : word.substr(0, kShown)) {
        if (c == '"' || c == '\\')
            text += c;
        else
            appendEscaped(c, text);
    }
    text += word.size() > kShown ? "...'" : "'";
    return text;
}

} // namespace

const Token* RdataWords::next(const char* what) {
    if (at_ == words_.size()) {
        fail("the " + std::string(what) + " is missing");
        return nullptr;
    }
    return &words_[at_++];
}

bool RdataWords::fail(const char* what, Bytes word, const char* why) {
    return fail("the " + std::string(what) + ' ' + shown(word) + ' ' + why);
}

bool RdataWords::fail(std::string problem) {
    problem_ = std::move(problem);
    return false;
}

std::optional<std::uint32_t> RdataWords::number(const char* what, std::uint32_t most) {
    const Token* word = next(what);
    if (word == nullptr)
        return std::nullopt;
    const auto value = decimal(word->text, most);
    if (!value)
        fail(what, word->text, ("is no number from 0 to " + std::to_string(most)).c_str());
    return value;
}

bool RdataWords::number8(const char* what) {
    const auto value = number(what, 0xff);
    if (!value)
        return false;
    append8(to_, static_cast<std::uint8_t>(*value));
    return true;
}

bool RdataWords::number16(const char* what) {
    const auto value = number(what, 0xffff);
    if (!value)
        return false;
    append16(to_, static_cast<std::uint16_t>(*value));
    return true;
}

bool RdataWords::number32(const char* what) {
    const auto value = number(what, 0xffffffff);
    if (!value)
        return false;
    append32(to_, *value);
    return true;
}

bool RdataWords::seconds(const char* what) {
    const Token* word = next(what);
    if (word == nullptr)
        return false;
    const auto value = secondsFromText(word->text);
    if (!value)
        return fail(what, word->text, "is no time: seconds, or numbers with units as in 1h30m");
    append32(to_, *value);
    return true;
}

bool RdataWords::name(const char* what) {
    const Token* word = next(what);
    if (word == nullptr)
        return false;
    const char* why = appendName(word->text, origin_, to_);
    return why == nullptr || fail(what, word->text, why);
}

bool RdataWords::ipv4(const char* what) {
    const Token* word = next(what);
    if (word == nullptr)
        return false;
    return appendIpv4(word->text, to_) || fail(what, word->text, "is no IPv4 address");
}

bool RdataWords::ipv6(const char* what) {
    const Token* word = next(what);
    if (word == nullptr)
        return false;
    return appendIpv6(word->text, to_) || fail(what, word->text, "is no IPv6 address");
}

bool RdataWords::string(const char* what) {
    const Token* word = next(what);
    if (word == nullptr)
        return false;
    const std::size_t begin = to_.size();
    to_.push_back('\0');
    if (const char* why = appendUnescaped(word->text, to_))
        return fail(what, word->text, why);
    const std::size_t size = to_.size() - begin - 1;
    if (size > 255)
        return fail(what, word->text, "is longer than the 255 bytes of one string: write it as several");
    to_[begin] = static_cast<char>(size);
    return true;
}

} // namespace twistdpp::dns
