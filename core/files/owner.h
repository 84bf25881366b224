#pragma once
#include <optional>
#include <sys/types.h>
#include <vector>

namespace twistdpp::files {

/// A user of the system, by whose rights files are touched.
struct Owner {
    uid_t uid = 0;
    gid_t gid = 0;
    std::vector<gid_t> groups;
};

/// While it lives, this thread, and no other, reads and writes files as that user: its file system ids and
/// groups (setfsuid(2)), without root's capabilities for files. Does nothing without an owner, and where the
/// process is not root. For work of the pool, whose threads serve others next: one at a time of a thread.
class ActingAs {
public:
    explicit ActingAs(const std::optional<Owner>& owner);
    ~ActingAs();
    ActingAs(const ActingAs&) = delete;
    ActingAs& operator=(const ActingAs&) = delete;

private:
    bool changed_ = false;
    std::vector<gid_t> groups_; // before
    gid_t gid_ = 0;
};

} // namespace twistdpp::files
