#pragma once
#include "twistdpp/irc/message.h"

namespace twistdpp::words {

class Session;

/// MODE on a channel: shows the modes, or changes those that the user may, tells the members what was
/// effective, and answers what was not with the numeric for it.
void channelMode(Session& session, const irc::Message& message);

} // namespace twistdpp::words
