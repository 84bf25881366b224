#pragma once
#include "twistdpp/base/result.h"
#include "twistdpp/base/unique_fd.h"
#include "twistdpp/reactor/process.h"

#include <sys/types.h>

namespace twistdpp {

/// A child that runs, and our ends of its standard descriptors; with a terminal `input` is its master and the
/// others are empty.
struct ForkedChild {
    pid_t pid = -1;
    UniqueFd input;
    UniqueFd output;
    UniqueFd error;
    UniqueFd exited; // a pidfd: readable once the child is gone
};

/// fork and exec. Everything that allocates is done before the fork, so that it is safe with threads.
Result<ForkedChild> forkExec(const ProcessSpec& spec);

} // namespace twistdpp
