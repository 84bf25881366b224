#include "twistdpp/daemon/privileges.h"

#include "twistdpp/base/number.h"

#include <cerrno>
#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace twistdpp {

namespace {

StartFailure systemError(const std::string& what) {
    return StartFailure::from(Error::fromErrno(errno, what), ExitCode::os);
}

Result<void, StartFailure> resolveUser(const std::string& text, Identity& identity, std::string& name) {
    const passwd* entry = ::getpwnam(text.c_str());
    if (!entry) {
        const auto number = parseUnsigned<uid_t>(text);
        if (!number || *number == static_cast<uid_t>(-1))
            return StartFailure(ExitCode::usage, "--uid " + text + ": there is no such user");
        identity.user = *number;
        entry = ::getpwuid(*number);
    }
    if (!entry)
        return {};
    identity.user = entry->pw_uid;
    identity.group = entry->pw_gid;
    name = entry->pw_name;
    return {};
}

Result<void, StartFailure> resolveGroup(const std::string& text, Identity& identity) {
    if (const group* entry = ::getgrnam(text.c_str())) {
        identity.group = entry->gr_gid;
        return {};
    }
    const auto number = parseUnsigned<gid_t>(text);
    if (!number || *number == static_cast<gid_t>(-1))
        return StartFailure(ExitCode::usage, "--gid " + text + ": there is no such group");
    identity.group = *number;
    return {};
}

/// All groups of the user of that name, with `group` in the place of the main one.
std::vector<gid_t> groupsOf(const std::string& name, gid_t group) {
    int count = 32;
    std::vector<gid_t> groups;
    do
        groups.resize(static_cast<std::size_t>(count));
    while (::getgrouplist(name.c_str(), group, groups.data(), &count) < 0);
    groups.resize(static_cast<std::size_t>(count));
    return groups;
}

Result<void, StartFailure> checkFolder(const char* option, const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0)
        return systemError(std::string(option) + " " + path);
    if (!S_ISDIR(status.st_mode))
        return StartFailure(ExitCode::usage, std::string(option) + " " + path + ": is no folder");
    return {};
}

} // namespace

Result<Identity, StartFailure> resolveIdentity(const RunnerOptions& options) {
    Identity identity;
    std::string name;
    using Done = Result<void, StartFailure>;
    if (Done done = options.uid.empty() ? Done() : resolveUser(options.uid, identity, name); !done)
        return std::move(done).error();
    if (Done done = options.gid.empty() ? Done() : resolveGroup(options.gid, identity); !done)
        return std::move(done).error();
    if (identity.user && !identity.group)
        return StartFailure(
            ExitCode::usage, "--uid " + options.uid +
                                 ": has no entry in the user database, so name "
                                 "its group with --gid"
        );
    if (identity.group)
        identity.groups =
            name.empty() ? std::vector<gid_t>{*identity.group} : groupsOf(name, *identity.group);
    const bool root = ::geteuid() == 0;
    const bool other = (identity.user && *identity.user != ::geteuid()) ||
                       (identity.group && *identity.group != ::getegid());
    if (other && !root)
        return StartFailure(ExitCode::noPermission, "--uid and --gid: only root can become another user");
    if (!options.chroot.empty() && !root)
        return StartFailure(ExitCode::noPermission, "--chroot: only root can change the root folder");
    if (Done done = options.chroot.empty() ? Done() : checkFolder("--chroot", options.chroot); !done)
        return std::move(done).error();
    if (Done done = checkFolder("--rundir", options.workFolder()); !done)
        return std::move(done).error();
    return identity;
}

Result<void, StartFailure> forbidNewPrivileges() {
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return systemError("--no-new-privileges");
    return {};
}

Result<void, StartFailure> becomeUnprivileged(const RunnerOptions& options, const Identity& identity) {
    if (!options.chroot.empty() && (::chroot(options.chroot.c_str()) != 0 || ::chdir("/") != 0))
        return systemError("--chroot " + options.chroot);
    if (::chdir(options.rundir.c_str()) != 0)
        return systemError("--rundir " + options.rundir);
    if (options.umask)
        ::umask(*options.umask);
    else if (!options.nodaemon)
        ::umask(0077);
    if (!identity.changes())
        return {};

    if (identity.group) {
        if (::geteuid() == 0 && ::setgroups(identity.groups.size(), identity.groups.data()) != 0)
            return systemError("set the supplementary groups");
        const gid_t group = *identity.group;
        if (options.euid ? ::setegid(group) != 0 : ::setresgid(group, group, group) != 0)
            return systemError("become group " + std::to_string(group));
    }
    if (identity.user) {
        const uid_t user = *identity.user;
        if (options.euid ? ::seteuid(user) != 0 : ::setresuid(user, user, user) != 0)
            return systemError("become user " + std::to_string(user));
    }
    return {};
}

} // namespace twistdpp
