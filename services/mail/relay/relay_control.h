#pragma once
#include "twistdpp/mail_relay/relay.h"

#include "twistdpp/base/result.h"
#include "twistdpp/reactor/protocol.h"

#include <memory>
#include <string>

namespace twistdpp::mail {

/// Where a relay can be told what to do: a unix socket in its folder, for the user that it runs as. A line
/// asks, and a line answers: "flush", "flush ID", "drop ID".
std::string controlPath(const std::string& folder);
/// Its protocol, for the reactor's thread. `relay` outlives the connections.
std::shared_ptr<Factory> makeControlFactory(Relay& relay);
/// Asks the relay that serves the folder. Blocks, for at most ten seconds. The error says that nobody does.
Result<std::string> askControl(const std::string& folder, const std::string& line);

} // namespace twistdpp::mail
