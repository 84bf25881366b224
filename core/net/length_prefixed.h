#pragma once
#include "twistdpp/net/buffered_protocol.h"

#include <cstddef>
#include <cstdint>

namespace twistdpp {

/// Messages that carry their own length, as in Twisted's IntNStringReceiver and NetstringReceiver. One that
/// lies whole in what has come is handed on without a copy.
class StringReceiver : public BufferedProtocol {
public:
    static constexpr std::size_t kMaxLength = 99999;

    /// Sends one message. One that is longer than the format or maxLength() allows is a mistake of the
    /// caller: throws std::length_error.
    void sendString(Bytes text);
    std::size_t maxLength() const noexcept { return maxLength_; }

protected:
    StringReceiver(std::size_t maxLength, std::size_t overhead) noexcept
        : BufferedProtocol(maxLength + overhead), maxLength_(maxLength) {}

    /// One message, valid for the call. Nothing more is delivered once the transport is closing.
    virtual void stringReceived(Bytes text) = 0;
    /// The peer announced a message of more than maxLength() bytes. The default aborts the connection;
    /// nothing that follows can be read.
    virtual void lengthLimitExceeded(std::uint64_t announced);

    virtual void writeFrame(Bytes text) = 0;

private:
    std::size_t maxLength_;
};

/// Each message behind its length in `Octets` bytes, big-endian.
template <unsigned Octets>
class IntStringReceiver : public StringReceiver {
    static_assert(Octets == 1 || Octets == 2 || Octets == 4);

public:
    /// The longest message that the format can carry.
    static constexpr std::uint64_t kFormatLimit = (std::uint64_t{1} << (8 * Octets)) - 1;

    explicit IntStringReceiver(std::size_t maxLength = kMaxLength) noexcept
        : StringReceiver(maxLength < kFormatLimit ? maxLength : kFormatLimit, Octets) {}

protected:
    std::size_t received(Bytes data) final;
    void writeFrame(Bytes text) final;
};

extern template class IntStringReceiver<1>;
extern template class IntStringReceiver<2>;
extern template class IntStringReceiver<4>;
using Int8StringReceiver = IntStringReceiver<1>;
using Int16StringReceiver = IntStringReceiver<2>;
using Int32StringReceiver = IntStringReceiver<4>;

/// Each message as "5:hello,". A peer that breaks the format is cut off.
class NetstringReceiver : public StringReceiver {
public:
    explicit NetstringReceiver(std::size_t maxLength = kMaxLength) noexcept;

protected:
    /// The stream is no netstring; nothing that follows can be read. The default aborts the connection.
    virtual void formatViolated();

    std::size_t received(Bytes data) final;
    void writeFrame(Bytes text) final;
};

} // namespace twistdpp
