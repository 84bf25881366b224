#include "twistdpp/http/channel.h"

#include "twistdpp/http/status.h"

#include "twistdpp/reactor/errors.h"

#include <algorithm>
#include <utility>

namespace twistdpp::http {

namespace {
/// Answers that wait to be sent: above it no further request of a pipeline is begun.
constexpr std::size_t kMostQueued = 64 * 1024;
/// Requests that wait behind one whose answer is under way.
constexpr std::size_t kMostUnread = 16 * 1024;
} // namespace

Channel::~Channel() {
    if (current_)
        current_->channel_ = nullptr;
}

Channel::Unread& Channel::unread() {
    if (!unread_)
        unread_ = std::make_unique<Unread>(site_.limits_.head);
    return *unread_;
}

void Channel::connectionMade() {
    site_.enter(*this, Site::Phase::head);
}

void Channel::dataReceived(Bytes data) {
    if (closing_)
        return; // read only so that the client can read us
    if (unread_ && !unread_->rest().empty()) {
        keep(data);
        return resume();
    }
    consume(data);
    if (!data.empty() && !closing_)
        keep(data);
}

/// Puts bytes behind those that wait already.
void Channel::keep(Bytes rest) {
    Unread& waiting = unread();
    if (waiting.begin > 0) {
        waiting.bytes.erase(0, waiting.begin);
        waiting.begin = 0;
    }
    waiting.bytes.append(rest);
    if (current_ && body_ == BodyKind::none && waiting.bytes.size() > kMostUnread)
        transport().pauseProducing();
}

/// Goes on with the bytes that wait.
void Channel::resume() {
    if (busy_ || closing_ || !unread_)
        return;
    const Corked corked(transport());
    Bytes rest = unread_->rest();
    const std::size_t before = rest.size();
    consume(rest);
    if (closing_ || !unread_)
        return;
    unread_->begin += before - rest.size();
    if (unread_->begin == unread_->bytes.size()) {
        unread_->bytes.clear();
        unread_->begin = 0;
        if (!current_ && body_ == BodyKind::none && !unread_->parsing)
            unread_.reset();
    }
    if (peerDone_ && !current_ && (!unread_ || body_ == BodyKind::none))
        transport().loseConnection();
}

void Channel::consume(Bytes& input) {
    busy_ = true;
    while (!input.empty() && !closing_) {
        if (body_ != BodyKind::none) {
            if (!takeBody(input))
                break;
        } else if (current_ || transport().queued() > kMostQueued) {
            break;
        } else if (!takeHead(input)) {
            break;
        }
    }
    busy_ = false;
}

bool Channel::takeHead(Bytes& input) {
    RequestParser& parser = unread_ && unread_->parsing ? unread_->parser : site_.parser_;
    if (&parser == &site_.parser_)
        parser.reset();
    const ParseResult result = parser.parse(input);
    if (result.failed()) {
        refuse(result.status, result.reason);
        return false;
    }
    if (result.needMore()) {
        Unread& waiting = unread();
        if (!waiting.parsing) {
            waiting.parsing = true;
            waiting.parser.reset();
            waiting.parser.parse(input);
        }
        if (phase_ != Site::Phase::head)
            site_.enter(*this, Site::Phase::head);
        return false;
    }
    input.remove_prefix(result.consumed);
    if (unread_)
        unread_->parsing = false;
    startRequest(parser.head());
    return true;
}

void Channel::startRequest(const RequestHead& head) {
    body_ = head.body();
    bodyLeft_ = head.contentLength();
    if (body_ == BodyKind::chunked)
        unread().decoder.reset();
    expectsContinue_ = head.expectContinue() && body_ != BodyKind::none;
    keepAlive_ = head.keepAlive() && !site_.stopping_;
    drained_ = 0;
    RequestPtr request = site_.takeRequest();
    request->reset(*this, head);
    current_ = request;
    ++site_.requests_;
    site_.dispatch(request);
    if (current_ == request && !request->isFinished()) {
        request->keepHead();
        nextPhase();
    }
    if (request->isFinished())
        site_.giveBack(std::move(request));
}

bool Channel::takeBody(Bytes& input) {
    const bool wanted = current_ && current_->bodyWanted_;
    if (current_ && !wanted)
        return false; // it waits until somebody asks
    if (body_ == BodyKind::length) {
        const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(bodyLeft_, input.size()));
        const Bytes piece = input.substr(0, count);
        input.remove_prefix(count);
        bodyLeft_ -= count;
        if (bodyLeft_ == 0)
            body_ = BodyKind::none;
        bodyPiece(piece);
        if (bodyLeft_ == 0)
            endBody();
        return true;
    }
    ChunkedDecoder& decoder = unread().decoder;
    const ChunkedDecoder::Step step = decoder.decode(input);
    input.remove_prefix(step.consumed);
    if (step.failed()) {
        refuse(400, step.reason);
        return false;
    }
    if (decoder.done())
        body_ = BodyKind::none;
    if (!step.data.empty())
        bodyPiece(step.data);
    if (decoder.done())
        endBody();
    return true;
}

void Channel::bodyPiece(Bytes data) {
    progress_ += data.size();
    if (current_)
        return current_->bodyCame(data);
    drained_ += static_cast<std::uint32_t>(data.size());
    if (drained_ > site_.limits_.drainBody)
        linger();
}

void Channel::endBody() {
    if (current_)
        current_->bodyEnded();
    else
        nextPhase();
}

/// Answers what cannot be understood, and closes: where the next message would begin is not known.
void Channel::refuse(int status, const char* reason) {
    body_ = BodyKind::none;
    keepAlive_ = false;
    refused_ = true;
    if (current_) {
        // In the middle of a body: whoever reads it is told, and answers no more.
        const RequestPtr request = current_;
        if (request->begun()) {
            request->lost(ConnectionAborted(reason));
            return transport().abortConnection(ConnectionAborted(reason));
        }
        request->respondError(status, reason);
        request->lost(ConnectionAborted(reason));
        return;
    }
    static const RequestHead unreadable{};
    RequestPtr request = site_.takeRequest();
    request->reset(*this, unreadable);
    current_ = request;
    request->respondError(status, reason);
    site_.giveBack(std::move(request));
}

/// The client may be sending still; closing at once would make its system throw our answer away unread.
void Channel::linger() {
    if (closing_)
        return;
    closing_ = true;
    unread_.reset();
    if (peerDone_)
        return transport().loseConnection();
    transport().resumeProducing();
    transport().loseWriteConnection();
    site_.enter(*this, Site::Phase::lingering);
}

void Channel::bodyWanted(Request&) {
    // Not when some of the body is there already: then the client did not wait.
    if (expectsContinue_ && body_ != BodyKind::none && (!unread_ || unread_->rest().empty()))
        transport().write("HTTP/1.1 100 Continue\r\n\r\n");
    expectsContinue_ = false;
    transport().resumeProducing();
    if (phase_ != Site::Phase::body)
        site_.enter(*this, Site::Phase::body);
    resume();
}

void Channel::answerFinished(Request& request) {
    site_.answered(request, transport().peer());
    request.channel_ = nullptr;
    current_.reset();
    const bool unreadBody = body_ != BodyKind::none;
    if (unreadBody && expectsContinue_)
        keepAlive_ = false; // whether the body comes now is the client's secret
    if (unreadBody && body_ == BodyKind::length && bodyLeft_ > site_.limits_.drainBody)
        keepAlive_ = false;
    if (!keepAlive_ || peerDone_) {
        if (unreadBody || refused_)
            return linger();
        closing_ = true;
        return transport().loseConnection();
    }
    if (unreadBody)
        transport().resumeProducing();
    nextPhase();
    if (!busy_ && unread_) {
        transport().resumeProducing();
        resume();
    }
}

void Channel::nextPhase() {
    using Phase = Site::Phase;
    if (closing_)
        return;
    const Phase next = current_                   ? (current_->bodyWanted_ ? Phase::body : Phase::answering)
                       : body_ != BodyKind::none  ? Phase::body
                       : transport().queued() > 0 ? Phase::answering
                                                  : Phase::idle;
    site_.enter(*this, next);
}

void Channel::writable() {
    if (closing_)
        return;
    if (!current_ && unread_)
        resume();
}

void Channel::readConnectionLost() {
    peerDone_ = true;
    if (closing_ || (!current_ && transport().queued() == 0))
        return transport().loseConnection();
    if (current_ && body_ != BodyKind::none) {
        // The rest of the body will not come.
        current_->lost(ConnectionLost("the client closed in the middle of a body"));
        return transport().abortConnection(ConnectionLost("the client closed in the middle of a body"));
    }
    keepAlive_ = false;
    if (!current_)
        transport().loseConnection();
}

void Channel::connectionLost(const Failure& reason) {
    closing_ = true;
    if (const RequestPtr request = std::exchange(current_, nullptr)) {
        if (!request->isFinished())
            site_.answered(*request, transport().peer());
        request->lost(reason);
    }
    site_.gone(*this);
}

void Channel::timeUp() {
    if (phase_ == Site::Phase::head && unread_ && unread_->parsing && !current_ && unread_->parser.midway()) {
        unread_->parsing = false;
        refuse(408, "the request did not come in time");
        return;
    }
    closing_ = true;
    if (phase_ == Site::Phase::body || phase_ == Site::Phase::answering)
        transport().abortConnection(ConnectionAborted("the client does not go on"));
    else
        transport().loseConnection();
}

/// Asked once a second while a body or an answer is under way: whether the client has had its time.
bool Channel::stalled() {
    const auto allowed = static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::seconds>(site_.limits_.stallTime).count()
    );
    if (phase_ == Site::Phase::body) {
        if (current_ && !current_->bodyWanted_)
            return false; // it is we who are slow
        return ++waited_ > allowed && progress_ < waited_ * site_.limits_.bodyRate;
    }
    const std::size_t queued = transport().queued();
    if (queued == 0) {
        if (!current_)
            site_.enter(*this, Site::Phase::idle);
        return false;
    }
    const std::uint64_t left = (current_ ? current_->sent() : 0) - queued;
    waited_ = left == progress_ ? waited_ + 1 : 0;
    progress_ = left;
    return waited_ > allowed;
}

void Channel::shutDown() {
    keepAlive_ = false;
    if (!current_ && body_ == BodyKind::none) {
        closing_ = true;
        transport().loseConnection();
    }
}

} // namespace twistdpp::http
