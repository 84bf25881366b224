#include "twistdpp/tls/sni_map.h"

#include "twistdpp/base/ascii.h"

#include <algorithm>
#include <filesystem>

namespace twistdpp::detail {

namespace {

std::string normal(Bytes name) {
    if (name.ends_with('.'))
        name.remove_suffix(1);
    return ascii::toLower(name);
}

} // namespace

bool SniMap::valid(Bytes name) noexcept {
    if (name.starts_with("*."))
        name.remove_prefix(2);
    if (name.ends_with('.'))
        name.remove_suffix(1);
    if (name.empty() || name.size() > 253)
        return false;
    while (!name.empty()) {
        const Bytes label = ascii::cut(name, '.');
        if (label.empty() || label.size() > 63)
            return false;
        for (const char c : label) {
            if (!ascii::isAlpha(c) && !ascii::isDigit(c) && c != '-' && c != '_')
                return false;
        }
    }
    return true;
}

void SniMap::add(Bytes name, std::size_t identity) {
    names_[normal(name)].push_back(identity);
}

const std::vector<std::size_t>* SniMap::find(Bytes host) const {
    const std::string name = normal(host);
    auto at = names_.find(name);
    if (at == names_.end()) {
        const auto dot = name.find('.');
        if (dot == std::string::npos || dot == 0)
            return nullptr;
        at = names_.find("*" + name.substr(dot));
    }
    return at == names_.end() ? nullptr : &at->second;
}

Result<PemFolder> readPemFolder(const std::string& path) {
    namespace fs = std::filesystem;
    std::error_code error;
    std::vector<fs::path> files;
    for (fs::directory_iterator at(path, error), end; !error && at != end; at.increment(error)) {
        if (at->path().extension() == ".pem")
            files.push_back(at->path());
    }
    if (error)
        return Error(error, "cannot read the certificate folder '" + path + "'");
    if (files.empty())
        return Error("the certificate folder '" + path + "' holds no *.pem file");
    std::sort(files.begin(), files.end());
    PemFolder found;
    for (const fs::path& file : files) {
        fs::path key = file;
        key.replace_extension(".key");
        const bool apart = fs::exists(key, error);
        auto& list = file.stem() == "default" ? found.fallback : found.named;
        list.push_back(TlsIdentity::files(file.string(), apart ? key.string() : std::string()));
    }
    return found;
}

} // namespace twistdpp::detail
