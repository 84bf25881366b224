#pragma once
#include "twistdpp/irc/limits.h"
#include "twistdpp/irc/utf8.h"

#include "twistdpp/base/bytes.h"

#include <algorithm>
#include <array>
#include <initializer_list>

namespace twistdpp::irc {

/// Builds the body of one message in place: at most kMaxBody bytes, cut at a character's border, and nothing
/// that was put in can end the line early. A value that lives on the stack; allocates nothing.
class LineWriter {
public:
    LineWriter() noexcept = default;
    /// ":source COMMAND"; an empty source is left out.
    LineWriter(Bytes source, Bytes command) noexcept {
        if (!source.empty())
            put(":").put(source).put(" ");
        put(command);
    }

    LineWriter& put(Bytes text) noexcept {
        text = text.substr(0, utf8Boundary(text, kMaxBody - size_));
        for (const char c : text)
            bytes_[size_++] = c == '\r' || c == '\n' || c == '\0' ? ' ' : c;
        return *this;
    }
    /// A parameter that has no spaces and does not begin with ':'.
    LineWriter& word(Bytes text) noexcept { return put(" ").put(text); }
    /// The last parameter, which may be any text.
    LineWriter& trailing(Bytes text) noexcept { return put(" :").put(text); }
    /// How many bytes still fit.
    std::size_t room() const noexcept { return kMaxBody - size_; }
    std::size_t size() const noexcept { return size_; }
    /// Takes back what was put in behind the first `size` bytes.
    void shrink(std::size_t size) noexcept { size_ = std::min(size, size_); }

    Bytes body() const noexcept { return {bytes_.data(), size_}; }
    /// The body with its CRLF; nothing may be put in after that.
    Bytes line() noexcept {
        bytes_[size_] = '\r';
        bytes_[size_ + 1] = '\n';
        return {bytes_.data(), size_ + 2};
    }

private:
    std::array<char, kMaxBody + 2> bytes_;
    std::size_t size_ = 0;
};

} // namespace twistdpp::irc
