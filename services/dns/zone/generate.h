#pragma once
#include "twistdpp/base/bytes.h"

#include <cstdint>
#include <string>
#include <vector>

namespace twistdpp::dns {

/// The numbers of a $GENERATE line: "1-10" or "1-10/2", all below 2^31.
struct GenerateRange {
    std::uint32_t first = 0, last = 0, step = 1;

    std::uint64_t count() const noexcept { return (std::uint64_t{last} - first) / step + 1; }
    /// The error is a string literal that continues "the range 'x'"; nullptr when all is well.
    const char* parse(Bytes text) noexcept;
};

/// A text of a $GENERATE line with the places where the number goes, as BIND's manual has them: `$`, or
/// `${offset,width,base}` with the bases d, o, x, X, and n, N for the hexadecimal digits in reverse with dots
/// between them. `$$` and `\$` are a dollar sign.
class GenerateTemplate {
public:
    /// Replaces what it held. The error is a string literal that continues "the text 'x'".
    const char* parse(Bytes text);
    /// Appends the text for one number; the error likewise.
    const char* expand(std::uint32_t number, std::string& to) const;

private:
    struct Part {
        std::string before; // literal text
        bool hasNumber = false;
        std::int32_t offset = 0;
        std::uint8_t width = 0;
        char base = 'd';
    };
    static const char* parseBraces(Bytes& rest, Part& part) noexcept;

    std::vector<Part> parts_;
};

} // namespace twistdpp::dns
