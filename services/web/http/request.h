#pragma once
#include "twistdpp/http/header_list.h"
#include "twistdpp/http/request_head.h"

#include "twistdpp/base/buffer.h"
#include "twistdpp/base/bytes.h"
#include "twistdpp/base/file.h"
#include "twistdpp/defer/deferred.h"
#include "twistdpp/defer/promise.h"
#include "twistdpp/reactor/address.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace twistdpp::http {

class Channel;
class Resource;
class Site;

/// The body of a request is larger than who reads it is willing to take: answer 413.
class BodyTooLarge : public std::runtime_error {
public:
    BodyTooLarge() : std::runtime_error("the body of the request is too large") {}
};

/// One request and its answer, on a server: Twisted's Request. A resource gets it in render() and may answer
/// at once or keep the pointer and answer later; the connection's next request waits for finish(). A request
/// of which nobody keeps the pointer is answered with 500. When the connection is lost first, writing does
/// nothing more and finished() fails. Belongs to its reactor's thread.
///
/// An answer is made in one of three ways:
///
///     request->setResponseCode(200); request->responseHeaders().set("Content-Type", "text/plain");
///     request->respond("whole body");
///
///     request->begin(length);  request->write(part); ... request->finish();    // length known
///     request->begin();        request->write(part); ... request->finish();    // chunked, or until close
class Request {
public:
    explicit Request(Site& site) noexcept : site_(site) {}
    Request(const Request&) = delete;
    Request& operator=(const Request&) = delete;
    ~Request();

    /// Borrowed from the connection's read buffer during render(); when render() returns before finish(), it
    /// has been copied and stays good as long as this object. Keep no Bytes taken from it across that moment:
    /// ask again, or call keepHead() first.
    const RequestHead& head() const noexcept { return *head_; }
    void keepHead();
    Method method() const noexcept { return head_->method(); }
    /// The decoded path: begins with '/', no dot segments, no NUL (normalisePath). Computed by the site
    /// before the resource tree is walked; for a root that is a leaf, on request by decodePath().
    const std::string& path() const noexcept { return path_; }
    /// Fills path(). False: it cannot be decoded, and 400 was answered.
    bool decodePath();
    /// What of path() stands behind the resource that was found, without its '/'. All of it for a leaf at the
    /// root.
    Bytes postpath() const noexcept { return Bytes(path_).substr(postpathAt_); }
    void setPostpath(std::size_t offset) noexcept { postpathAt_ = offset; }

    Site& site() const noexcept { return site_; }
    const Address& peer() const noexcept;
    /// Who has logged in, for the access log; empty: nobody.
    const std::string& user() const noexcept { return user_; }
    void setUser(std::string name) { user_ = std::move(name); }
    /// Whether it came over TLS.
    bool secure() const noexcept;
    bool connectionLost() const noexcept { return channel_ == nullptr; }

    // The body of the request, pulled: what is not asked for stays with the client.

    /// The next piece, of any size; empty at the end. One at a time. Fails when the connection is lost, when
    /// the answer is finished first, or when the body is malformed or broken off (400 has been answered
    /// then, unless another answer had begun).
    Deferred<std::string> readBody();
    /// The whole; fails with BodyTooLarge above `most` bytes.
    Deferred<std::string> body(std::size_t most);

    // The answer.

    void setResponseCode(int status) noexcept { status_ = status; }
    int responseCode() const noexcept { return status_; }
    /// Fields of the answer. Date, Server, Content-Length, Transfer-Encoding and Connection are the server's.
    HeaderList& responseHeaders() noexcept { return headers_; }
    /// A whole answer. For HEAD the body is left out and its length is told all the same.
    void respond(Bytes body);
    /// A page that says `status` in words; `detail` is one plain sentence, or empty for the phrase alone.
    void respondError(int status, Bytes detail = {});
    /// A redirect to `location` (an absolute URL or an absolute path).
    void redirect(int status, Bytes location);

    /// Sends the head. `length` is that of the body; nothing: not known.
    void begin(std::optional<std::uint64_t> length = std::nullopt);
    bool begun() const noexcept { return begun_; }
    /// Calls begin() where nobody has. Dropped where the answer has no body (HEAD, 204, 304).
    void write(Bytes data);
    void write(Buffer data);
    void writeFile(FileRange range);
    /// Ends the answer. Fewer bytes than promised abort the connection, as the client could not tell
    /// otherwise.
    void finish();
    /// For what went wrong on our side: logs `why`, and answers 500 or, when the answer has begun, cuts the
    /// connection.
    void fail(Bytes why);
    /// Gives up: the connection is cut, so that the client sees that the answer is not whole.
    void abort();
    /// Fires when more may be written without filling memory.
    Deferred<void> drained();

    /// Whether sendBlock() may be used: a GET of HTTP/1.1 without a body, and nothing of the answer was set
    /// yet.
    bool takesBlock() const noexcept;
    /// The hot path of cached answers: `block` is a whole answer, head and body, for takesBlock(). Its head
    /// has no Connection field; one is put in when the connection closes after it.
    void sendBlock(Bytes block, int status, std::uint64_t bodySize);
    /// The same with the body as a part of a file.
    void sendBlock(Bytes head, FileRange body, int status);

    /// Fires after finish(), or fails when the connection is lost before.
    Deferred<void> finished();
    bool isFinished() const noexcept { return finished_; }
    /// Bytes of body sent, for logs.
    std::uint64_t sent() const noexcept { return sent_; }

private:
    friend class Channel;
    friend class Site;

    void reset(Channel& channel, const RequestHead& head) noexcept;
    void writeHead(std::optional<std::uint64_t> length);
    bool bodyless() const noexcept;
    bool account(std::uint64_t size);
    void writeBlock(Bytes block, std::size_t headSize);
    void conclude();
    template <class Piece>
    void writePiece(Piece piece, std::uint64_t size);
    // From the channel:
    void bodyCame(Bytes data);
    void bodyEnded();
    void lost(const Failure& reason);

    Site& site_;
    Channel* channel_ = nullptr; // nullptr once the connection is lost or the answer is finished
    const RequestHead* head_ = nullptr;
    std::unique_ptr<RequestHead> keptHead_;
    Buffer keptBytes_;
    std::string path_;
    std::string user_;
    std::size_t postpathAt_ = 1;

    int status_ = 200;
    HeaderList headers_;
    bool begun_ = false;
    bool finished_ = false;
    bool chunked_ = false;
    std::optional<std::uint64_t> promised_;
    std::uint64_t sent_ = 0;
    std::vector<Promise<void>> whenFinished_;

    std::string bodyWaiting_;
    std::unique_ptr<Promise<std::string>> bodyReader_;
    std::shared_ptr<Resource> resource_; // that is at work on the answer
    bool bodyDone_ = true;
    bool bodyWanted_ = false; // somebody waits for the next piece
    bool bodyAsked_ = false;  // somebody has asked for some of it
};

using RequestPtr = std::shared_ptr<Request>;

} // namespace twistdpp::http
