#include "twistdpp/http/channel.h"

#include "twistdpp/http/status.h"

#include "twistdpp/reactor/errors.h"

#include <algorithm>
#include <utility>

namespace twistdpp::http {

namespace {
/// Answers that wait to be sent: above it no further request of a pipeline is begun. It is the transport's
/// high mark, so that writable() comes when there is room again.
constexpr std::size_t kMostQueued = WriteLimits{}.high;
/// Bytes that may wait behind a request under way, before the client is made to wait.
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
    if (!rest().empty()) {
        keep(data);
        return resume();
    }
    consume(data, Parser::shared);
    if (!data.empty() && !closing_)
        keep(data);
    settle(!data.empty());
}

/// Puts bytes behind those that wait already.
void Channel::keep(Bytes rest) {
    Unread& waiting = unread();
    if (waiting.begin > 0) {
        waiting.bytes.erase(0, waiting.begin);
        waiting.begin = 0;
    }
    waiting.bytes.append(rest);
}

/// Goes on with the bytes that wait.
void Channel::resume() {
    if (busy_ || closing_)
        return;
    if (rest().empty())
        return settle(false);
    const Corked corked(transport());
    Bytes waiting = rest();
    const std::size_t before = waiting.size();
    consume(waiting, Parser::own);
    if (!closing_ && unread_)
        unread_->begin += before - waiting.size();
    settle(!waiting.empty());
}

void Channel::consume(Bytes& input, Parser which) {
    busy_ = true;
    while (!input.empty() && !closing_) {
        if (body_ != BodyKind::none) {
            if (!takeBody(input))
                break;
        } else if (current_ || transport().queued() > kMostQueued) {
            break;
        } else if (!takeHead(input, which)) {
            break;
        }
    }
    busy_ = false;
}

/// After bytes were used, or could not be: what that means for the connection. `leftover`: some could not.
/// Nothing borrows from the bytes that wait any more.
void Channel::settle(bool leftover) {
    if (closing_)
        return finishClosing(leftover);
    const bool empty = rest().empty();
    if (peerDone_ && (empty || unread_->parsing)) {
        if (readingBody())
            return refuse(400, "the client closed in the middle of the body");
        if (!current_)
            return close(false);
    }
    if (unread_ && empty && !unread_->parsing) {
        unread_->bytes.clear();
        unread_->begin = 0;
        if (body_ != BodyKind::chunked)
            unread_.reset();
    }
    const bool full = current_ && rest().size() > kMostUnread;
    if (full == paused_)
        return;
    paused_ = full;
    if (full)
        transport().pauseProducing();
    else
        transport().resumeProducing();
}

bool Channel::takeHead(Bytes& input, Parser which) {
    const bool own = which == Parser::own || (unread_ && unread_->parsing);
    RequestParser& parser = own ? unread().parser : site_.parser_;
    if (!own || !unread_->parsing)
        parser.reset();
    const ParseResult result = parser.parse(input);
    if (result.failed()) {
        refuse(result.status, result.reason);
        return false;
    }
    if (result.needMore()) {
        Unread& waiting = unread();
        if (!own) {
            waiting.parser.reset();
            waiting.parser.parse(input);
        }
        waiting.parsing = true;
        if (phase_ != Site::Phase::head)
            site_.enter(*this, Site::Phase::head);
        return false;
    }
    input.remove_prefix(result.consumed);
    if (unread_)
        unread_->parsing = false;
    startRequest(parser.head(), !input.empty());
    return true;
}

void Channel::startRequest(const RequestHead& head, bool bodyIsThere) {
    body_ = head.body();
    bodyLeft_ = head.contentLength();
    if (body_ == BodyKind::chunked)
        unread().decoder.reset();
    // Who has sent some of the body already does not wait to be asked for it.
    expectsContinue_ = head.expectContinue() && !bodyIsThere;
    keepAlive_ = head.keepAlive() && !site_.stopping_;
    drained_ = 0;
    RequestPtr request = site_.takeRequest();
    request->reset(*this, head);
    current_ = request;
    ++site_.requests_;
    site_.dispatch(request);
    if (!request->isFinished()) {
        request->keepHead();
        return nextPhase();
    }
    if (request.use_count() > 1)
        request->keepHead(); // whoever holds it may look at it later
    site_.giveBack(std::move(request));
}

bool Channel::readingBody() const noexcept {
    return body_ != BodyKind::none && (!current_ || current_->bodyWanted_);
}

bool Channel::takeBody(Bytes& input) {
    if (!readingBody())
        return false; // it waits until somebody asks
    if (body_ == BodyKind::length) {
        const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(bodyLeft_, input.size()));
        const Bytes piece = input.substr(0, count);
        input.remove_prefix(count);
        bodyLeft_ -= count;
        const bool last = bodyLeft_ == 0;
        if (last)
            body_ = BodyKind::none;
        bodyPiece(piece);
        if (last)
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
    const bool last = decoder.done();
    if (last)
        body_ = BodyKind::none;
    if (!step.data.empty())
        bodyPiece(step.data);
    if (last)
        endBody();
    return true;
}

void Channel::bodyPiece(Bytes data) {
    if (watchesBody_)
        progress_ += data.size();
    if (current_)
        return current_->bodyCame(data);
    drained_ += static_cast<std::uint32_t>(std::min(data.size(), site_.limits_.drainBody + 1));
    if (drained_ > site_.limits_.drainBody)
        close(true);
}

void Channel::endBody() {
    if (current_)
        current_->bodyEnded();
    else
        nextPhase();
}

/// Answers what cannot be understood, and closes: where the next message would begin is not known.
void Channel::refuse(int status, const char* reason) {
    const bool answeredAlready = !current_ && body_ != BodyKind::none;
    body_ = BodyKind::none;
    keepAlive_ = false;
    refused_ = true;
    if (answeredAlready)
        return close(true); // a second answer would be taken for the next request's
    if (!current_) {
        static const RequestHead unreadable{};
        RequestPtr request = site_.takeRequest();
        request->reset(*this, unreadable);
        current_ = request;
        request->respondError(status, reason);
        return site_.giveBack(std::move(request));
    }
    // In the middle of a body: whoever reads it is told, and answers no more.
    const RequestPtr request = current_;
    const ConnectionAborted why(reason);
    if (request->begun()) {
        closing_ = true;
        transport().abortConnection(why);
        return request->lost(why);
    }
    const auto reader = std::move(request->bodyReader_);
    request->respondError(status, reason);
    if (reader)
        reader->errback(why);
}

/// Takes nothing more from the client, and closes once all was sent. `lingering`: the client may be sending
/// still, and closing at once would make its system throw our answer away unread.
void Channel::close(bool lingering) {
    closing_ = true;
    lingers_ = lingering;
    if (!busy_)
        finishClosing(false);
}

void Channel::finishClosing(bool leftover) {
    unread_.reset();
    if (phase_ == Site::Phase::closing)
        return;
    site_.enter(*this, Site::Phase::closing);
    if (peerDone_ || !(lingers_ || leftover))
        return transport().loseConnection();
    transport().loseWriteConnection();
    if (paused_)
        transport().resumeProducing();
}

void Channel::bodyWanted(Request& request) {
    if (expectsContinue_ && !request.begun())
        transport().write("HTTP/1.1 100 Continue\r\n\r\n");
    expectsContinue_ = false;
    if (phase_ != Site::Phase::active)
        site_.enter(*this, Site::Phase::active);
    resume();
}

void Channel::answerFinished(Request& request) {
    site_.answered(request, transport().peer());
    request.channel_ = nullptr;
    const RequestPtr finished = std::move(current_);
    const bool unreadBody = body_ != BodyKind::none;
    // Whether the body comes now is the client's secret, and too large a one is not worth its transport.
    if (unreadBody && (expectsContinue_ || bodyLeft_ > site_.limits_.drainBody))
        keepAlive_ = false;
    if (!keepAlive_)
        return close(unreadBody || refused_);
    nextPhase();
    resume();
}

void Channel::nextPhase() {
    if (closing_)
        return;
    const bool active = current_ || body_ != BodyKind::none || transport().queued() > 0;
    site_.enter(*this, active ? Site::Phase::active : Site::Phase::idle);
}

void Channel::writable() {
    if (!current_)
        resume();
}

void Channel::readConnectionLost() {
    peerDone_ = true;
    if (closing_)
        return transport().loseConnection();
    // What came before the end may still be answered: requests of a pipeline, and bodies that wait.
    if (!busy_)
        settle(!rest().empty());
}

void Channel::connectionLost(const Failure& reason) {
    closing_ = true;
    if (const RequestPtr request = std::exchange(current_, nullptr)) {
        site_.answered(*request, transport().peer());
        request->lost(reason);
    }
    site_.gone(*this);
}

/// Whether nobody is left who could answer.
bool Channel::forgotten() const noexcept {
    return current_ && current_.use_count() == 1;
}

/// The limit of the present phase is over.
void Channel::timeUp() {
    switch (phase_) {
    case Site::Phase::head:
        if (unread_ && unread_->parsing && unread_->parser.midway())
            return refuse(408, "the request did not come in time");
        return close(false);
    case Site::Phase::idle:
        return close(false);
    case Site::Phase::closing:
        if (transport().queued() == 0)
            return transport().loseConnection();
        break;
    case Site::Phase::active:
        if (forgotten()) {
            const RequestPtr request = current_;
            return request->fail("a resource let go of a request without answering it");
        }
        break;
    }
    closing_ = true;
    transport().abortConnection(ConnectionAborted("the client does not go on"));
}

/// Asked once a second while a body or an answer is under way: whether the client has had its time.
bool Channel::stalled() {
    const std::size_t queued = transport().queued();
    if (closing_ && queued == 0)
        return site_.reactor_.now() - since_ >= site_.limits_.lingerTime;
    if (!closing_ && !current_ && body_ == BodyKind::none && queued == 0) {
        site_.enter(*this, Site::Phase::idle);
        return false;
    }
    if (!closing_ && forgotten())
        return true;
    const bool reading = !closing_ && readingBody();
    if (reading != watchesBody_) {
        watchesBody_ = reading;
        waited_ = 0;
        progress_ = 0;
    }
    using std::chrono::seconds;
    const auto allowed = static_cast<std::uint32_t>(
        std::max<std::int64_t>(1, std::chrono::ceil<seconds>(site_.limits_.stallTime).count())
    );
    if (reading) {
        if (++waited_ < allowed)
            return false;
        const bool tooSlow = progress_ < waited_ * site_.limits_.bodyRate;
        waited_ = 0;
        progress_ = 0;
        return tooSlow;
    }
    if (closing_)
        since_ = site_.reactor_.now(); // it begins to linger when all was sent
    if (queued == 0) {
        waited_ = 0;
        return false; // it is we who are slow
    }
    const std::uint64_t left = (current_ ? current_->sent() : 0) - queued;
    waited_ = left == progress_ ? waited_ + 1 : 0;
    progress_ = left;
    return waited_ >= allowed;
}

void Channel::lastRequest() {
    // An answer that has said already that the connection stays open is not the last one.
    if (current_ && !current_->begun())
        keepAlive_ = false;
}

void Channel::shutDown() {
    keepAlive_ = false;
    if (!closing_ && !current_)
        close(body_ != BodyKind::none || !rest().empty());
}

} // namespace twistdpp::http
