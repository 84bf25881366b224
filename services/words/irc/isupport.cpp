#include "twistdpp/irc/isupport.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/number.h"

namespace twistdpp::irc {

namespace {

constexpr std::size_t kMostTokens = 200;

std::string unescape(Bytes text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool hex = text[i] == '\\' && i + 3 < text.size() && text[i + 1] == 'x';
        const int high = hex ? ascii::hexValue(text[i + 2]) : -1;
        const int low = hex ? ascii::hexValue(text[i + 3]) : -1;
        if (high >= 0 && low >= 0) {
            out += static_cast<char>(high * 16 + low);
            i += 3;
        } else {
            out += text[i];
        }
    }
    return out;
}

} // namespace

void ISupport::apply(const Message& message) {
    // The first parameter is our nick, the last a text for people.
    for (std::size_t i = 1; i + 1 < message.count; ++i) {
        Bytes value = message.param(i);
        Bytes key = ascii::cut(value, '=');
        if (key.empty())
            continue;
        if (key.front() == '-') {
            if (const auto found = values_.find(key.substr(1)); found != values_.end())
                values_.erase(found);
        } else if (has(key) || values_.size() < kMostTokens) {
            values_.insert_or_assign(std::string(key), unescape(value));
        }
    }
    update();
}

Bytes ISupport::value(Bytes token) const {
    const auto found = values_.find(token);
    return found == values_.end() ? Bytes() : Bytes(found->second);
}

std::size_t ISupport::number(Bytes token, std::size_t fallback) const {
    return parseUnsigned<std::size_t>(value(token)).value_or(fallback);
}

void ISupport::update() {
    casemapping_ = casemappingFrom(value("CASEMAPPING"), Casemapping::rfc1459);
    modes_ = ModeTable(value("CHANMODES"), value("PREFIX"));
}

} // namespace twistdpp::irc
