#pragma once
#include "twistdpp/base/result.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace twistdpp {

/// The text of a file that grants access to the user `uid`, when nobody but that user and root could have
/// written it: the file and every folder above it up to `home` (or up to the root, when it is not below
/// `home`) belong to one of the two and are writable for no one else. What sshd calls StrictModes. Symbolic
/// links are followed first. The error of a file that is not there has the code ENOENT. Blocks.
Result<std::string>
readTrustedFile(const std::string& path, unsigned uid, const std::string& home, std::size_t limit);

} // namespace twistdpp
