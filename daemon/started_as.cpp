#include "twistdpp/daemon/started_as.h"

#include "twistdpp/base/number.h"

#include <cstdint>
#include <cstdlib>
#include <dirent.h>
#include <fcntl.h>
#include <filesystem>
#include <memory>
#include <sys/stat.h>

namespace twistdpp {

namespace {

constexpr int kAboveStandard = 3;

bool sameFile(const std::string& path, const char* other) {
    struct stat a {
    }, b{};
    return ::stat(path.c_str(), &a) == 0 && ::stat(other, &b) == 0 && a.st_dev == b.st_dev &&
           a.st_ino == b.st_ino;
}

std::string absolute(const std::string& path) {
    std::error_code ignored;
    return std::filesystem::absolute(path, ignored).string();
}

/// As execvp(3) finds it.
std::string findProgram(const std::string& name) {
    constexpr const char* self = "/proc/self/exe";
    if (name.find('/') != std::string::npos && sameFile(name, self))
        return absolute(name);
    const char* variable = std::getenv("PATH");
    std::string folders = variable ? variable : "";
    while (name.find('/') == std::string::npos && !folders.empty()) {
        const std::string folder = folders.substr(0, folders.find(':'));
        folders.erase(0, folder.size() + 1);
        const std::string path = (folder.empty() ? "." : folder) + "/" + name;
        if (sameFile(path, self))
            return absolute(path);
    }
    std::error_code ignored;
    return std::filesystem::read_symlink(self, ignored).string();
}

} // namespace

StartedAs StartedAs::now(int argc, char** argv) {
    StartedAs start;
    start.arguments.assign(argv, argv + argc);
    start.executable = findProgram(argc > 0 ? argv[0] : "");
    std::error_code ignored;
    start.folder = std::filesystem::current_path(ignored).string();
    const std::unique_ptr<DIR, int (*)(DIR*)> open(::opendir("/proc/self/fd"), &::closedir);
    while (const dirent* entry = open ? ::readdir(open.get()) : nullptr) {
        const auto number = parseUnsigned<std::uint32_t>(entry->d_name);
        struct stat info {};
        if (!number || *number < kAboveStandard)
            continue;
        const int fd = static_cast<int>(*number);
        if ((::fcntl(fd, F_GETFD) & FD_CLOEXEC) == 0 && ::fstat(fd, &info) == 0)
            start.descriptors_.push_back({fd, info.st_dev, info.st_ino});
    }
    return start;
}

std::vector<std::string> StartedAs::options() const {
    return {arguments.begin() + (arguments.empty() ? 0 : 1), arguments.end()};
}

std::vector<int> StartedAs::descriptors() const {
    std::vector<int> left;
    for (const Descriptor& each : descriptors_) {
        struct stat info {};
        if (::fstat(each.number, &info) == 0 && info.st_dev == each.device && info.st_ino == each.file)
            left.push_back(each.number);
    }
    return left;
}

} // namespace twistdpp
