#pragma once
#include "twistdpp/irc/casemapping.h"
#include "twistdpp/irc/message.h"
#include "twistdpp/irc/modes.h"

#include <map>
#include <string>

namespace twistdpp::irc {

/// What a server says of itself in 005 (Twisted's ServerSupportedFeatures): filled by a client as the lines
/// come; before the first one it holds what RFC 1459 promises. A value that cannot be copied, since the mode
/// table borrows from it.
class ISupport {
public:
    ISupport() { update(); }
    ISupport(const ISupport&) = delete;
    ISupport& operator=(const ISupport&) = delete;

    /// Takes the tokens of one 005; others are left alone. A token with '-' in front is taken back.
    void apply(const Message& message);

    bool has(Bytes token) const { return values_.find(token) != values_.end(); }
    /// Its value, with \xNN escapes undone; empty for one without a value or that is not there.
    Bytes value(Bytes token) const;
    /// Its value as a number, or `fallback`.
    std::size_t number(Bytes token, std::size_t fallback) const;

    Casemapping casemapping() const noexcept { return casemapping_; }
    const ModeTable& modes() const noexcept { return modes_; }
    bool isChannel(Bytes name) const {
        return !name.empty() && value("CHANTYPES").find(name.front()) != Bytes::npos;
    }

private:
    void update();

    std::map<std::string, std::string, std::less<>> values_{
        {"CHANMODES", "b,k,l,imnpst"}, {"CHANTYPES", "#&"}, {"PREFIX", "(ov)@+"}};
    Casemapping casemapping_ = Casemapping::rfc1459;
    ModeTable modes_;
};

} // namespace twistdpp::irc
