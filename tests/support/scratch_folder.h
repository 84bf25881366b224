#pragma once
#include "twistdpp/base/bytes.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <string>
#include <sys/stat.h>

namespace twistdpp::test {

/// A folder that only this test has, gone with the object.
class ScratchFolder {
public:
    ScratchFolder() {
        // mkdtemp() puts six characters of its own in place of the last ones.
        std::string pattern = (std::filesystem::temp_directory_path() / "scratch.XXXXXX").string();
        path_ = ::mkdtemp(pattern.data());
        ::chmod(path_.c_str(), 0700);
    }
    ~ScratchFolder() { std::filesystem::remove_all(path_); }
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;

    const std::string& path() const { return path_; }
    /// Writes a file, or replaces it by a new one, with its folders.
    std::string write(const std::string& name, Bytes text, mode_t mode = 0600) const {
        const std::filesystem::path target = std::filesystem::path(path_) / name;
        std::filesystem::create_directories(target.parent_path());
        const std::filesystem::path fresh = target.string() + ".new";
        std::ofstream(fresh, std::ios::binary) << text;
        ::chmod(fresh.c_str(), mode);
        std::filesystem::rename(fresh, target);
        return target.string();
    }

private:
    std::string path_;
};

} // namespace twistdpp::test
