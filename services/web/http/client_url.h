#pragma once
#include "twistdpp/base/bytes.h"
#include "twistdpp/base/result.h"

#include <cstdint>
#include <string>

namespace twistdpp::http {

/// An http or https URL as a client needs it (RFC 3986, RFC 9110 4.2): whom to connect to and what to ask. A
/// value that is always valid.
class ClientUrl {
public:
    /// The error says what is wrong with `text`. Spaces and bytes above ASCII in path and query are
    /// percent-encoded, as browsers do; a fragment is dropped. A user name in it is refused, as URLs end up
    /// in logs: send an Authorization field.
    static Result<ClientUrl> parse(Bytes text);
    /// What `reference` (the value of a Location field) means, seen from here: RFC 3986 5.
    Result<ClientUrl> resolve(Bytes reference) const;

    bool secure() const noexcept { return secure_; }
    /// In lower case and without the brackets of an IPv6 address.
    const std::string& host() const noexcept { return host_; }
    std::uint16_t port() const noexcept { return port_; }
    /// The value of Host: the port only when it is not the scheme's own.
    std::string authority() const;
    /// Path and query, as in the request line.
    const std::string& target() const noexcept { return target_; }

    /// "https://example.org:8443": what connections are shared by, and what credentials are good for.
    std::string origin() const { return (secure_ ? "https://" : "http://") + authority(); }
    std::string toString() const { return origin() + target_; }

private:
    ClientUrl() = default;

    bool secure_ = false;
    std::uint16_t port_ = 80;
    std::string host_;
    std::string target_ = "/";
};

} // namespace twistdpp::http
