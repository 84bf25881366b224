#include "twistdpp/words_server/command.h"
#include "twistdpp/words_server/server.h"
#include "twistdpp/words_server/session.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/irc/names.h"

#include <algorithm>
#include <array>

// METADATA: what users say of themselves and of their channels (IRCv3 "metadata").

namespace twistdpp::words {

namespace {

using namespace irc::numeric;

constexpr Bytes kName = "METADATA";

void refuse(Session& session, Bytes code, Bytes context, Bytes text) {
    session.standardReply("FAIL", kName, code, context, text);
}

bool isKey(Bytes key) noexcept {
    constexpr std::size_t kLongest = 64;
    return !key.empty() && key.size() <= kLongest && std::all_of(key.begin(), key.end(), [](char c) {
        return ascii::isDigit(c) || (ascii::isAlpha(c) && ascii::lower(c) == c) || c == '_' || c == '.' ||
               c == '/' || c == '-';
    });
}

/// What METADATA speaks of: a channel or a user, and the name under which its values are kept.
struct Subject {
    std::string shown;
    std::string kept;
    const Channel* channel = nullptr;
    const User* user = nullptr;
};

/// Nobody's values outlive who they are of: without an account they go with the user.
std::string keptName(const User& user) {
    return user.account.empty() ? "*" + irc::fold(user.nick) : irc::fold(user.account);
}

std::optional<Subject> find(Session& session, Bytes target) {
    Server& server = session.server();
    if (irc::looksLikeChannel(target)) {
        const Channel* channel = server.findChannel(target);
        if (!channel || !channel->visibleTo(session.user()))
            return std::nullopt;
        return Subject{channel->name, irc::fold(channel->name), channel, nullptr};
    }
    const User* user = target == "*" ? &session.user() : server.findUser(target);
    if (!user)
        return std::nullopt;
    return Subject{user->nick, keptName(*user), nullptr, user};
}

bool mayChange(const Session& session, const Subject& subject) {
    const User& user = session.user();
    if (user.isOper())
        return true;
    return subject.channel ? subject.channel->hasRank(user, Rank::op) : subject.user == &user;
}

TaggedLine
valueLine(const Session& session, const Subject& subject, const std::string& key, const std::string& value) {
    irc::LineWriter line(session.server().name(), RPL_KEYVALUE.code);
    line.word(session.target()).word(subject.shown).word(key).word("*").trailing(value);
    return {"", std::string(line.body())};
}

void get(Session& session, const Subject& subject, const irc::Message& message) {
    const MetadataStore::Values& values = session.server().store().metadata().of(subject.kept);
    std::vector<TaggedLine> lines;
    for (std::size_t i = 2; i < message.count; ++i) {
        const Bytes key = message.param(i);
        if (!isKey(key)) {
            refuse(session, "KEY_INVALID", key, "That is no key");
            continue;
        }
        const auto found = values.find(std::string(key));
        if (found != values.end()) {
            lines.push_back(valueLine(session, subject, found->first, found->second));
            continue;
        }
        irc::LineWriter line(session.server().name(), RPL_KEYNOTSET.code);
        line.word(session.target()).word(subject.shown).word(key).trailing(RPL_KEYNOTSET.text);
        lines.push_back({"", std::string(line.body())});
    }
    session.sendBatch("metadata", std::move(lines));
}

void sendAll(Session& session, const Subject& subject, bool subscribedOnly) {
    std::vector<TaggedLine> lines;
    for (const auto& [key, value] : session.server().store().metadata().of(subject.kept)) {
        if (!subscribedOnly || session.subscriptions.count(key) > 0)
            lines.push_back(valueLine(session, subject, key, value));
    }
    session.sendBatch("metadata " + subject.shown, std::move(lines));
}

/// To those who asked for the key and can see whom it is about.
void tell(Session& session, const Subject& subject, const std::string& key, const std::string& value) {
    Server& server = session.server();
    irc::LineWriter line(session.user().prefix(), kName);
    line.word(subject.shown).word(key).word("*").trailing(value);
    Event event(server, session.user(), line);
    const auto give = [&](const User& user) {
        user.forSessions([&](Session& to) {
            if (&to != &session && to.has(irc::Cap::metadata) && to.subscriptions.count(key) > 0)
                to.deliver(event);
        });
    };
    if (subject.channel) {
        for (const Channel::Member& member : subject.channel->members())
            give(*member.user);
        return;
    }
    give(*subject.user);
    server.forNeighbours(*subject.user, [&](const User& other) { give(other); });
}

void set(Session& session, const Subject& subject, Bytes name, Bytes value) {
    const NameLimits& most = session.server().options().names;
    MetadataStore& store = session.server().store().metadata();
    if (!isKey(name))
        return refuse(session, "KEY_INVALID", name, "That is no key");
    if (!mayChange(session, subject))
        return refuse(
            session, "KEY_NO_PERMISSION", subject.shown + " " + std::string(name), "You may not set that"
        );
    const std::string key(name);
    const MetadataStore::Values& values = store.of(subject.kept);
    const bool known = values.count(key) > 0;
    if (value.empty() && !known)
        return refuse(session, "KEY_NOT_SET", subject.shown + " " + key, "It is not set");
    if (value.size() > most.metadataValue)
        return refuse(session, "VALUE_INVALID", {}, "The value is too long");
    if (!known && values.size() >= most.metadataKeys)
        return refuse(session, "LIMIT_REACHED", subject.shown, "There are too many keys");
    store.set(subject.kept, key, std::string(value));
    if (value.empty())
        session.reply(RPL_KEYNOTSET, subject.shown, key);
    else
        session.reply(RPL_KEYVALUE, subject.shown, key, "*", value);
    tell(session, subject, key, std::string(value));
}

void clear(Session& session, const Subject& subject) {
    if (!mayChange(session, subject))
        return refuse(session, "KEY_NO_PERMISSION", subject.shown + " *", "You may not clear that");
    const MetadataStore::Values before = session.server().store().metadata().of(subject.kept);
    session.server().store().metadata().clear(subject.kept);
    std::vector<TaggedLine> lines;
    for (const auto& [key, value] : before) {
        lines.push_back(valueLine(session, subject, key, value));
        tell(session, subject, key, {});
    }
    session.sendBatch("metadata " + subject.shown, std::move(lines));
}

void replyKeys(Session& session, const irc::Numeric& numeric, const std::vector<std::string>& keys) {
    constexpr std::size_t kKeysALine = 6; // they may be 64 bytes long each
    for (std::size_t i = 0; i < keys.size(); i += kKeysALine) {
        irc::LineWriter line(session.server().name(), numeric.code);
        line.word(session.target());
        for (std::size_t j = i; j < std::min(i + kKeysALine, keys.size()); ++j)
            line.word(keys[j]);
        session.send(line);
    }
}

void subscribe(Session& session, const irc::Message& message, bool on) {
    const NameLimits& most = session.server().options().names;
    std::vector<std::string> done;
    for (std::size_t i = 2; i < message.count; ++i) {
        const Bytes key = message.param(i);
        if (!isKey(key)) {
            refuse(session, "KEY_INVALID", key, "That is no key");
            continue;
        }
        if (on && session.subscriptions.size() >= most.metadataSubscriptions) {
            refuse(session, "TOO_MANY_SUBS", key, "Too many keys are asked for");
            break;
        }
        if (on)
            session.subscriptions.insert(std::string(key));
        else
            session.subscriptions.erase(std::string(key));
        done.emplace_back(key);
    }
    replyKeys(session, on ? RPL_METADATASUBOK : RPL_METADATAUNSUBOK, done);
}

void metadata(Session& session, const irc::Message& message) {
    if (!session.has(irc::Cap::metadata))
        return session.reply(ERR_UNKNOWNCOMMAND, kName);
    const std::string sub = ascii::toLower(message.param(1));
    if (sub == "sub" || sub == "unsub")
        return subscribe(session, message, sub == "sub");
    if (sub == "subs") {
        const auto& keys = session.subscriptions;
        return replyKeys(session, RPL_METADATASUBS, {keys.begin(), keys.end()});
    }
    const auto subject = find(session, message.param(0));
    if (!subject)
        return refuse(session, "INVALID_TARGET", message.param(0), "There is no such user or channel");
    if (sub == "get" && message.count > 2)
        return get(session, *subject, message);
    if (sub == "list")
        return sendAll(session, *subject, false);
    if (sub == "sync")
        return sendAll(session, *subject, true);
    if (sub == "set" && message.count > 2)
        return set(session, *subject, message.param(2), message.param(3));
    if (sub == "clear")
        return clear(session, *subject);
    refuse(
        session, "SUBCOMMAND_INVALID", message.param(1), "Say GET, LIST, SET, CLEAR, SUB, UNSUB, SUBS or SYNC"
    );
}

constexpr std::array<Command, 1> kCommands{{
    {"METADATA", metadata, 2},
}};
const CommandFamily family(kCommands);

} // namespace

} // namespace twistdpp::words
