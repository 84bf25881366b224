#include "twistdpp/dns_zone/reverse_name.h"

namespace twistdpp::dns {

void appendReverseName(Bytes address, std::string& to) {
    using namespace std::string_view_literals;
    for (std::size_t i = address.size(); i-- > 0;) {
        const auto byte = static_cast<unsigned char>(address[i]);
        if (address.size() == 4) {
            const std::string text = std::to_string(byte);
            to += static_cast<char>(text.size());
            to += text;
        } else {
            constexpr Bytes kDigits = "0123456789abcdef";
            to += '\1';
            to += kDigits[byte & 0xfU];
            to += '\1';
            to += kDigits[byte >> 4U];
        }
    }
    to += address.size() == 4 ? "\7in-addr\4arpa\0"sv : "\3ip6\4arpa\0"sv;
}

} // namespace twistdpp::dns
