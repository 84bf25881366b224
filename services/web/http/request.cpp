#include "twistdpp/http/request.h"

#include "twistdpp/http/channel.h"
#include "twistdpp/http/error_page.h"
#include "twistdpp/http/site.h"
#include "twistdpp/http/status.h"
#include "twistdpp/http/target.h"

#include "twistdpp/base/log.h"
#include "twistdpp/reactor/errors.h"

#include <charconv>
#include <utility>

namespace twistdpp::http {

namespace {

constexpr const char* kBodyMissing = "the body of the request had not come whole";

void appendNumber(std::string& out, std::uint64_t number) {
    char digits[20];
    const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    out.append(digits, end);
}

const Address kNobody;

} // namespace

Request::~Request() = default;

void Request::reset(Channel& channel, const RequestHead& head) noexcept {
    channel_ = &channel;
    head_ = &head;
    keptHead_.reset();
    keptBytes_ = Buffer();
    path_.clear();
    user_.clear();
    postpathAt_ = 1;
    status_ = 200;
    headers_.clear();
    begun_ = finished_ = chunked_ = false;
    promised_.reset();
    sent_ = 0;
    whenFinished_.clear();
    bodyWaiting_.clear();
    bodyReader_.reset();
    resource_.reset();
    bodyDone_ = head.body() == BodyKind::none;
    bodyWanted_ = bodyAsked_ = false;
}

void Request::keepHead() {
    if (keptHead_)
        return;
    keptHead_ = std::make_unique<RequestHead>(head_->keptIn(keptBytes_));
    head_ = keptHead_.get();
}

bool Request::decodePath() {
    const Target target = head_->splitTarget();
    if (target.form == TargetForm::asterisk || target.form == TargetForm::authority) {
        // "OPTIONS *" is about the server as a whole; CONNECT is for proxies.
        if (method() == Method::options) {
            headers_.set(KnownHeader::allow, "GET, HEAD, OPTIONS");
            respond({});
        } else {
            respondError(501);
        }
        return false;
    }
    if (const Problem problem = normalisePath(target.path, path_)) {
        respondError(problem.status, problem.reason);
        return false;
    }
    return true;
}

const Address& Request::peer() const noexcept {
    return channel_ ? channel_->transport().peer() : kNobody;
}

bool Request::secure() const noexcept {
    return channel_ && channel_->transport().tls() != nullptr;
}

Deferred<std::string> Request::readBody() {
    if (!bodyWaiting_.empty())
        return succeed(std::exchange(bodyWaiting_, {}));
    if (bodyDone_)
        return succeed(std::string());
    if (!channel_)
        return twistdpp::fail<std::string>(ConnectionLost(kBodyMissing));
    keepHead();
    bodyReader_ = std::make_unique<Promise<std::string>>([this] {
        bodyReader_.reset();
        bodyWanted_ = false;
    });
    auto piece = bodyReader_->deferred();
    bodyWanted_ = bodyAsked_ = true;
    channel_->bodyWanted(*this);
    return piece;
}

Deferred<std::string> Request::body(std::size_t most) {
    std::string whole;
    if (head_->contentLength() > most)
        co_return Failure(BodyTooLarge());
    while (true) {
        std::string piece = co_await readBody();
        if (piece.empty())
            co_return whole;
        if (whole.size() + piece.size() > most)
            co_return Failure(BodyTooLarge());
        whole += piece;
    }
}

void Request::bodyCame(Bytes data) {
    bodyWanted_ = false;
    if (const auto reader = std::move(bodyReader_))
        reader->callback(std::string(data));
    else
        bodyWaiting_.append(data);
}

void Request::bodyEnded() {
    bodyDone_ = true;
    bodyWanted_ = false;
    if (const auto reader = std::move(bodyReader_))
        reader->callback(std::string());
}

void Request::lost(const Failure& reason) {
    channel_ = nullptr;
    bodyWanted_ = false;
    // What is told may be the end of this object.
    const auto reader = std::move(bodyReader_);
    auto waiters = std::move(whenFinished_);
    if (reader)
        reader->errback(reason);
    for (Promise<void>& waiter : waiters)
        waiter.errback(reason);
}

/// The answer is whole.
void Request::conclude() {
    finished_ = true;
    bodyWanted_ = false;
    const auto reader = std::move(bodyReader_);
    auto waiters = std::move(whenFinished_);
    if (channel_)
        channel_->answerFinished(*this);
    if (reader)
        reader->errback(ConnectionLost(kBodyMissing));
    for (Promise<void>& waiter : waiters)
        waiter.callback();
}

bool Request::bodyless() const noexcept {
    return method() == Method::head || neverHasBody(status_);
}

void Request::writeHead(std::optional<std::uint64_t> length) {
    std::string& out = site_.scratch_;
    out.assign("HTTP/1.1 ");
    appendNumber(out, static_cast<std::uint64_t>(status_));
    out.append(" ").append(reasonPhrase(status_)).append("\r\n");
    out.append(site_.commonFields());
    headers_.appendTo(out);
    if (status_ != 304 && status_ >= 200 && status_ != 204) {
        if (length) {
            out.append("Content-Length: ");
            appendNumber(out, *length);
            out.append("\r\n");
        } else if (head_->minorVersion() >= 1) {
            out.append("Transfer-Encoding: chunked\r\n");
            chunked_ = method() != Method::head;
        } else {
            channel_->keepAlive_ = false;
        }
    }
    // Whatever makes the channel close after this answer is known by now, except a body left unread.
    if (channel_->body_ != BodyKind::none && !bodyAsked_ &&
        (channel_->expectsContinue_ || channel_->bodyLeft_ > site_.limits_.drainBody))
        channel_->keepAlive_ = false;
    if (!channel_->keepAlive_)
        out.append("Connection: close\r\n");
    else if (head_->minorVersion() == 0)
        out.append("Connection: keep-alive\r\n");
    out.append("\r\n");
}

void Request::begin(std::optional<std::uint64_t> length) {
    if (begun_ || finished_)
        return;
    begun_ = true;
    if (!channel_)
        return;
    writeHead(length);
    if (!bodyless())
        promised_ = length;
    channel_->transport().write(Bytes(site_.scratch_));
}

bool Request::account(std::uint64_t size) {
    if (!channel_ || finished_ || size == 0 || bodyless())
        return false;
    if (promised_ && sent_ + size > *promised_) {
        abort(); // more than was promised would be taken for the next answer
        return false;
    }
    sent_ += size;
    return true;
}

template <class Piece>
void Request::writePiece(Piece piece, std::uint64_t size) {
    begin();
    if (!account(size))
        return;
    Transport& transport = channel_->transport();
    const auto put = [&] {
        if constexpr (std::is_same_v<Piece, FileRange>)
            transport.writeFile(std::move(piece));
        else
            transport.write(std::move(piece));
    };
    if (!chunked_)
        return put();
    const Corked together(transport);
    ChunkHeaderBuffer buffer;
    transport.write(chunkHeader(size, buffer));
    put();
    transport.write(kChunkEnd);
}

void Request::write(Bytes data) {
    writePiece(data, data.size());
}
void Request::write(Buffer data) {
    const std::size_t size = data.size();
    writePiece(std::move(data), size);
}
void Request::writeFile(FileRange range) {
    const std::uint64_t size = range.length;
    writePiece(std::move(range), size);
}

void Request::finish() {
    if (finished_)
        return;
    if (!begun_)
        begin(0);
    if (channel_ && promised_ && sent_ < *promised_)
        return abort();
    if (channel_ && chunked_)
        channel_->transport().write(kLastChunk);
    conclude();
}

void Request::fail(Bytes why) {
    if (finished_ || !channel_)
        return;
    logLine(LogLevel::error, "http", std::string("a request could not be answered: ").append(why));
    if (begun_)
        abort();
    else
        respondError(500);
}

void Request::abort() {
    if (channel_)
        channel_->transport().abortConnection(ConnectionAborted("the answer could not be finished"));
}

void Request::respond(Bytes body) {
    if (!channel_ || begun_)
        return;
    begun_ = true;
    const bool dropped = bodyless();
    writeHead(body.size());
    if (!dropped) {
        site_.scratch_.append(body);
        sent_ = body.size();
    }
    channel_->transport().write(Bytes(site_.scratch_));
    finish();
}

void Request::respondError(int status, Bytes detail) {
    setResponseCode(status);
    headers_.set(KnownHeader::contentType, "text/html; charset=utf-8");
    respond(errorPage(status, detail));
}

void Request::redirect(int status, Bytes location) {
    setResponseCode(status);
    headers_.set(KnownHeader::location, location);
    headers_.set(KnownHeader::contentType, "text/html; charset=utf-8");
    respond(errorPage(status, {}));
}

Deferred<void> Request::drained() {
    if (!channel_)
        return finished_ ? succeed() : twistdpp::fail(ConnectionLost());
    return channel_->transport().drained();
}

bool Request::takesBlock() const noexcept {
    return channel_ && !begun_ && head_->minorVersion() >= 1 && head_->method() == Method::get && bodyDone_ &&
           headers_.empty();
}

void Request::writeBlock(Bytes block, std::size_t headSize) {
    Transport& transport = channel_->transport();
    if (channel_->keepAlive_)
        return transport.write(block);
    constexpr std::size_t kBlankLine = 2;
    transport.write(block.substr(0, headSize - kBlankLine));
    transport.write(Bytes("Connection: close\r\n\r\n"));
    transport.write(block.substr(headSize));
}

void Request::sendBlock(Bytes block, int status, std::uint64_t bodySize) {
    begun_ = true;
    status_ = status;
    sent_ = bodySize;
    writeBlock(block, block.size() - static_cast<std::size_t>(bodySize));
    conclude();
}

void Request::sendBlock(Bytes head, FileRange body, int status) {
    begun_ = true;
    status_ = status;
    sent_ = body.length;
    writeBlock(head, head.size());
    channel_->transport().writeFile(std::move(body));
    conclude();
}

Deferred<void> Request::finished() {
    if (finished_)
        return succeed();
    if (!channel_)
        return twistdpp::fail(ConnectionLost());
    return whenFinished_.emplace_back().deferred();
}

} // namespace twistdpp::http
