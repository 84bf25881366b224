#include "twistdpp/words_server/channel.h"

#include "twistdpp/irc/mask.h"

#include <algorithm>
#include <bit>

namespace twistdpp::words {

namespace {

/// The bit of the character at that place of a row in which the highest rank comes first.
unsigned rankAt(Bytes row, char wanted) noexcept {
    const auto at = row.find(wanted);
    return at == Bytes::npos ? 0 : 1U << (row.size() - 1 - at);
}

constexpr Bytes kMute = "~q:";
constexpr Bytes kAccount = "~a:";

bool fits(Bytes mask, const User& user) {
    if (!mask.starts_with(kAccount))
        return irc::matchMask(mask, user.prefix());
    return !user.account.empty() && irc::matchMask(mask.substr(kAccount.size()), user.account);
}

bool matches(const std::vector<ListEntry>& list, const User& user) {
    return std::any_of(list.begin(), list.end(), [&](const ListEntry& entry) {
        return fits(entry.mask, user);
    });
}

} // namespace

unsigned Rank::ofLetter(char letter) noexcept {
    return rankAt(kModeTable.prefixLetters(), letter);
}

unsigned Rank::ofSymbol(char symbol) noexcept {
    return rankAt(kModeTable.prefixSymbols(), symbol);
}

unsigned Rank::highest(unsigned ranks) noexcept {
    return std::bit_floor(ranks);
}

std::string Rank::symbols(unsigned ranks, bool all) {
    std::string out;
    for (const char symbol : kModeTable.prefixSymbols()) {
        if ((ranks & ofSymbol(symbol)) != 0 && (all || out.empty()))
            out += symbol;
    }
    return out;
}

unsigned ChannelFlag::ofLetter(char letter) noexcept {
    const auto at = letters.find(letter);
    return at == Bytes::npos ? 0 : 1U << at;
}

void Channel::add(User& user, unsigned ranks) {
    user.channels.push_back({this, static_cast<std::uint32_t>(members_.size())});
    members_.push_back({&user, ranks});
}

void Channel::remove(User& user) noexcept {
    const User::Place* place = placeOf(user);
    if (!place)
        return;
    const std::uint32_t index = place->index;
    user.channels.erase(user.channels.begin() + (place - user.channels.data()));
    if (index + 1U < members_.size()) {
        // The last member takes the free place.
        members_[index] = members_.back();
        for (User::Place& other : members_[index].user->channels) {
            if (other.channel == this)
                other.index = index;
        }
    }
    members_.pop_back();
}

const User::Place* Channel::placeOf(const User& user) const noexcept {
    for (const User::Place& place : user.channels) {
        if (place.channel == this)
            return &place;
    }
    return nullptr;
}

unsigned Channel::ranks(const User& user) const noexcept {
    const User::Place* place = placeOf(user);
    return place ? members_[place->index].ranks : 0;
}

void Channel::setRanks(const User& user, unsigned ranks) noexcept {
    if (const User::Place* place = placeOf(user))
        members_[place->index].ranks = ranks;
}

std::string completeEntry(Bytes text) {
    std::string kind;
    if (text.starts_with(kMute)) {
        kind = kMute;
        text.remove_prefix(kMute.size());
    }
    if (text.starts_with(kAccount) && text.size() > kAccount.size())
        return kind + std::string(text.substr(0, irc::kMaxMask));
    return kind + irc::completeMask(text);
}

bool Channel::isBanned(const User& user) const {
    return matches(lists_[0], user) && !matches(lists_[1], user);
}

bool Channel::isMuted(const User& user) const {
    const auto& bans = lists_[0];
    return std::any_of(
               bans.begin(), bans.end(),
               [&](const ListEntry& entry) {
                   return Bytes(entry.mask).starts_with(kMute) &&
                          fits(Bytes(entry.mask).substr(kMute.size()), user);
               }
           ) &&
           !matches(lists_[1], user);
}

bool Channel::isInvited(const User& user) const {
    return std::find(user.invites.begin(), user.invites.end(), serial) != user.invites.end() ||
           matches(lists_[2], user);
}

bool Channel::maySpeak(const User& user) const {
    const bool inside = has(user);
    if (is(ChannelFlag::noExternal) && !inside)
        return false;
    if (hasRank(user, Rank::voice))
        return true;
    if (is(ChannelFlag::moderated) || (is(ChannelFlag::accountsSpeak) && user.account.empty()))
        return false;
    return !isBanned(user) && !isMuted(user);
}

std::vector<ListEntry>& Channel::list(char letter) noexcept {
    return lists_[letter == 'b' ? 0 : letter == 'e' ? 1 : 2];
}

const std::vector<ListEntry>& Channel::list(char letter) const noexcept {
    return const_cast<Channel*>(this)->list(letter);
}

std::string Channel::modeText(bool withKey) const {
    std::string letters = "+";
    std::string params;
    for (std::size_t i = 0; i < ChannelFlag::letters.size(); ++i) {
        if (is(1U << i))
            letters += ChannelFlag::letters[i];
    }
    if (!key.empty()) {
        letters += 'k';
        params.append(" ").append(withKey ? key : "*");
    }
    if (limit > 0) {
        letters += 'l';
        params += " " + std::to_string(limit);
    }
    return letters + params;
}

} // namespace twistdpp::words
