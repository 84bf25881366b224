#include "twistdpp/app/machine_name.h"

#include <array>
#include <unistd.h>

namespace twistdpp {

std::string machineName() {
    std::array<char, 256> name{};
    if (::gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0')
        return "localhost";
    return name.data();
}

} // namespace twistdpp
