#pragma once
#include <string>

namespace twistdpp {

/// The working folder at the first call, which the daemon makes before anything else: what relative names in
/// options count from, also at a reload, when the process has long changed to its run folder. Any thread.
const std::string& startFolder();

/// `path` without dot segments, from startFolder() if it is relative. Behind a chroot it still names the
/// place outside, and leads nowhere.
std::string fromStartFolder(const std::string& path);

} // namespace twistdpp
