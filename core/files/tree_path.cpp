#include "twistdpp/files/tree_path.h"

#include "twistdpp/base/ascii.h"

#include <climits>
#include <vector>

namespace twistdpp::files {

std::optional<std::string> resolvePath(Bytes from, Bytes path) {
    if (path.find('\0') != Bytes::npos || from.size() + path.size() >= PATH_MAX)
        return std::nullopt;
    std::vector<Bytes> parts;
    const auto walk = [&](Bytes text) {
        while (!text.empty()) {
            const Bytes part = ascii::cut(text, '/');
            if (part.size() > NAME_MAX)
                return false;
            if (part == "..") {
                if (!parts.empty())
                    parts.pop_back();
            } else if (!part.empty() && part != ".") {
                parts.push_back(part);
            }
        }
        return true;
    };
    if ((!path.starts_with('/') && !walk(from)) || !walk(path))
        return std::nullopt;
    std::string out;
    for (const Bytes part : parts)
        out.append("/").append(part);
    return out.empty() ? std::string("/") : out;
}

SplitPath splitPath(Bytes path) {
    const std::size_t slash = path.rfind('/');
    return {
        std::string(slash == 0 ? Bytes("/") : path.substr(0, slash)), std::string(path.substr(slash + 1))};
}

} // namespace twistdpp::files
