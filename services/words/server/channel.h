#pragma once
#include "twistdpp/words_server/user.h"

#include "twistdpp/irc/modes.h"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace twistdpp::words {

/// The modes of this server's channels.
inline constexpr Bytes kChannelModes = "beI,k,l,imnstCMR";
inline constexpr Bytes kPrefixes = "(qaohv)~&@%+";
inline constexpr irc::ModeTable kModeTable{kChannelModes, kPrefixes};

/// Ranks of a member as bits; a higher rank is a higher bit.
struct Rank {
    static constexpr unsigned voice = 1, halfop = 2, op = 4, admin = 8, founder = 16;
    /// The bit of a mode letter or of a prefix symbol; 0 for others.
    static unsigned ofLetter(char letter) noexcept;
    static unsigned ofSymbol(char symbol) noexcept;
    /// The highest bit alone.
    static unsigned highest(unsigned ranks) noexcept;
    /// The symbols, highest first; the first alone unless `all`.
    static std::string symbols(unsigned ranks, bool all);
};

/// Flags of a channel as bits.
struct ChannelFlag {
    static constexpr unsigned inviteOnly = 1, moderated = 2, noExternal = 4, secret = 8, topicLock = 16;
    static constexpr unsigned noCtcp = 32, accountsSpeak = 64, accountsJoin = 128;
    static constexpr Bytes letters = "imnstCMR"; // letter i is bit i
    static unsigned ofLetter(char letter) noexcept;
};

/// What an entry of a ban, exception or invitation list can be besides a mask (ISUPPORT EXTBAN): "~a:ACCOUNT"
/// is of who is logged in to such an account, "~q:" before either keeps one silent instead of out.
inline constexpr Bytes kExtendedBans = "~,aq";
/// A list entry as it is kept, from what people type.
std::string completeEntry(Bytes text);

/// An entry of a ban, exception or invitation list.
struct ListEntry {
    std::string mask, setter;
    std::int64_t time;
};

/// A channel: who is on it and what holds there. Owned by the Server. Its members know their places in it, so
/// that joining, leaving and asking for a rank cost no search over the members.
class Channel {
public:
    Channel(std::string called, std::uint64_t number, std::int64_t now)
        : name(std::move(called)), serial(number), created(now) {}
    Channel(const Channel&) = delete;
    Channel& operator=(const Channel&) = delete;

    struct Member {
        User* user;
        unsigned ranks;
    };
    const std::vector<Member>& members() const noexcept { return members_; }
    void add(User& user, unsigned ranks);
    void remove(User& user) noexcept;
    bool has(const User& user) const noexcept { return placeOf(user) != nullptr; }
    unsigned ranks(const User& user) const noexcept;
    void setRanks(const User& user, unsigned ranks) noexcept;
    bool hasRank(const User& user, unsigned least) const noexcept { return ranks(user) >= least; }

    bool is(unsigned flag) const noexcept { return (flags & flag) != 0; }
    /// Whether LIST, WHOIS, NAMES and WHO show it to `user`.
    bool visibleTo(const User& user) const noexcept {
        return !is(ChannelFlag::secret) || has(user) || user.isOper();
    }
    bool isBanned(const User& user) const;
    /// Whether an entry "~q:MASK" of the bans silences `user`, who may be inside all the same.
    bool isMuted(const User& user) const;
    bool isInvited(const User& user) const;
    /// Whether what `user` says goes to the members.
    bool maySpeak(const User& user) const;
    std::vector<ListEntry>& list(char letter) noexcept;
    const std::vector<ListEntry>& list(char letter) const noexcept;
    /// "+ntk key" for 324; the key only for those inside.
    std::string modeText(bool withKey) const;

    const std::string name;
    const std::uint64_t serial; // of all channels since the start: what invitations refer to
    const std::int64_t created;
    bool stands = false; // stays when the last member leaves (--group)
    unsigned flags = 0;
    std::size_t limit = 0; // 0: none
    std::string key;
    std::string topic, topicSetter;
    std::int64_t topicTime = 0;

private:
    const User::Place* placeOf(const User& user) const noexcept;

    std::vector<Member> members_;
    std::array<std::vector<ListEntry>, 3> lists_; // b, e, I
};

} // namespace twistdpp::words
