#include "twistdpp/mime/decode.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/utf8.h"

#include <array>
#include <cerrno>
#include <cstdint>
#include <iconv.h>

namespace twistdpp::mime {

namespace {

constexpr std::size_t kLongestName = 40; // of a character set
constexpr Bytes kReplacement = "\xef\xbf\xbd";

int digitOf(char c) noexcept {
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (ascii::isDigit(c))
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

class Converter {
public:
    explicit Converter(const std::string& from) : handle_(::iconv_open("UTF-8", from.c_str())) {}
    ~Converter() {
        if (good())
            ::iconv_close(handle_);
    }
    Converter(const Converter&) = delete;
    Converter& operator=(const Converter&) = delete;

    bool good() const noexcept { return handle_ != reinterpret_cast<iconv_t>(-1); }

    std::string convert(Bytes text) {
        std::string out;
        std::array<char, 4096> block{};
        // It is not written to; the interface is older than const.
        char* in = const_cast<char*>(text.data()); // NOLINT(cppcoreguidelines-pro-type-const-cast)
        std::size_t left = text.size();
        while (left > 0) {
            char* to = block.data();
            std::size_t room = block.size();
            const std::size_t done = ::iconv(handle_, &in, &left, &to, &room);
            const int why = errno;
            out.append(block.data(), block.size() - room);
            if (done != static_cast<std::size_t>(-1) || why == E2BIG)
                continue;
            out += kReplacement;
            ++in;
            --left;
        }
        return out;
    }

private:
    iconv_t handle_;
};

} // namespace

std::string fromBase64Lines(Bytes text) {
    std::string out;
    out.reserve(text.size() / 4 * 3);
    std::uint32_t bits = 0;
    unsigned count = 0;
    for (const char c : text) {
        if (c == '=') {
            // The end of one piece; some programs put several behind one another.
            bits = count = 0;
            continue;
        }
        const int digit = digitOf(c);
        if (digit < 0)
            continue;
        bits = bits << 6U | static_cast<std::uint32_t>(digit);
        count += 6;
        if (count >= 8) {
            count -= 8;
            out += static_cast<char>(bits >> count & 0xffU);
        }
    }
    return out;
}

std::string fromQuotedPrintable(Bytes text, bool words) {
    std::string out;
    out.reserve(text.size());
    std::size_t at = 0;
    while (at < text.size()) {
        const char c = text[at++];
        if (c == '_' && words) {
            out += ' ';
        } else if (c != '=') {
            out += c;
        } else if (text.size() - at >= 2 && ascii::hexValue(text[at]) >= 0 && ascii::hexValue(text[at + 1]) >= 0) {
            out += static_cast<char>(ascii::hexValue(text[at]) * 16 + ascii::hexValue(text[at + 1]));
            at += 2;
        } else {
            // A line that goes on: spaces that were put in on the way, and its end.
            const std::size_t end = std::min(text.find_first_not_of(" \t", at), text.size());
            if (text.substr(end, 2) == "\r\n")
                at = end + 2;
            else if (text.substr(end, 1) == "\n")
                at = end + 1;
            else
                out += c;
        }
    }
    return out;
}

std::string decodeTransfer(Bytes text, Bytes encoding) {
    if (ascii::equalsIgnoreCase(encoding, "base64"))
        return fromBase64Lines(text);
    if (ascii::equalsIgnoreCase(encoding, "quoted-printable"))
        return fromQuotedPrintable(text);
    return std::string(text);
}

std::string toUtf8(Bytes text, Bytes charset) {
    const std::string name = ascii::toLower(charset);
    if (name.empty() || name == "utf-8" || name == "us-ascii" || name == "utf8")
        return utf8::replaceInvalid(text);
    // Nothing that iconv would take for an option of its own ("//TRANSLIT").
    const bool plain = name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_.:+") == Bytes::npos;
    if (!plain || name.size() > kLongestName)
        return utf8::replaceInvalid(text);
    // Old programs say iso-8859-1 and mean Windows' set, which has more characters and none fewer that show.
    Converter converter(name == "iso-8859-1" ? "windows-1252" : name);
    return converter.good() ? utf8::replaceInvalid(converter.convert(text)) : utf8::replaceInvalid(text);
}

} // namespace twistdpp::mime
