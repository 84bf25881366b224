#include "twistdpp/irc/names.h"

#include "twistdpp/base/ascii.h"

#include <algorithm>

namespace twistdpp::irc {

namespace {

bool high(char c) noexcept {
    return static_cast<unsigned char>(c) >= 0x80;
}
bool control(char c) noexcept {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

} // namespace

bool isNick(Bytes name, std::size_t longest) noexcept {
    if (name.empty() || name.size() > longest || ascii::isDigit(name.front()) || name.front() == '-')
        return false;
    return std::all_of(name.begin(), name.end(), [](char c) {
        return ascii::isAlpha(c) || ascii::isDigit(c) || high(c) ||
               Bytes("-[]\\`^{}|_").find(c) != Bytes::npos;
    });
}

bool isChannel(Bytes name, std::size_t longest) noexcept {
    if (!looksLikeChannel(name) || name.size() < 2 || name.size() > longest)
        return false;
    return std::none_of(name.begin(), name.end(), [](char c) { return control(c) || c == ' ' || c == ','; });
}

bool isUser(Bytes name, std::size_t longest) noexcept {
    if (name.empty() || name.size() > longest)
        return false;
    return std::none_of(name.begin(), name.end(), [](char c) {
        return control(c) || Bytes(" !@:*?").find(c) != Bytes::npos;
    });
}

bool isKey(Bytes key, std::size_t longest) noexcept {
    if (key.empty() || key.size() > longest || key.front() == ':')
        return false;
    return std::none_of(key.begin(), key.end(), [](char c) {
        return control(c) || high(c) || c == ' ' || c == ',';
    });
}

Source::Source(Bytes text) noexcept {
    const auto at = text.rfind('@');
    const auto bang = text.substr(0, at).find('!');
    nick = text.substr(0, std::min(bang, at));
    if (bang != Bytes::npos)
        user = text.substr(0, at).substr(bang + 1);
    if (at != Bytes::npos)
        host = text.substr(at + 1);
}

} // namespace twistdpp::irc
