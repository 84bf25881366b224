#pragma once
#include "twistdpp/base/result.h"
#include "twistdpp/daemon/exit_code.h"
#include "twistdpp/daemon/runner_options.h"

#include <optional>
#include <string>
#include <sys/types.h>

namespace twistdpp {

/// Who the daemon becomes; looked up at the start, since the user database is out of sight in a chroot.
struct Identity {
    std::optional<uid_t> user;
    std::optional<gid_t> group;
    /// For the supplementary groups; empty for a number without an entry.
    std::string name;
    bool changes() const noexcept { return user || group; }
};

/// Checks --uid, --gid, --chroot and --rundir: unknown names, folders that are not there, and what only root
/// may do.
Result<Identity, StartFailure> resolveIdentity(const RunnerOptions& options);

/// In this order: chroot, run folder, umask, no_new_privs, groups, user. For all threads, except
/// no_new_privs: call forbidNewPrivileges() before there are any.
Result<void, StartFailure> becomeUnprivileged(const RunnerOptions& options, const Identity& identity);
Result<void, StartFailure> forbidNewPrivileges();

} // namespace twistdpp
