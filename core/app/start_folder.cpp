#include "twistdpp/app/start_folder.h"

#include <filesystem>

namespace twistdpp {

const std::string& startFolder() {
    static const std::string folder = [] {
        std::error_code ignored;
        return std::filesystem::current_path(ignored).string();
    }();
    return folder;
}

std::string fromStartFolder(const std::string& path) {
    return (std::filesystem::path(startFolder()) / path).lexically_normal().string();
}

} // namespace twistdpp
