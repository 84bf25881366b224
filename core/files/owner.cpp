#include "twistdpp/files/owner.h"

#include <cstdlib>
#include <grp.h>
#include <sys/fsuid.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace twistdpp::files {

namespace {

/// glibc's setgroups() changes all threads (as POSIX wants it); this changes the calling one.
bool setGroups(const std::vector<gid_t>& groups) {
    return ::syscall(SYS_setgroups, groups.size(), groups.data()) == 0;
}

/// These two give the id before, whether it worked or not; -1 changes nothing and gives the present one.
bool setFileIds(uid_t uid, gid_t gid) {
    ::setfsgid(gid);
    ::setfsuid(uid);
    return static_cast<gid_t>(::setfsgid(static_cast<gid_t>(-1))) == gid &&
           static_cast<uid_t>(::setfsuid(static_cast<uid_t>(-1))) == uid;
}

} // namespace

ActingAs::ActingAs(const std::optional<Owner>& owner) {
    if (!owner || ::geteuid() != 0 || owner->uid == 0)
        return;
    gid_ = ::getegid();
    const int count = ::getgroups(0, nullptr);
    groups_.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    if (count > 0 && ::getgroups(count, groups_.data()) != count)
        std::abort();
    changed_ = true;
    // Half of it would be somebody else's rights, which nothing may be done with.
    if (!setGroups(owner->groups) || !setFileIds(owner->uid, owner->gid))
        std::abort();
}

ActingAs::~ActingAs() {
    if (changed_ && (!setFileIds(0, gid_) || !setGroups(groups_)))
        std::abort();
}

} // namespace twistdpp::files
