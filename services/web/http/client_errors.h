#pragma once
#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>

/// What can go wrong with a request of the client, besides what the layers below report and the client passes
/// on: ConnectError, DNSLookupError, TlsError, TimeoutError, CancelledError.
namespace twistdpp::http {

/// What was asked for cannot be sent: a URL that is none, a method or field that would break the message.
class RequestError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// The server answered with a status that means failure. Of getPage() only: request() gives such answers like
/// any other.
class HttpError : public std::runtime_error {
public:
    HttpError(int status, const std::string& reason, const std::string& url, std::string page)
        : std::runtime_error(
              url + " answered " + std::to_string(status) + (reason.empty() ? "" : " " + reason)
          ),
          status_(status), page_(std::move(page)) {}
    int status() const noexcept { return status_; }
    /// The body of the answer, or its first 64 KiB.
    const std::string& page() const noexcept { return page_; }

private:
    int status_;
    std::string page_;
};

/// A redirect that is not followed: too many, to a place that cannot be, away from TLS, or of a body that
/// cannot be sent twice.
class RedirectError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// The connection ended before any byte of an answer. Twisted's name.
class ResponseNeverReceived : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// The connection ended in the middle of an answer.
class ResponseCut : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// What the server sent is no HTTP/1.1, or not in the coding that it announced. The connection is closed, as
/// nothing behind it can be trusted.
class BadResponse : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// A body is larger than who asked for the whole is willing to take.
class ResponseTooLarge : public std::runtime_error {
public:
    explicit ResponseTooLarge(const std::string& url, std::uint64_t most)
        : std::runtime_error("the answer of " + url + " is larger than " + std::to_string(most) + " bytes") {}
};

} // namespace twistdpp::http
