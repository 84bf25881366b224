#pragma once
#include "twistdpp/http/client_body.h"
#include "twistdpp/http/client_connection.h"
#include "twistdpp/http/client_url.h"
#include "twistdpp/http/header_list.h"

#include "twistdpp/base/bytes.h"

#include <optional>
#include <string>
#include <utility>

namespace twistdpp::http {

/// What is to be asked of whom: a request of the client before it becomes bytes, and how it changes on the
/// way from redirect to redirect.
class ClientPlan {
public:
    ClientPlan(std::string method, ClientUrl url, HeaderList headers, RequestBody body)
        : method_(std::move(method)), url_(std::move(url)), headers_(std::move(headers)),
          body_(std::move(body)) {}

    const ClientUrl& url() const noexcept { return url_; }
    /// Why it cannot be sent, if so.
    std::optional<std::string> problem() const;
    /// Whether it may be sent a second time when it is not known what became of the first.
    bool repeatable() const noexcept;

    /// Whether an answer of that status is a redirect that clients follow (RFC 9110 15.4).
    static bool isRedirect(int status) noexcept;
    /// Follows one to `location`. Says why not, if so; then nothing has changed.
    std::optional<std::string> follow(int status, Bytes location);

    /// The request for the wire. It has the body when it can be sent only once.
    ClientOrder order(Bytes userAgent, bool decode);

private:
    std::string method_;
    ClientUrl url_;
    HeaderList headers_;
    RequestBody body_;
};

} // namespace twistdpp::http
