#include "twistdpp/http/client_response.h"

#include "twistdpp/http/client_errors.h"

#include <stdexcept>
#include <utility>

namespace twistdpp::http {

namespace {

constexpr std::size_t kDecodedPiece = 64 * 1024;

Deferred<std::string> collect(ResponsePtr response, std::size_t most) {
    std::string whole;
    for (;;) {
        const std::string piece = co_await response->readBody();
        if (piece.empty())
            co_return whole;
        if (piece.size() > most - whole.size())
            co_return Failure(ResponseTooLarge(response->url(), most));
        whole += piece;
    }
}

} // namespace

Response::~Response() {
    if (source_)
        source_->abandonBody();
}

Deferred<std::string> Response::readBody() {
    if (reader_)
        return Failure(std::logic_error("the body of this response is being read already"));
    auto got = tryRead();
    if (!got) {
        keep_ = shared_from_this();
        reader_.emplace([this] {
            const auto keep = std::move(keep_);
            reader_.reset();
        });
    }
    Deferred<std::string> result = got ? Deferred<std::string>(*std::move(got)) : reader_->deferred();
    if (source_)
        source_->resumeBody();
    return result;
}

Deferred<std::string> Response::body(std::size_t most) {
    return collect(shared_from_this(), most);
}

void Response::serve() {
    if (!reader_)
        return;
    auto got = tryRead();
    if (!got)
        return;
    Promise<std::string> reader = *std::move(reader_);
    reader_.reset();
    const auto keep = std::move(keep_);
    reader.fireOutcome(*std::move(got));
}

void Response::bodyEnded(std::optional<Failure> failure) {
    source_ = nullptr;
    ended_ = true;
    failure_ = std::move(failure);
}

std::optional<Outcome<std::string>> Response::tryRead() {
    if (decoder_)
        return tryDecode();
    if (!waiting_.empty())
        return std::exchange(waiting_, {});
    if (failure_)
        return Outcome<std::string>(*failure_);
    if (ended_)
        return std::string();
    return std::nullopt;
}

std::optional<Outcome<std::string>> Response::tryDecode() {
    std::string piece;
    Bytes input = waiting_;
    const auto step = decoder_->decode(input, piece, kDecodedPiece);
    waiting_.erase(0, waiting_.size() - input.size());
    if (step == ContentDecoder::Step::broken)
        return undecodable("is not in the coding that it announces");
    if (step == ContentDecoder::Step::end) {
        decoder_.reset();
        if (!waiting_.empty())
            return undecodable("goes on behind its end");
        // What may still come is the end of the message, and nothing else.
        decoder_ = ContentDecoder::finished();
    }
    if (!piece.empty())
        return piece;
    if (!ended_)
        return std::nullopt;
    if (failure_)
        return Outcome<std::string>(*failure_);
    if (step == ContentDecoder::Step::more)
        return undecodable("ends too early for its coding");
    return std::string();
}

Outcome<std::string> Response::undecodable(Bytes why) {
    decoder_.reset();
    waiting_.clear();
    const Failure failure(BadResponse("the body of " + url_ + " " + std::string(why)));
    if (BodySource* source = std::exchange(source_, nullptr))
        source->abandonBody();
    bodyEnded(failure);
    return failure;
}

} // namespace twistdpp::http
