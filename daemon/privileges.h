#pragma once
#include "twistdpp/base/result.h"
#include "twistdpp/daemon/exit_code.h"
#include "twistdpp/daemon/runner_options.h"

#include <optional>
#include <sys/types.h>
#include <vector>

namespace twistdpp {

/// Who the daemon becomes; looked up at the start, since the user database is out of sight in a chroot, or is
/// another one.
struct Identity {
    std::optional<uid_t> user;
    std::optional<gid_t> group;
    /// The supplementary groups: those of the user's entry; without one, `group` alone.
    std::vector<gid_t> groups;
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
