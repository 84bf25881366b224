// The part towards the transport below: what comes in, the handshake, the end. See tls_outgoing.cpp.
#include "twistdpp/tls/tls_transport.h"

#include "twistdpp/base/log.h"
#include "twistdpp/reactor/errors.h"
#include "twistdpp/reactor/reactor.h"
#include "twistdpp/tls/context_state.h"
#include "twistdpp/tls/scratch.h"
#include "twistdpp/tls/tls_errors.h"

#include <utility>

namespace twistdpp {

using detail::PlaintextSniffer;
using detail::Scratch;
using detail::TlsEngine;
using Step = TlsEngine::Step;

namespace {

constexpr Bytes kLog = "net.tls";

void logDebug(const std::string& text) {
    logLine(LogLevel::debug, kLog, text);
}

std::string seconds(Duration time) {
    return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(time).count()) + " s";
}

} // namespace

TlsProtocol::TlsProtocol(
    std::shared_ptr<detail::ContextState> context, std::unique_ptr<Protocol> inner, bool server,
    std::string_view hostname
)
    : context_(std::move(context)), inner_(std::move(inner)), engine_(context_, server, hostname, *this),
      records_(engine_), sniffer_(std::make_unique<PlaintextSniffer>()) {}

TlsProtocol::~TlsProtocol() = default;

std::unique_ptr<TlsProtocol> TlsProtocol::another() const {
    auto made = std::make_unique<TlsProtocol>(context_, nullptr, false, engine_.hostname());
    made->engine_.resume(engine_);
    return made;
}

void TlsProtocol::adoptRunning(std::unique_ptr<Protocol> inner) {
    inner_ = std::move(inner);
    innerStarted_ = true;
}

std::shared_ptr<TlsProtocol*> TlsProtocol::self() {
    if (!self_)
        self_ = std::make_shared<TlsProtocol*>(this);
    return self_;
}

TimePoint TlsProtocol::now() const {
    return lower().reactor().now();
}

void TlsProtocol::connectionMade() {
    phase_ = Phase::handshaking;
    setWriteLimits(limits_);
    inner_->changeTransport(*this);
    timer_.emplace(lower().reactor().timers(), [this] { deadline(); });
    timer_->start(context_->settings.handshakeTimeout);
    const Corked event(*this);
    stepHandshake(); // the client's first record
}

void TlsProtocol::dataReceived(Bytes data) {
    if (phase_ == Phase::finishing || phase_ == Phase::ended)
        return;
    if (sniffer_ && !speaksTls(data))
        return;
    if (busy_ || paused_ || !held_.empty())
        held_.append(data);
    else
        process(data);
}

bool TlsProtocol::speaksTls(Bytes data) {
    switch (sniffer_->look(data)) {
    case PlaintextSniffer::Verdict::tls:
        sniffer_.reset();
        return true;
    case PlaintextSniffer::Verdict::undecided:
        return false;
    case PlaintextSniffer::Verdict::plaintext:
        failPlaintext();
        return false;
    }
    return false;
}

void TlsProtocol::failPlaintext() {
    auto* const responder =
        engine_.server() && !innerStarted_ ? dynamic_cast<PlaintextResponder*>(inner_.get()) : nullptr;
    if (responder)
        lower().write(Bytes(responder->plaintextReceived(sniffer_->text())));
    fail(TlsPlaintextError(
        "TLS handshake with " + who() + " failed: it speaks no TLS, it began with \"" + sniffer_->excerpt() +
            "\"",
        sniffer_->text()
    ));
}

void TlsProtocol::process(Bytes chunk) {
    const Corked event(*this);
    busy_ = true;
    std::string taken;
    for (;;) {
        engine_.feed(chunk);
        if (phase_ == Phase::handshaking)
            stepHandshake();
        if (phase_ == Phase::open)
            readRecords();
        const Bytes rest = engine_.unread();
        engine_.feed({});
        if (phase_ != Phase::open || peerNotified_)
            held_.clear();
        else if (!rest.empty())
            held_.insert(0, rest);
        if (paused_ || held_.empty())
            break;
        taken.clear();
        taken.swap(held_);
        chunk = taken;
    }
    busy_ = false;
}

void TlsProtocol::stepHandshake() {
    switch (engine_.handshake()) {
    case Step::wantsMore:
        return;
    case Step::done:
        return handshakeDone();
    case Step::closed:
    case Step::failed:
        return fail(engine_.failure(lower().peer()));
    }
}

void TlsProtocol::handshakeDone() {
    phase_ = Phase::open;
    timer_->stop();
    info_ = std::make_unique<TlsInfo>(engine_.info());
    if (logWanted(LogLevel::debug, kLog))
        logDebug(
            "TLS with " + who() + ": " + info_->version + " " + info_->cipher +
            (info_->alpn.empty() ? "" : " " + info_->alpn) + (info_->resumed ? " resumed" : "")
        );
    if (losing_) {
        // Closed before it began, with something still to be sent.
        lastQueued_ = queued();
        timer_->start(context_->settings.closeTimeout);
        return;
    }
    if (!innerStarted_) {
        innerStarted_ = true;
        inner_->makeConnection(*this);
    } else if (auto* const listener = dynamic_cast<HandshakeListener*>(inner_.get())) {
        listener->handshakeCompleted(*info_);
    }
}

void TlsProtocol::readRecords() {
    const Scratch scratch;
    while (phase_ == Phase::open && !paused_ && !peerNotified_) {
        std::size_t size = 0;
        Step step = Step::done;
        while (step == Step::done && size + TlsEngine::kRecord <= Scratch::kSize) {
            std::size_t got = 0;
            step = engine_.read(scratch.data() + size, Scratch::kSize - size, got);
            size += got;
        }
        if (size > 0 && !losing_)
            inner_->dataReceived(Bytes(scratch.data(), size));
        if (phase_ != Phase::open || step == Step::wantsMore)
            return;
        if (step == Step::closed)
            return closeNotifyReceived();
        if (step == Step::failed)
            return fail(engine_.failure(lower().peer()));
    }
}

void TlsProtocol::closeNotifyReceived() {
    peerNotified_ = true;
    if (losing_ || notified_)
        return; // pump() closes at the end of this event
    inner_->readConnectionLost();
}

void TlsProtocol::readConnectionLost() {
    lowerEof_ = true;
    if (phase_ == Phase::open && !held_.empty())
        return; // processHeld() comes back to it
    const Corked event(*this);
    lowerReadClosed();
}

void TlsProtocol::lowerReadClosed() {
    switch (phase_) {
    case Phase::handshaking:
        if (sniffer_ && sniffer_->hasText())
            return failPlaintext();
        return fail(
            TlsHandshakeError("TLS handshake with " + who() + " failed: the peer closed the connection")
        );
    case Phase::open:
        if (!peerNotified_ && !losing_)
            fail(ConnectionLost(who() + " closed it without close_notify, what it sent may be cut short"));
        return; // otherwise pump() closes when all was sent
    case Phase::finishing:
        return lower().loseConnection();
    case Phase::fresh:
    case Phase::ended:
        return;
    }
}

void TlsProtocol::pauseProducing() {
    if (phase_ == Phase::ended || losing_)
        return;
    paused_ = true;
    lower().pauseProducing();
}

void TlsProtocol::resumeProducing() {
    if (phase_ == Phase::ended)
        return;
    paused_ = false;
    lower().resumeProducing();
    if (!held_.empty() && !busy_)
        processHeldSoon();
}

void TlsProtocol::processHeldSoon() {
    // Not from inside the call of a protocol that does not expect to be called.
    reactor().callSoon([weak = std::weak_ptr(self())] {
        if (const auto here = weak.lock())
            (*here)->processHeld();
    });
}

void TlsProtocol::processHeld() {
    if (phase_ != Phase::open || paused_ || busy_ || held_.empty())
        return;
    const Corked event(*this);
    process(std::exchange(held_, {}));
    if (lowerEof_ && held_.empty())
        lowerReadClosed();
}

void TlsProtocol::fail(Failure reason) {
    if (phase_ == Phase::finishing || phase_ == Phase::ended)
        return;
    logDebug(reason.message());
    phase_ = Phase::finishing;
    reason_ = std::move(reason);
    plain_.clear();
    held_.clear();
    lastQueued_ = lower().queued();
    timer_->start(context_->settings.closeTimeout);
    if (engine_.server() && !lowerEof_) {
        // Closing with something unread would reset the connection, and the alert might never be seen.
        lower().resumeProducing();
        lower().loseWriteConnection();
    } else {
        lower().loseConnection();
    }
}

void TlsProtocol::closeLower() {
    phase_ = Phase::finishing;
    lastQueued_ = lower().queued();
    timer_->start(context_->settings.closeTimeout);
    lower().loseConnection();
}

void TlsProtocol::deadline() {
    const TlsSettings& settings = context_->settings;
    if (phase_ == Phase::handshaking) {
        const std::string failed = "TLS handshake with " + who() + " failed: ";
        const Failure reason =
            TlsHandshakeError(failed + "not done after " + seconds(settings.handshakeTimeout));
        logDebug(reason.message());
        return abortConnection(reason);
    }
    const std::size_t size = queued();
    if (size > 0 && size < lastQueued_) {
        lastQueued_ = size;
        return timer_->start(settings.closeTimeout);
    }
    if (size == 0) {
        phase_ = Phase::finishing; // the peer does not answer: all was sent, it need not
        return lower().loseConnection();
    }
    abortConnection(
        reason_ ? *reason_
                : Failure(ConnectionAborted(
                      who() + " took nothing of what was left to send for " + seconds(settings.closeTimeout)
                  ))
    );
}

Failure TlsProtocol::endReason(const Failure& reason) const {
    if (reason_)
        return *reason_;
    if (phase_ == Phase::handshaking && !losing_)
        return TlsHandshakeError("TLS handshake with " + who() + " failed: " + reason.message());
    if (peerNotified_ && notified_)
        return ConnectionDone();
    if (reason.check<ConnectionDone>() && !losing_ && !peerNotified_)
        return ConnectionLost(who() + " closed it without close_notify, what it sent may be cut short");
    return reason;
}

void TlsProtocol::connectionLost(const Failure& reason) {
    const Failure why = endReason(reason);
    phase_ = Phase::ended;
    timer_.reset();
    self_.reset();
    plain_.clear();
    held_.clear();
    if (const auto waiters = std::exchange(waiters_, nullptr))
        waiters->failAll(why);
    inner_->connectionLost(why);
}

bool TlsProtocol::closing() const noexcept {
    return losing_ || phase_ == Phase::finishing || phase_ == Phase::ended || lower().closing();
}

std::unique_ptr<Protocol> TlsProtocol::switchProtocol(std::unique_ptr<Protocol> next) {
    return std::exchange(inner_, std::move(next));
}

} // namespace twistdpp
