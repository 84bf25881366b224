#include "twistdpp/words_server/helpers/helper.h"

#include "twistdpp/words_server/session.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/irc/casemapping.h"

namespace twistdpp::words {

namespace {

std::vector<const Helper*>& table() {
    static std::vector<const Helper*> helpers;
    return helpers;
}

void help(const Helper& helper, Session& session) {
    for (const HelperCommand& command : helper.commands) {
        std::string line(command.name);
        if (!command.usage.empty())
            line.append(" ").append(command.usage);
        session.notice(helper.name, line.append(" - ").append(command.help));
    }
}

} // namespace

HelperEntry::HelperEntry(const Helper& helper) {
    table().push_back(&helper);
}

const Helper* findHelper(Bytes name) noexcept {
    for (const Helper* helper : table()) {
        if (irc::sameName(helper->name, name))
            return helper;
    }
    return nullptr;
}

void tellHelper(const Helper& helper, Session& session, const irc::Message& message) {
    std::string text;
    for (std::size_t i = 0; i < message.count; ++i)
        text.append(i > 0 ? " " : "").append(message.param(i));
    tellHelper(helper, session, text);
}

void tellHelper(const Helper& helper, Session& session, Bytes text) {
    Bytes rest = ascii::trim(text);
    const Bytes name = ascii::cut(rest, ' ');
    for (const HelperCommand& command : helper.commands) {
        if (!ascii::equalsIgnoreCase(command.name, name))
            continue;
        Words words;
        while (!rest.empty()) {
            if (const Bytes word = ascii::cut(rest, ' '); !word.empty())
                words.push_back(word);
        }
        if (words.size() < command.words) {
            // A password may be one of the words.
            if (helper.other && helper.other(session, text))
                return;
            return session.notice(
                helper.name, "Say: " + std::string(command.name) + " " + std::string(command.usage)
            );
        }
        return command.run(session, words);
    }
    if (ascii::equalsIgnoreCase(name, "HELP") && (session.registered() || !helper.other))
        return help(helper, session);
    if (helper.other && helper.other(session, text))
        return;
    session.notice(helper.name, "I do not know that; say HELP.");
}

} // namespace twistdpp::words
