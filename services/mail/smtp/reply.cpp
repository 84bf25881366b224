#include "twistdpp/smtp/reply.h"

#include "twistdpp/base/ascii.h"

namespace twistdpp::smtp {

namespace {

constexpr std::size_t kLongest = 512;

} // namespace

std::string Reply::toString() const {
    std::string out;
    const std::string number = std::to_string(code);
    Bytes rest = text;
    bool more = true;
    while (more) {
        const Bytes line = ascii::cut(rest, '\n');
        more = rest.data() != nullptr;
        const std::size_t begin = out.size();
        out.append(number).append(more ? "-" : " ");
        if (!enhanced.empty())
            out.append(enhanced).append(" ");
        for (const char c : line) {
            if (out.size() - begin < kLongest - 2)
                out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
        }
        out.append("\r\n");
    }
    return out;
}

} // namespace twistdpp::smtp
