#pragma once
#include "twistdpp/app/logger.h"
#include "twistdpp/base/result.h"
#include "twistdpp/base/unique_fd.h"
#include "twistdpp/defer/deferred.h"
#include "twistdpp/reactor/reactor.h"

#include <memory>
#include <string>

namespace twistdpp::mail {

/// Appends a message to a file in mbox form (RFC 4155): a line "From sender date", lines that begin so marked
/// with '>', an empty line. When it returns without an error that is on the disk; else the file is as it was.
/// The file is locked meanwhile, against this program and others. Blocks. `message`: from its beginning.
Result<void> appendMbox(const std::string& path, int message, const std::string& from);

/// How a program took a message (sysexits).
enum class ProgramEnd { took, refused, notNow };

/// Runs a line of the shell with the message as its input, for at most five minutes. Fires when it has ended;
/// what it said is in the log. `message` can be opened by /dev/fd.
Deferred<ProgramEnd>
runProgram(Reactor& reactor, const std::string& line, std::shared_ptr<UniqueFd> message, Logger log);

} // namespace twistdpp::mail
