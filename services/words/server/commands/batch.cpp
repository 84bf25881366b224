#include "twistdpp/words_server/command.h"
#include "twistdpp/words_server/incoming_batch.h"
#include "twistdpp/words_server/saying.h"
#include "twistdpp/words_server/server.h"
#include "twistdpp/words_server/session.h"

#include "twistdpp/irc/names.h"
#include "twistdpp/irc/tags.h"

#include <array>

// BATCH from a client: a message of several lines (IRCv3 "client-initiated batch" and "multiline").

namespace twistdpp::words {

namespace {

using namespace irc::numeric;

constexpr std::size_t kMaxReference = 64;

/// Tells why nothing of the open batch is sent.
void refuse(Session& session, Bytes code, Bytes context, Bytes text) {
    IncomingBatch& batch = *session.batch;
    batch.refused = true;
    batch.text.lines.clear();
    if (batch.label)
        session.resumeLabel(std::move(batch.label));
    session.standardReply("FAIL", "BATCH", code, context, text);
}

void begin(Session& session, const irc::Message& message, Bytes reference) {
    if (session.batch)
        return refuse(session, "MULTILINE_INVALID", {}, "Another batch was open");
    if (message.param(1) != "draft/multiline" || message.param(2).empty())
        return session.standardReply(
            "FAIL", "BATCH", "UNKNOWN_TYPE", message.param(1), "No such batch can be sent"
        );
    if (reference.empty() || reference.size() > kMaxReference)
        return session.standardReply("FAIL", "BATCH", "INVALID_REFTAG", {}, "The batch's name is not valid");
    session.batch = std::make_unique<IncomingBatch>();
    session.batch->reference = reference;
    session.batch->tags = clientOnlyTags(message.tags);
    session.batch->text.target = message.param(2);
    session.batch->label = session.deferLabel();
}

void finish(Session& session, Bytes reference) {
    if (!session.batch || session.batch->reference != reference)
        return session.standardReply("FAIL", "BATCH", "INVALID_REFTAG", {}, "No such batch is open");
    const auto batch = std::move(session.batch);
    if (batch->label)
        session.resumeLabel(std::move(batch->label));
    if (batch->refused)
        return;
    const Multiline& text = batch->text;
    if (text.lines.empty() || text.blank())
        return session.standardReply("FAIL", "BATCH", "MULTILINE_INVALID", {}, "The message has no text");
    session.user().lastSpoke = session.server().reactor().now();
    Saying(session, text, batch->tags).to(text.target);
}

void batch(Session& session, const irc::Message& message) {
    if (!session.has(irc::Cap::multiline))
        return session.reply(ERR_UNKNOWNCOMMAND, "BATCH");
    Bytes reference = message.param(0);
    const char sign = reference.empty() ? '\0' : reference.front();
    if (sign != '+' && sign != '-')
        return session.standardReply(
            "FAIL", "BATCH", "INVALID_REFTAG", {}, "Say + or - and the batch's name"
        );
    reference.remove_prefix(1);
    sign == '+' ? begin(session, message, reference) : finish(session, reference);
}

constexpr std::array<Command, 1> kCommands{{
    {"BATCH", batch, 1},
}};
const CommandFamily family(kCommands);

} // namespace

bool addToBatch(Session& session, const irc::Message& message, Bytes command) {
    if (!session.has(irc::Cap::multiline))
        return false;
    const auto reference = irc::findTag(message.tags, "batch");
    if (!reference)
        return false;
    if (!session.batch || session.batch->reference != *reference) {
        session.standardReply("FAIL", "BATCH", "INVALID_REFTAG", {}, "No such batch is open");
        return true;
    }
    if (session.batch->refused)
        return true;
    Multiline& text = session.batch->text;
    const bool joined = irc::findTag(message.tags, "draft/multiline-concat").has_value();
    if (!irc::sameName(message.param(0), text.target)) {
        refuse(
            session, "MULTILINE_INVALID_TARGET", text.target + " " + std::string(message.param(0)),
            "Every line has to go to the batch's target"
        );
        return true;
    }
    if ((!text.lines.empty() && text.command != command) || (joined && message.param(1).empty())) {
        refuse(session, "MULTILINE_INVALID", {}, "These lines are not one message");
        return true;
    }
    const NameLimits& most = session.server().options().names;
    text.command = command;
    text.lines.push_back({std::string(message.param(1)), joined});
    if (text.lines.size() > most.multilineLines)
        refuse(session, "MULTILINE_MAX_LINES", std::to_string(most.multilineLines), "Too many lines");
    else if (text.size() > most.multilineBytes)
        refuse(session, "MULTILINE_MAX_BYTES", std::to_string(most.multilineBytes), "Too many bytes");
    return true;
}

} // namespace twistdpp::words
