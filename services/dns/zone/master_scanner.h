#pragma once
#include "twistdpp/base/bytes.h"
#include "twistdpp/dns_wire/rdata.h"

#include <span>
#include <vector>

namespace twistdpp::dns {

/// Cuts a master file into entries and these into words (RFC 1035 section 5.1): parentheses, quotes,
/// comments, escapes and line ends of any system. The words are borrowed from the text, which is read once
/// from front to back; the list of them is reused.
class MasterScanner {
public:
    /// The text is that of a TextFile, or another one with a line end behind its last byte.
    explicit MasterScanner(Bytes text, unsigned firstLine = 1) noexcept
        : at_(text.data()), end_(text.data() + text.size()), nextLine_(firstLine) {}

    /// The same for another text, in the memory of this one.
    void restart(Bytes text, unsigned firstLine = 1) noexcept {
        at_ = text.data();
        end_ = text.data() + text.size();
        nextLine_ = firstLine;
    }

    enum class Found {
        entry,
        problem, // problem() tells what is wrong with the entry; the next call goes on behind it
        end,
    };
    /// Goes to the next entry that is not empty.
    Found next();

    /// What the entry is made of; valid until the next call of next(). Never empty.
    std::span<const Token> words() const noexcept { return words_; }
    /// Whether it begins with a blank, so that it has the owner of the one before.
    bool beginsWithBlank() const noexcept { return beginsWithBlank_; }
    /// Where it begins.
    unsigned line() const noexcept { return line_; }
    /// Whether some word is of the form key="value", as SVCB has them (RFC 9460 section 2.1): it is one word,
    /// quotes included.
    bool hasQuotedValues() const noexcept { return quotedValues_; }
    const char* problem() const noexcept { return problem_; }

private:
    const char* entry(const char* at);
    const char* word(const char* at);
    const char* quotedPart(const char* at);
    const char* lineEnd(const char* at) noexcept;
    void add(Bytes text, bool quoted);
    void fail(const char* problem) noexcept { problem_ = problem_ == nullptr ? problem : problem_; }

    const char* at_;
    const char* end_;
    std::vector<Token> words_;
    const char* problem_ = nullptr;
    unsigned line_ = 0, nextLine_;
    unsigned depth_ = 0; // of parentheses
    bool beginsWithBlank_ = false, quotedValues_ = false;
};

/// The words as all types but SVCB and HTTPS see them: key="value" is the word key= and a quoted one. `to` is
/// filled anew.
void splitQuotedValues(std::span<const Token> words, std::vector<Token>& to);

} // namespace twistdpp::dns
