#pragma once
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <string>
#include <unistd.h>

namespace twistdpp::test {

/// A folder that is gone after the test.
class ScratchFiles {
public:
    ScratchFiles() {
        const auto* const info = testing::UnitTest::GetInstance()->current_test_info();
        folder_ = std::filesystem::temp_directory_path() /
                  (std::string("tls_") + info->name() + "_" + std::to_string(::getpid()));
        std::filesystem::create_directories(folder_);
    }
    ~ScratchFiles() { std::filesystem::remove_all(folder_); }
    ScratchFiles(const ScratchFiles&) = delete;
    ScratchFiles& operator=(const ScratchFiles&) = delete;

    std::string store(const std::string& name, const std::string& text) const {
        std::ofstream(folder_ / name) << text;
        return path(name);
    }
    std::string path(const std::string& name = {}) const {
        return (name.empty() ? folder_ : folder_ / name).string();
    }

private:
    std::filesystem::path folder_;
};

} // namespace twistdpp::test
