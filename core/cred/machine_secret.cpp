#include "twistdpp/cred/machine_secret.h"

#include "twistdpp/base/unique_fd.h"
#include "twistdpp/cred/password_digest.h"
#include "twistdpp/cred/read_file.h"

#include <sys/stat.h>

namespace twistdpp {

namespace {

std::string make() {
    struct stat status {};
    if (const auto fd = openForReading("/etc/machine-id", status)) {
        const auto id = readWhole(fd->get(), 4096, "machine-id");
        if (id && id->size() >= 32)
            return hmacSha256(*id, "twistdpp machine secret");
    }
    return randomBytes(32);
}

} // namespace

const std::string& machineSecret() {
    static const std::string secret = make();
    return secret;
}

} // namespace twistdpp
