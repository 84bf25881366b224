#pragma once

namespace twistdpp::words {

class Channel;
class Session;

// Answers that more than one command gives.

void sendIsupport(Session& session);
void sendLusers(Session& session);
void sendMotd(Session& session);
/// 332 and 333 when there is a topic; 331 when there is none and `orNone`.
void sendTopic(Session& session, const Channel& channel, bool orNone);
/// 353 and 366.
void sendNames(Session& session, const Channel& channel);

} // namespace twistdpp::words
