#pragma once
#include "twistdpp/app/drainable.h"
#include "twistdpp/dns_server/elsewhere.h"
#include "twistdpp/dns_server/responder.h"
#include "twistdpp/net/length_prefixed.h"
#include "twistdpp/reactor/timer.h"

#include <memory>

namespace twistdpp::dns {

/// One connection of DNS over TCP or TLS (RFC 7766, 7858): any number of questions, each behind its length;
/// answers that are at hand leave in order, others when they come. Closed after ResponderSettings::tcpIdle
/// without a question.
class StreamServer final : public Int16StringReceiver, public Drainable {
public:
    StreamServer(Responder& responder, Elsewhere& elsewhere);
    ~StreamServer() override;

    void connectionMade() override;
    void readConnectionLost() override;
    void connectionLost(const Failure& reason) override;
    void drain() override;
    void abort() override;

private:
    class Handle;

    void stringReceived(Bytes message) override;
    void later(Responder::Fate fate);
    void answerCame();
    void idle();
    void closeWhenDone();
    Carrier carrier() const noexcept;

    Responder& responder_;
    Elsewhere& elsewhere_;
    std::shared_ptr<Handle> handle_;
    Timer idleTimer_;
    bool asked_ = false;   // something came since the idle timer was set
    bool ending_ = false;  // no more questions are taken
    unsigned pending_ = 0; // answers that are still to come
};

/// Makes a StreamServer for each connection.
class StreamServerFactory final : public Factory {
public:
    StreamServerFactory(Responder& responder, Elsewhere& elsewhere)
        : responder_(responder), elsewhere_(elsewhere) {}
    std::unique_ptr<Protocol> buildProtocol(const Address&) override {
        return std::make_unique<StreamServer>(responder_, elsewhere_);
    }

private:
    Responder& responder_;
    Elsewhere& elsewhere_;
};

} // namespace twistdpp::dns
