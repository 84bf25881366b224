#include "twistdpp/ftp/host_port.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/number.h"

#include <algorithm>
#include <array>

namespace twistdpp::ftp {

std::optional<Address> parseHostPort(Bytes text) {
    const std::size_t begin = text.find_first_of("0123456789");
    if (begin == Bytes::npos)
        return std::nullopt;
    text = text.substr(begin);
    text = text.substr(0, text.find_first_not_of("0123456789,"));
    std::array<unsigned, 6> numbers{};
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        const auto number = parseUnsigned<std::uint8_t>(ascii::cut(text, ','));
        if (!number)
            return std::nullopt;
        numbers.at(i) = *number;
    }
    if (!text.empty())
        return std::nullopt;
    std::string host;
    for (std::size_t i = 0; i < 4; ++i)
        host += (i > 0 ? "." : "") + std::to_string(numbers.at(i));
    const auto port = static_cast<std::uint16_t>(numbers[4] * 256 + numbers[5]);
    const auto address = Address::parse(host, port);
    return address ? std::optional(*address) : std::nullopt;
}

std::string hostPortText(const Address& address) {
    std::string out = address.host();
    std::replace(out.begin(), out.end(), '.', ',');
    return out + "," + std::to_string(address.port() / 256) + "," + std::to_string(address.port() % 256);
}

ExtendedPort parseExtendedPort(Bytes text) {
    ExtendedPort out;
    if (text.empty())
        return out;
    const char mark = text.front();
    text.remove_prefix(1);
    const Bytes family = ascii::cut(text, mark);
    const Bytes host = ascii::cut(text, mark);
    const std::size_t end = text.find(mark);
    const auto port = parseUnsigned<std::uint16_t>(text.substr(0, end));
    if (!port || end == Bytes::npos || end + 1 != text.size())
        return out;
    out.knownFamily = family == "1" || family == "2";
    const auto address = Address::parse(host, *port);
    const auto wanted = family == "1" ? Address::Kind::ipv4 : Address::Kind::ipv6;
    if (out.knownFamily && address && address->kind() == wanted)
        out.address = *address;
    return out;
}

std::string extendedPortText(const Address& address) {
    return std::string("|") + (address.kind() == Address::Kind::ipv6 ? "2" : "1") + "|" + address.host() +
           "|" + std::to_string(address.port()) + "|";
}

std::uint16_t parseExtendedPassive(Bytes text) {
    const std::size_t open = text.find('(');
    if (open == Bytes::npos || open + 5 >= text.size())
        return 0;
    text = text.substr(open + 1);
    const char mark = text.front();
    if (text[1] != mark || text[2] != mark)
        return 0;
    text.remove_prefix(3);
    return parseUnsigned<std::uint16_t>(text.substr(0, text.find(mark))).value_or(0);
}

} // namespace twistdpp::ftp
