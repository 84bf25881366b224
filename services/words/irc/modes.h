#pragma once
#include "twistdpp/irc/message.h"

#include <array>
#include <cstdint>
#include <string>

namespace twistdpp::irc {

/// How a channel mode takes its parameter (ISUPPORT CHANMODES=A,B,C,D and PREFIX).
enum class ModeKind : std::uint8_t {
    unknown,
    list,   ///< A: adds to or takes from a list; without a parameter asks for it
    always, ///< B: has a parameter when set and when unset
    onSet,  ///< C: has one when set only
    flag,   ///< D: never has one
    prefix, ///< the rank of a member, whose nick is the parameter
};

/// Which modes a server's channels have. A value; made from ISUPPORT by a client, constant in a server.
class ModeTable {
public:
    constexpr ModeTable() noexcept = default;
    /// `chanModes` is "A,B,C,D"; `prefixes` is "(ov)@+", highest first.
    constexpr ModeTable(Bytes chanModes, Bytes prefixes) noexcept {
        setChanModes(chanModes);
        setPrefixes(prefixes);
    }
    constexpr void setChanModes(Bytes text) noexcept {
        std::uint8_t kind = 1;
        for (const char c : text) {
            if (c == ',')
                kind = static_cast<std::uint8_t>(kind == 0 ? 0 : (kind + 1) % 5);
            else if (static_cast<unsigned char>(c) < kinds_.size())
                kinds_[static_cast<unsigned char>(c)] = static_cast<ModeKind>(kind);
        }
    }
    constexpr void setPrefixes(Bytes text) noexcept {
        const auto end = text.find(')');
        letters_ = symbols_ = Bytes();
        if (text.empty() || text.front() != '(' || end == Bytes::npos || text.size() != 2 * end)
            return;
        letters_ = text.substr(1, end - 1);
        symbols_ = text.substr(end + 1);
        for (const char c : letters_) {
            if (static_cast<unsigned char>(c) < kinds_.size())
                kinds_[static_cast<unsigned char>(c)] = ModeKind::prefix;
        }
    }
    constexpr ModeKind kind(char letter) const noexcept {
        const auto index = static_cast<unsigned char>(letter);
        return index < kinds_.size() ? kinds_[index] : ModeKind::unknown;
    }
    /// Letters and symbols of ranks, highest first. Borrowed from the text that setPrefixes() was given.
    constexpr Bytes prefixLetters() const noexcept { return letters_; }
    constexpr Bytes prefixSymbols() const noexcept { return symbols_; }

private:
    std::array<ModeKind, 128> kinds_{};
    Bytes letters_, symbols_;
};

/// One change that a MODE message asks for or tells.
struct ModeChange {
    bool adding = true;
    char letter = 0;
    ModeKind kind = ModeKind::unknown;
    Bytes param; ///< empty when it has none
    bool hasParam = false;
};

/// Walks over the changes of "+ov-k a b key": params `first` and on of `message`. A letter that needs a
/// parameter which is not there comes with hasParam false.
class ModeReader {
public:
    ModeReader(const ModeTable& table, const Message& message, std::size_t first) noexcept
        : table_(table), message_(message), letters_(message.param(first)), next_(first + 1) {}
    bool next(ModeChange& out) noexcept;

private:
    const ModeTable& table_;
    const Message& message_;
    Bytes letters_;
    std::size_t next_;
    bool adding_ = true;
};

/// Writes changes as "+ov-k a b key".
class ModeWriter {
public:
    void add(bool adding, char letter, Bytes param = {});
    bool empty() const noexcept { return letters_.empty(); }
    /// How long text() would be with one more change that has `param`.
    std::size_t sizeWith(Bytes param) const noexcept {
        return letters_.size() + params_.size() + param.size() + 3;
    }
    std::string text() const { return letters_ + params_; }

private:
    std::string letters_, params_;
    char sign_ = 0;
};

} // namespace twistdpp::irc
