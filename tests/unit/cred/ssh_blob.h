#pragma once
#include <string>

namespace twistdpp::test {

/// A key in wire form as far as cred looks at it: the type as a string, then anything.
inline std::string sshBlob(const std::string& type, const std::string& rest) {
    std::string blob(3, '\0');
    blob += static_cast<char>(type.size());
    return blob + type + rest;
}

} // namespace twistdpp::test
