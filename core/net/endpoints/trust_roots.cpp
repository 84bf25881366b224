#include "twistdpp/endpoints/trust_roots.h"

#include <algorithm>
#include <filesystem>
#include <vector>

namespace twistdpp {

Result<Pem> readTrustRoots(const std::string& path) {
    namespace fs = std::filesystem;
    std::error_code error;
    if (!fs::is_directory(path, error))
        return Pem::file(path);
    std::vector<std::string> files;
    for (fs::directory_iterator at(path, error), end; !error && at != end; at.increment(error)) {
        if (at->path().extension() == ".pem")
            files.push_back(at->path().string());
    }
    if (error)
        return Error(error, "folder '" + path + "'");
    if (files.empty())
        return Error("folder '" + path + "' holds no *.pem files");
    std::sort(files.begin(), files.end());
    std::string all;
    for (const std::string& file : files) {
        auto text = Pem::file(file).read("certificate");
        if (!text)
            return std::move(text).error();
        all.append(*text).append("\n");
    }
    return Pem::text(std::move(all));
}

} // namespace twistdpp
