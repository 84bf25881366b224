#include "twistdpp/words_server/channel_mode.h"

#include "twistdpp/words_server/server.h"
#include "twistdpp/words_server/session.h"

#include "twistdpp/base/number.h"
#include "twistdpp/irc/mask.h"
#include "twistdpp/irc/names.h"

#include <algorithm>

namespace twistdpp::words {

namespace {

using namespace irc::numeric;

/// The numerics that show a list.
struct ListReplies {
    const irc::Numeric& entry;
    const irc::Numeric& end;
};
ListReplies repliesFor(char letter) noexcept {
    if (letter == 'b')
        return {RPL_BANLIST, RPL_ENDOFBANLIST};
    if (letter == 'e')
        return {RPL_EXCEPTLIST, RPL_ENDOFEXCEPTLIST};
    return {RPL_INVEXLIST, RPL_ENDOFINVEXLIST};
}

/// One MODE command on one channel: makes the changes that are allowed and effective, and tells them.
class Changer {
public:
    Changer(Session& session, Channel& channel) noexcept
        : session_(session), server_(session.server()), channel_(channel), user_(session.user()) {}

    void apply(const irc::Message& message) {
        irc::ModeReader reader(kModeTable, message, 1);
        std::size_t withParam = 0;
        for (irc::ModeChange change; reader.next(change);) {
            if (change.hasParam && ++withParam > server_.options().names.modes)
                break;
            one(change);
        }
        tell();
    }

private:
    bool operates(unsigned least) const { return channel_.ranks(user_) >= least || user_.isOper(); }
    /// Says so once, however many changes are refused.
    bool refused(unsigned least) {
        if (operates(least))
            return false;
        if (!std::exchange(saidNo_, true))
            session_.reply(ERR_CHANOPRIVSNEEDED, channel_.name);
        return true;
    }
    void invalid(const irc::ModeChange& change, Bytes param, Bytes text) {
        session_.reply(
            ERR_INVALIDMODEPARAM, channel_.name, Bytes(&change.letter, 1), param.empty() ? Bytes("*") : param,
            text
        );
    }
    void done(const irc::ModeChange& change, Bytes param = {}) {
        // The line has the prefix, the command and the channel too.
        if (changes_.sizeWith(param) + user_.prefix().size() + channel_.name.size() + 10 > irc::kMaxBody)
            tell();
        changes_.add(change.adding, change.letter, param);
    }
    void tell() {
        if (changes_.empty())
            return;
        irc::LineWriter line(user_.prefix(), "MODE");
        Event event(server_, user_, line.word(channel_.name).word(changes_.text()));
        server_.happened(channel_, event);
        server_.keeper().changed(channel_);
        if (!channel_.has(user_))
            session_.deliver(event);
        changes_ = irc::ModeWriter();
    }

    void one(const irc::ModeChange& change) {
        switch (change.kind) {
        case irc::ModeKind::unknown:
            return session_.reply(ERR_UNKNOWNMODE, Bytes(&change.letter, 1));
        case irc::ModeKind::list:
            return list(change);
        case irc::ModeKind::prefix:
            return rank(change);
        case irc::ModeKind::flag:
            return flag(change);
        case irc::ModeKind::always:
            return key(change);
        case irc::ModeKind::onSet:
            return limit(change);
        }
    }

    /// Once, however often one line asks for it.
    void show(char letter) {
        if (shown_.find(letter) != std::string::npos)
            return;
        shown_ += letter;
        const ListReplies replies = repliesFor(letter);
        for (const ListEntry& entry : channel_.list(letter))
            session_.reply(
                replies.entry, channel_.name, entry.mask, entry.setter, std::to_string(entry.time)
            );
        session_.reply(replies.end, channel_.name);
    }

    void list(const irc::ModeChange& change) {
        if (!change.hasParam || change.param.empty()) {
            // Bans may be read by anyone; who is let in past them, by operators.
            if (change.letter == 'b' || !refused(Rank::halfop))
                show(change.letter);
            return;
        }
        if (refused(Rank::halfop))
            return;
        if (change.param.find(' ') != Bytes::npos || change.param.front() == ':')
            return invalid(change, "*", "A mask has no spaces");
        const std::string mask = completeEntry(change.param);
        std::vector<ListEntry>& entries = channel_.list(change.letter);
        const auto at = std::find_if(entries.begin(), entries.end(), [&](const ListEntry& entry) {
            return irc::sameName(entry.mask, mask);
        });
        if (change.adding == (at != entries.end()))
            return;
        if (!change.adding) {
            const std::string removed = at->mask;
            entries.erase(at);
            return done(change, removed);
        }
        if (entries.size() >= server_.options().names.list)
            return session_.reply(ERR_BANLISTFULL, channel_.name, mask);
        entries.push_back({mask, user_.prefix(), unixTime()});
        done(change, mask);
    }

    void rank(const irc::ModeChange& change) {
        if (!change.hasParam || change.param.empty())
            return invalid(change, {}, "A nick is needed");
        const User* member = server_.findUser(change.param);
        if (!member)
            return session_.reply(ERR_NOSUCHNICK, change.param);
        const unsigned bit = Rank::ofLetter(change.letter);
        // Founders make admins, operators make operators and half-operators, half-operators give voice;
        // everyone may lay down what they have.
        const unsigned least = bit >= Rank::admin    ? Rank::founder
                               : bit >= Rank::halfop ? Rank::op
                                                     : Rank::halfop;
        const bool own = member == &user_ && !change.adding;
        if (!own && refused(least))
            return;
        if (!channel_.has(*member))
            return session_.reply(ERR_USERNOTINCHANNEL, member->nick, channel_.name);
        const unsigned ranks = channel_.ranks(*member);
        if (((ranks & bit) != 0) == change.adding)
            return;
        channel_.setRanks(*member, change.adding ? ranks | bit : ranks & ~bit);
        done(change, member->nick);
    }

    void flag(const irc::ModeChange& change) {
        if (refused(Rank::halfop))
            return;
        const unsigned bit = ChannelFlag::ofLetter(change.letter);
        if (channel_.is(bit) == change.adding)
            return;
        channel_.flags ^= bit;
        done(change);
    }

    void key(const irc::ModeChange& change) {
        if (refused(Rank::halfop))
            return;
        if (!change.adding) {
            if (channel_.key.empty())
                return;
            channel_.key.clear();
            return done(change, "*");
        }
        if (!change.hasParam || change.param.empty())
            return invalid(change, {}, "A key is needed");
        if (!irc::isKey(change.param, server_.options().names.key))
            return session_.reply(ERR_INVALIDKEY, channel_.name);
        if (channel_.key == change.param)
            return;
        channel_.key = change.param;
        done(change, change.param);
    }

    void limit(const irc::ModeChange& change) {
        if (refused(Rank::halfop))
            return;
        if (!change.adding) {
            if (std::exchange(channel_.limit, 0) > 0)
                done(change);
            return;
        }
        const auto most = parseUnsigned<std::uint32_t>(change.param);
        if (!most || *most == 0 || *most > 1'000'000)
            return invalid(change, change.param, "A number from 1 on is needed");
        if (channel_.limit == *most)
            return;
        channel_.limit = *most;
        done(change, std::to_string(*most));
    }

    Session& session_;
    Server& server_;
    Channel& channel_;
    const User& user_;
    irc::ModeWriter changes_;
    std::string shown_; // letters of lists
    bool saidNo_ = false;
};

} // namespace

void channelMode(Session& session, const irc::Message& message) {
    Channel* channel = session.server().findChannel(message.param(0));
    if (!channel || !channel->visibleTo(session.user()))
        return session.reply(ERR_NOSUCHCHANNEL, message.param(0));
    if (message.count == 1) {
        const bool inside = channel->has(session.user()) || session.user().isOper();
        // The modes are several words, not one text.
        irc::LineWriter line(session.server().name(), RPL_CHANNELMODEIS.code);
        session.send(line.word(session.target()).word(channel->name).word(channel->modeText(inside)));
        return session.reply(RPL_CREATIONTIME, channel->name, std::to_string(channel->created));
    }
    Changer(session, *channel).apply(message);
}

} // namespace twistdpp::words
