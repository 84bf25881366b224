#include "twistdpp/dns_zone/master_scanner.h"

#include <array>

namespace twistdpp::dns {

namespace {

/// More than the largest rdata can need: 65,535 bytes in hexadecimal, each digit alone.
constexpr std::size_t kMaxWords = 131'100;

enum class Kind : unsigned char { word, escape, blank, lineEnd, comment, quote, open, close, nul };

constexpr auto kKinds = [] {
    std::array<Kind, 256> kinds{}; // all others are parts of words
    kinds['\\'] = Kind::escape;
    kinds[' '] = kinds['\t'] = Kind::blank;
    kinds['\n'] = kinds['\r'] = Kind::lineEnd;
    kinds[';'] = Kind::comment;
    kinds['"'] = Kind::quote;
    kinds['('] = Kind::open;
    kinds[')'] = Kind::close;
    kinds['\0'] = Kind::nul;
    return kinds;
}();

Kind kind(char c) noexcept {
    return kKinds[static_cast<unsigned char>(c)];
}

/// Behind the character that a backslash at `at` takes its meaning from. A line end keeps its own.
const char* escaped(const char* at) noexcept {
    const Kind next = kind(at[1]);
    return next == Kind::lineEnd || next == Kind::nul ? at + 1 : at + 2;
}

} // namespace

MasterScanner::Found MasterScanner::next() {
    for (;;) {
        if (at_ >= end_)
            return Found::end;
        words_.clear();
        problem_ = nullptr;
        quotedValues_ = false;
        depth_ = 0;
        line_ = nextLine_;
        beginsWithBlank_ = kind(*at_) == Kind::blank;
        at_ = entry(at_);
        if (problem_ != nullptr)
            return Found::problem;
        if (!words_.empty())
            return Found::entry;
    }
}

/// Returns where the next entry begins.
const char* MasterScanner::entry(const char* at) {
    for (;;) {
        switch (kind(*at)) {
        case Kind::blank:
            ++at;
            break;
        case Kind::word:
        case Kind::escape:
            at = word(at);
            break;
        case Kind::quote: {
            const char* const begin = at + 1;
            at = quotedPart(at);
            if (problem_ == nullptr)
                add({begin, static_cast<std::size_t>(at - begin - 1)}, true);
            break;
        }
        case Kind::lineEnd:
            at = lineEnd(at);
            if (depth_ == 0)
                return at;
            if (at >= end_) {
                fail("a parenthesis is opened and never closed (RFC 1035 section 5.1)");
                return at;
            }
            break;
        case Kind::comment:
            while (kind(*at) != Kind::lineEnd)
                ++at;
            break;
        case Kind::open:
            ++depth_;
            ++at;
            break;
        case Kind::close:
            if (depth_ == 0)
                fail("a parenthesis is closed that was not opened (RFC 1035 section 5.1)");
            else
                --depth_;
            ++at;
            break;
        case Kind::nul:
            fail("the entry has a byte 0: is this a text file?");
            ++at;
            break;
        }
    }
}

const char* MasterScanner::lineEnd(const char* at) noexcept {
    ++nextLine_;
    return at[0] == '\r' && at + 1 < end_ && at[1] == '\n' ? at + 2 : at + 1;
}

const char* MasterScanner::word(const char* at) {
    const char* const begin = at;
    for (;;) {
        while (kind(*at) == Kind::word)
            ++at;
        if (kind(*at) == Kind::escape) {
            at = escaped(at);
        } else if (kind(*at) == Kind::quote && at > begin && at[-1] == '=') {
            quotedValues_ = true;
            at = quotedPart(at);
        } else {
            break;
        }
    }
    add({begin, static_cast<std::size_t>(at - begin)}, false);
    return at;
}

/// From the opening quote to behind the closing one. Without parentheses the string must end on its line, so
/// that a forgotten quote costs one entry and not the rest of the file.
const char* MasterScanner::quotedPart(const char* at) {
    ++at;
    for (;;) {
        switch (kind(*at)) {
        case Kind::quote:
            return at + 1;
        case Kind::escape:
            at = escaped(at);
            break;
        case Kind::lineEnd:
            if (depth_ == 0 || at >= end_) {
                fail("a quoted string is not closed (RFC 1035 section 5.1)");
                return at;
            }
            at = lineEnd(at);
            break;
        case Kind::nul:
            fail("the entry has a byte 0: is this a text file?");
            ++at;
            break;
        default:
            ++at;
        }
    }
}

void MasterScanner::add(Bytes text, bool quoted) {
    if (words_.size() >= kMaxWords) {
        fail("the entry has more words than any record can have");
        return;
    }
    words_.push_back({text, quoted});
}

void splitQuotedValues(std::span<const Token> words, std::vector<Token>& to) {
    to.clear();
    for (const Token& word : words) {
        if (word.quoted) {
            to.push_back(word);
            continue;
        }
        bool inside = false;
        std::size_t begin = 0;
        const auto part = [&](std::size_t end) {
            if (inside || end > begin)
                to.push_back({word.text.substr(begin, end - begin), inside});
        };
        for (std::size_t i = 0; i < word.text.size(); ++i) {
            if (word.text[i] == '\\') {
                ++i;
            } else if (word.text[i] == '"') {
                part(i);
                inside = !inside;
                begin = i + 1;
            }
        }
        part(word.text.size());
    }
}

} // namespace twistdpp::dns
