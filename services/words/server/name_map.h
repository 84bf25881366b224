#pragma once
#include "twistdpp/irc/casemapping.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

namespace twistdpp::words {

/// Hash and equality under the server's casemapping (ascii), so that a name is looked up as it came, without
/// a folded copy.
struct FoldHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view name) const noexcept {
        std::uint64_t hash = 0xcbf29ce484222325U;
        for (const char c : name)
            hash = (hash ^ static_cast<unsigned char>(irc::foldByte(c, irc::Casemapping::ascii))) *
                   0x100000001b3U;
        return static_cast<std::size_t>(hash);
    }
};
struct FoldEqual {
    using is_transparent = void;
    bool operator()(std::string_view a, std::string_view b) const noexcept { return irc::sameName(a, b); }
};

/// Things by nick or by channel name.
template <class T>
using NameMap = std::unordered_map<std::string, T, FoldHash, FoldEqual>;

} // namespace twistdpp::words
