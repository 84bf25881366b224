#include "twistdpp/cred/trusted_file.h"

#include "twistdpp/base/unique_fd.h"
#include "twistdpp/cred/read_file.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <sys/stat.h>

namespace twistdpp {

namespace {

Result<std::string> realPath(const std::string& path) {
    const std::unique_ptr<char, decltype(&std::free)> real(::realpath(path.c_str(), nullptr), &std::free);
    if (!real)
        return Error::fromErrno(errno, "read " + path);
    return std::string(real.get());
}

Result<void> checkOwner(const struct stat& status, unsigned uid, const std::string& path) {
    if (status.st_uid != 0 && status.st_uid != uid)
        return Error(path + ": belongs to neither the user nor root, so it is not used (chown)");
    if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return Error(path + ": others than its owner can write it, so it is not used (chmod go-w)");
    return {};
}

} // namespace

Result<std::string>
readTrustedFile(const std::string& path, unsigned uid, const std::string& home, std::size_t limit) {
    Result<std::string> real = realPath(path);
    if (!real)
        return real;
    struct stat status {};
    Result<UniqueFd> fd = openForReading(*real, status);
    if (!fd)
        return std::move(fd).error();
    if (Result<void> trusted = checkOwner(status, uid, *real); !trusted)
        return std::move(trusted).error();
    const Result<std::string> realHome = home.empty() ? Result<std::string>(std::string()) : realPath(home);
    for (std::string folder = *real; folder != "/";) {
        folder.resize(std::max(folder.rfind('/'), std::size_t{1})); // the root keeps its '/'
        if (::stat(folder.c_str(), &status) != 0)
            return Error::fromErrno(errno, "read " + folder);
        if (Result<void> trusted = checkOwner(status, uid, folder); !trusted)
            return std::move(trusted).error();
        if (realHome && folder == *realHome)
            break;
    }
    return readWhole(fd->get(), limit, *real);
}

} // namespace twistdpp
