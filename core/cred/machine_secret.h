#pragma once
#include <string>

namespace twistdpp {

/// 32 bytes that nobody outside of this machine knows and that a restart does not change, made from its
/// machine-id(5): for what has to stay the same and must not be guessed, such as the salt of a user who does
/// not exist. Not for anything that local users must not find out. Where there is no machine-id they are
/// random, and last as long as the process.
const std::string& machineSecret();

} // namespace twistdpp
