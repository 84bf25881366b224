#pragma once
#include "twistdpp/base/bytes.h"

#include <optional>
#include <string>

namespace twistdpp::files {

/// A path as somebody writes it, seen from a folder: "../x//y/." from "/a/b" is "/a/x/y". Dots are taken by
/// the letter, and ".." of the root is the root (RFC 959 knows none, and people expect it). Nothing for a
/// path that has a NUL in it, or is longer than the system takes.
std::optional<std::string> resolvePath(Bytes from, Bytes path);

/// The folder that a plain path is in, and its name there: "/a" and "b" of "/a/b"; "/" and "" of the root.
struct SplitPath {
    std::string folder;
    std::string name;
};
SplitPath splitPath(Bytes path);

} // namespace twistdpp::files
