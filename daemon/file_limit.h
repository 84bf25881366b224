#pragma once

namespace twistdpp {

/// Lets this process open as many files as it may without asking anybody: the soft limit becomes the hard
/// one. The usual soft limit of 1,024 is there for programs that use select(); it would end a server's growth
/// at a thousand clients.
void raiseFileLimit() noexcept;

} // namespace twistdpp
