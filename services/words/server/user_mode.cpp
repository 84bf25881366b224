#include "twistdpp/words_server/user_mode.h"

#include "twistdpp/words_server/user.h"

namespace twistdpp::words {

std::string userModeText(const User& user) {
    std::string out = "+";
    for (std::size_t i = 0; i < kUserModeLetters.size(); ++i) {
        if (user.has(1U << i))
            out += kUserModeLetters[i];
    }
    return out;
}

} // namespace twistdpp::words
