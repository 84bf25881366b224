#pragma once
#include "twistdpp/base/result.h"
#include "twistdpp/defer/failure.h"

#include <string>

namespace twistdpp {

/// The daemon's exit status: sysexits(3), so that scripts and supervisors can tell a mistake in the command
/// from a port in use. A daemon that was asked to stop ends by that signal instead (143 and 130 in a shell).
enum class ExitCode : int {
    ok = 0,
    usage = 64,        // the command line
    noInput = 66,      // a file that was named cannot be read
    unavailable = 69,  // a service cannot start, or did not stop in time
    software = 70,     // a mistake in the program
    os = 71,           // the system refused something that should have worked
    cannotCreate = 73, // pidfile, log, profile
    alreadyRunning = 75,
    noPermission = 77,
    config = 78, // the configuration file
};

/// Why the daemon does not run: one line for the person who started it, and the status to exit with.
struct StartFailure {
    StartFailure() = default;
    StartFailure(ExitCode status, std::string text) : code(status), message(std::move(text)) {}
    /// EACCES and EPERM become noPermission, everything else `otherwise`.
    static StartFailure from(const Error& error, ExitCode otherwise);
    static StartFailure from(const Failure& failure, ExitCode otherwise);

    ExitCode code = ExitCode::software;
    std::string message;
};

} // namespace twistdpp
