#include "twistdpp/mail_server/maildir_flags.h"

#include <algorithm>
#include <array>

namespace twistdpp::mail {

namespace {

using imap::Flag;

struct Letter {
    char letter;
    unsigned flag;
};
constexpr std::array<Letter, 6> kLetters{
    {{'D', Flag::draft},
     {'F', Flag::flagged},
     {'P', Flag::forwarded},
     {'R', Flag::answered},
     {'S', Flag::seen},
     {'T', Flag::deleted}}};

bool isKeyword(char letter) noexcept {
    return letter >= 'a' && letter <= 'z';
}

} // namespace

std::string maildirFlags(unsigned flags, const std::string& before) {
    std::string out = before;
    std::erase_if(out, [](char c) {
        return isKeyword(c) || std::any_of(kLetters.begin(), kLetters.end(), [&](const Letter& each) {
                   return each.letter == c;
               });
    });
    for (const Letter& each : kLetters) {
        if ((flags & each.flag) != 0)
            out += each.letter;
    }
    for (std::size_t i = 0; i < imap::kMostKeywords; ++i) {
        if ((flags & Flag::keyword(i)) != 0)
            out += static_cast<char>('a' + i);
    }
    std::sort(out.begin(), out.end());
    return out;
}

unsigned flagsFromMaildir(const std::string& letters) noexcept {
    unsigned out = 0;
    for (const Letter& each : kLetters) {
        if (letters.find(each.letter) != std::string::npos)
            out |= each.flag;
    }
    for (const char c : letters)
        out |= isKeyword(c) ? Flag::keyword(static_cast<std::size_t>(c - 'a')) : 0U;
    return out;
}

} // namespace twistdpp::mail
