#include "twistdpp/base/unique_fd.h"

#include <unistd.h>

namespace twistdpp {

void UniqueFd::reset(int fd) noexcept {
    if (const int old = std::exchange(fd_, fd); old >= 0)
        ::close(old);
}

} // namespace twistdpp
