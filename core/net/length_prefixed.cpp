#include "twistdpp/net/length_prefixed.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/number.h"
#include "twistdpp/reactor/errors.h"

#include <array>
#include <stdexcept>
#include <string>

namespace twistdpp {

namespace {

// The decimal digits of any 64-bit length: more of them before the ':' are an attack.
constexpr std::size_t kMaxDigits = 20;

} // namespace

void StringReceiver::sendString(Bytes text) {
    if (text.size() > maxLength_)
        throw std::length_error(
            "a message of " + std::to_string(text.size()) + " bytes is longer than the " +
            std::to_string(maxLength_) + " that may be sent"
        );
    const Corked together(transport());
    writeFrame(text);
}

void StringReceiver::lengthLimitExceeded(std::uint64_t announced) {
    transport().abortConnection(Failure(ConnectionAborted(
        "the peer announced a message of " + std::to_string(announced) + " bytes, more than " +
        std::to_string(maxLength_)
    )));
}

template <unsigned Octets>
std::size_t IntStringReceiver<Octets>::received(Bytes data) {
    std::size_t used = 0;
    while (data.size() - used >= Octets && !paused() && !transport().closing()) {
        std::uint64_t length = 0;
        for (unsigned i = 0; i < Octets; ++i)
            length = length << 8 | static_cast<unsigned char>(data[used + i]);
        if (length > maxLength()) {
            lengthLimitExceeded(length);
            return data.size();
        }
        if (data.size() - used - Octets < length)
            break;
        const Bytes text = data.substr(used + Octets, length);
        used += Octets + length;
        stringReceived(text);
    }
    return transport().closing() ? data.size() : used;
}

template <unsigned Octets>
void IntStringReceiver<Octets>::writeFrame(Bytes text) {
    std::array<char, Octets> prefix;
    for (unsigned i = 0; i < Octets; ++i)
        prefix[i] = static_cast<char>(text.size() >> (8 * (Octets - 1 - i)) & 0xff);
    transport().write(Bytes(prefix.data(), prefix.size()));
    transport().write(text);
}

template class IntStringReceiver<1>;
template class IntStringReceiver<2>;
template class IntStringReceiver<4>;

NetstringReceiver::NetstringReceiver(std::size_t maxLength) noexcept
    : StringReceiver(maxLength, kMaxDigits + 2) {}

std::size_t NetstringReceiver::received(Bytes data) {
    std::size_t used = 0;
    while (used < data.size() && !paused() && !transport().closing()) {
        const Bytes rest = data.substr(used);
        const std::size_t colon = rest.substr(0, kMaxDigits + 1).find_first_not_of("0123456789");
        if (colon == Bytes::npos) {
            if (rest.size() <= kMaxDigits && (rest.size() < 2 || rest[0] != '0'))
                break;
            formatViolated();
            return data.size();
        }
        const Bytes digits = rest.substr(0, colon);
        const auto length = parseUnsigned<std::uint64_t>(digits);
        if (rest[colon] != ':' || !length || (digits.size() > 1 && digits[0] == '0')) {
            formatViolated();
            return data.size();
        }
        if (*length > maxLength()) {
            lengthLimitExceeded(*length);
            return data.size();
        }
        const std::size_t comma = colon + 1 + static_cast<std::size_t>(*length);
        if (rest.size() <= comma)
            break;
        if (rest[comma] != ',') {
            formatViolated();
            return data.size();
        }
        used += comma + 1;
        stringReceived(rest.substr(colon + 1, static_cast<std::size_t>(*length)));
    }
    return transport().closing() ? data.size() : used;
}

void NetstringReceiver::formatViolated() {
    transport().abortConnection(Failure(ConnectionAborted("the peer sent something that is no netstring")));
}

void NetstringReceiver::writeFrame(Bytes text) {
    transport().write(Bytes(std::to_string(text.size()) + ":"));
    transport().write(text);
    transport().write(Bytes(","));
}

} // namespace twistdpp
