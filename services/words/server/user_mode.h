#pragma once
#include "twistdpp/base/bytes.h"

#include <string>

namespace twistdpp::words {

class User;

/// User modes as bits. A new one takes a line here and its letter below.
struct UserMode {
    static constexpr unsigned invisible = 1; // i: WHO and NAMES show it only to who shares a channel
    static constexpr unsigned oper = 2;      // o
    static constexpr unsigned wallops = 4;   // w: gets WALLOPS
    static constexpr unsigned notices = 8;   // s: operators: gets notices of the server
    static constexpr unsigned bot = 16;      // B: a program, and says so (IRCv3 "bot mode")
};

/// Letter i is bit i of UserMode.
inline constexpr Bytes kUserModeLetters = "iowsB";

/// "+iw".
std::string userModeText(const User& user);

} // namespace twistdpp::words
