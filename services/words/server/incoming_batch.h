#pragma once
#include "twistdpp/words_server/label.h"
#include "twistdpp/words_server/multiline.h"

#include "twistdpp/irc/message.h"

#include <memory>
#include <string>

namespace twistdpp::words {

class Session;

/// A batch that a client has opened: a message of several lines that is coming in.
struct IncomingBatch {
    std::string reference; // the client's name for it
    std::string tags;      // client-only tags of the whole
    std::unique_ptr<LabeledReply> label;
    Multiline text;
    bool refused = false; // told to the client; what still comes of it is passed over
};

/// Takes a PRIVMSG or NOTICE that has a `batch` tag. False: it has none and is a message of its own.
bool addToBatch(Session& session, const irc::Message& message, Bytes command);

} // namespace twistdpp::words
