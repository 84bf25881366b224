#pragma once
#include "twistdpp/base/bytes.h"

namespace twistdpp::words {

class Session;

/// What was said to NickServ: the password alone, as Twisted's users know it, or IDENTIFY [ACCOUNT] PASSWORD,
/// LOGOUT, HELP. Without ACCOUNT the nick is meant.
void nickServ(Session& session, Bytes text);

} // namespace twistdpp::words
