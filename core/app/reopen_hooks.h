#pragma once
#include "twistdpp/base/result.h"
#include "twistdpp/base/unique_function.h"

#include <sys/types.h>
#include <vector>

namespace twistdpp {

/// The log files of the process, wherever they were opened: the daemon's own and the access logs of services.
/// Construction and destruction enter and remove it from the list; any thread.
class ReopenHook {
public:
    ReopenHook();
    virtual ~ReopenHook();
    ReopenHook(const ReopenHook&) = delete;
    ReopenHook& operator=(const ReopenHook&) = delete;

    /// SIGUSR1: the file was renamed, open it anew. On an error the old one stays in use.
    virtual Result<void> reopen() = 0;
    /// Before the daemon changes its user.
    virtual Result<void> giveTo(uid_t user, gid_t group) = 0;
};

/// Both return the errors of those that failed; the others were done.
std::vector<Error> reopenLogs();
std::vector<Error> giveLogsTo(uid_t user, gid_t group);

} // namespace twistdpp
