#pragma once
#include "twistdpp/base/bytes.h"

#include <array>
#include <cstdint>
#include <optional>

namespace twistdpp::irc {

/// The capabilities (IRCv3 "capability negotiation") that this library knows. A new one takes a line here and
/// one in kCapabilityNames.
enum class Cap : std::uint8_t {
    accountNotify,
    accountTag,
    awayNotify,
    batch,
    capNotify,
    chghost,
    accountRegistration,
    chathistory,
    eventPlayback,
    messageRedaction,
    metadata,
    multiline,
    noImplicitNames,
    preAway,
    readMarker,
    echoMessage,
    extendedJoin,
    extendedMonitor,
    inviteNotify,
    labeledResponse,
    messageTags,
    multiPrefix,
    sasl,
    serverTime,
    setname,
    standardReplies,
    sts,
    userhostInNames,
};

inline constexpr std::array<Bytes, 28> kCapabilityNames{
    "account-notify",
    "account-tag",
    "away-notify",
    "batch",
    "cap-notify",
    "chghost",
    "draft/account-registration",
    "draft/chathistory",
    "draft/event-playback",
    "draft/message-redaction",
    "draft/metadata-2",
    "draft/multiline",
    "draft/no-implicit-names",
    "draft/pre-away",
    "draft/read-marker",
    "echo-message",
    "extended-join",
    "extended-monitor",
    "invite-notify",
    "labeled-response",
    "message-tags",
    "multi-prefix",
    "sasl",
    "server-time",
    "setname",
    "standard-replies",
    "sts",
    "userhost-in-names",
};
static_assert(static_cast<std::size_t>(Cap::userhostInNames) + 1 == kCapabilityNames.size());

constexpr Bytes capabilityName(Cap cap) noexcept {
    return kCapabilityNames[static_cast<std::size_t>(cap)];
}
constexpr std::optional<Cap> findCapability(Bytes name) noexcept {
    for (std::size_t i = 0; i < kCapabilityNames.size(); ++i) {
        if (kCapabilityNames[i] == name)
            return static_cast<Cap>(i);
    }
    return std::nullopt;
}

/// A set of capabilities. A value.
class CapSet {
public:
    constexpr CapSet() noexcept = default;
    constexpr bool has(Cap cap) const noexcept { return (bits_ & bit(cap)) != 0; }
    constexpr void add(Cap cap) noexcept { bits_ |= bit(cap); }
    constexpr void remove(Cap cap) noexcept { bits_ &= ~bit(cap); }
    constexpr bool empty() const noexcept { return bits_ == 0; }
    friend constexpr bool operator==(CapSet, CapSet) noexcept = default;

private:
    static constexpr std::uint64_t bit(Cap cap) noexcept {
        return std::uint64_t{1} << static_cast<unsigned>(cap);
    }
    std::uint64_t bits_ = 0;
};

} // namespace twistdpp::irc
