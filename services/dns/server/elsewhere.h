#pragma once
#include "twistdpp/base/bytes.h"
#include "twistdpp/base/unique_function.h"
#include "twistdpp/defer/deferred.h"
#include "twistdpp/dns_server/responder.h"

#include <memory>
#include <span>

namespace twistdpp::dns {

/// One client's stream as those see it that answer over time. It may end before they do.
class AnswerStream {
public:
    virtual ~AnswerStream() = default;
    virtual bool open() const noexcept = 0;
    /// Sends a whole message; the length in front of it is added. Nothing happens when the stream has ended.
    virtual void send(Bytes message) = 0;
    /// Fires when the client has taken most of what was sent; fails when it has gone.
    virtual Deferred<void> drained() = 0;
    /// Cuts the connection: an answer that cannot be completed must not look as if more came.
    virtual void abort() = 0;
};

/// Who is asked when a question cannot be answered from zones and hosts. All calls come on the reactor's
/// thread, inside of the responder's event: what was asked is responder.query(), valid for the call.
class Elsewhere {
public:
    /// Sends the answer; called once, now or later, or dropped without a call when there is none.
    using Reply = UniqueFunction<void(Bytes message)>;

    virtual ~Elsewhere() = default;
    virtual void forward(Responder& responder, const Address& from, Carrier carrier, Reply reply) = 0;
    /// AXFR or IXFR on a stream; the answer is one or more messages.
    virtual void
    transfer(Responder& responder, const Address& from, std::shared_ptr<AnswerStream> stream) = 0;
    /// IXFR by UDP (RFC 1995 section 2): writes one answer and returns its size, 0 for none.
    virtual std::size_t transferDatagram(Responder& responder, const Address& from, std::span<char> out) = 0;
    /// NOTIFY: the same.
    virtual std::size_t notify(Responder& responder, const Address& from, std::span<char> out) = 0;
};

} // namespace twistdpp::dns
