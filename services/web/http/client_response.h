#pragma once
#include "twistdpp/http/client_decoder.h"
#include "twistdpp/http/header_list.h"

#include "twistdpp/base/bytes.h"
#include "twistdpp/defer/deferred.h"
#include "twistdpp/defer/promise.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace twistdpp::http {

class Response;
using ResponsePtr = std::shared_ptr<Response>;

/// Where a Response gets its body from: the connection. It tells the response when it goes (bodyEnded).
class BodySource {
public:
    /// What waited has been read; more may come.
    virtual void resumeBody() = 0;
    /// Nobody wants the rest.
    virtual void abandonBody() = 0;

protected:
    ~BodySource() = default;
};

/// The answer to a request of the client, there as soon as its head is. The body is pulled: what is not asked
/// for stays with the server, but for some 64 KiB. Whoever does not want the rest drops the last pointer,
/// which closes the connection; a body that was read to its end leaves it to the next request. Belongs to its
/// reactor's thread.
class Response : public std::enable_shared_from_this<Response> {
public:
    static constexpr std::size_t kMostBody = 64 * 1024 * 1024;

    Response(int status, Bytes reason, int minorVersion)
        : status_(status), minor_(minorVersion), reason_(reason) {}
    Response(const Response&) = delete;
    Response& operator=(const Response&) = delete;
    ~Response();

    int status() const noexcept { return status_; }
    /// As the server put it; often empty, and means nothing.
    const std::string& reason() const noexcept { return reason_; }
    /// 1 for HTTP/1.1.
    int minorVersion() const noexcept { return minor_; }
    const HeaderList& headers() const noexcept { return headers_; }
    /// What was asked in the end, after redirects.
    const std::string& url() const noexcept { return url_; }
    /// The length of the body on the wire, when the server told it.
    std::optional<std::uint64_t> contentLength() const noexcept { return length_; }

    /// The next piece of the body, of any size; empty at the end, and from then on. One call at a time. Fails
    /// with ResponseCut, BadResponse or TimeoutError. Cancelling takes the call back and loses nothing.
    Deferred<std::string> readBody();
    /// All that is left of the body; fails with ResponseTooLarge above `most` bytes.
    Deferred<std::string> body(std::size_t most = kMostBody);
    /// Whether the whole body has been received and read.
    bool finished() const noexcept { return ended_ && !failure_ && waiting_.empty(); }
    /// Fields that came behind the body; after its end only.
    const HeaderList& trailers() const noexcept { return trailers_; }

    // For the client's connection and agent alone.
    HeaderList& mutableHeaders() noexcept { return headers_; }
    void setUrl(std::string url) { url_ = std::move(url); }
    void setLength(std::uint64_t length) noexcept { length_ = length; }
    void setDecoder(std::unique_ptr<ContentDecoder> decoder) noexcept { decoder_ = std::move(decoder); }
    void setSource(BodySource* source) noexcept { source_ = source; }
    /// Keeps `data` until it is read; nobody is told before serve().
    void append(Bytes data) { waiting_.append(data); }
    std::size_t waiting() const noexcept { return waiting_.size(); }
    bool readerWaits() const noexcept { return reader_.has_value(); }
    /// Hands what there is to a reader that waits.
    void serve();
    /// No more comes: whole, or because of `failure`. Forgets the source; serve() is to follow.
    void bodyEnded(std::optional<Failure> failure);
    void setTrailers(HeaderList trailers) { trailers_ = std::move(trailers); }

private:
    std::optional<Outcome<std::string>> tryRead();
    std::optional<Outcome<std::string>> tryDecode();
    Outcome<std::string> undecodable(Bytes why);

    int status_;
    int minor_;
    std::string reason_;
    std::string url_;
    HeaderList headers_;
    HeaderList trailers_;
    std::optional<std::uint64_t> length_;

    BodySource* source_ = nullptr;
    std::string waiting_; // as it came, not decoded yet
    std::size_t taken_ = 0;
    std::unique_ptr<ContentDecoder> decoder_;
    std::optional<Promise<std::string>> reader_;
    ResponsePtr keep_; // while a reader waits
    bool ended_ = false;
    std::optional<Failure> failure_;
};

} // namespace twistdpp::http
