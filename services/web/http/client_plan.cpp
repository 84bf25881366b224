#include "twistdpp/http/client_plan.h"

#include "twistdpp/http/tokens.h"

#include "twistdpp/base/ascii.h"

namespace twistdpp::http {

namespace {

// What frames the message or belongs to one connection (RFC 9110 7.6.1): the client's own business.
constexpr Bytes kOwnFields[] = {
    "Connection", "Content-Length", "Expect",  "Keep-Alive",        "Proxy-Connection",
    "TE",         "Trailer",        "Upgrade", "Transfer-Encoding",
};
// What describes the body, and goes with it.
constexpr Bytes kBodyFields[] = {
    "Content-Encoding", "Content-Language", "Content-Location", "Content-Type", "Digest", "Last-Modified",
};
// What is meant for one origin.
constexpr Bytes kOriginFields[] = {"Authorization", "Cookie", "Host", "Proxy-Authorization"};

bool asksToClose(const HeaderList& headers) {
    for (const auto& field : headers) {
        if (!ascii::equalsIgnoreCase(field.name, "Connection"))
            continue;
        ListReader elements(field.value);
        while (const auto element = elements.next()) {
            if (ascii::equalsIgnoreCase(*element, "close"))
                return true;
        }
    }
    return false;
}

} // namespace

std::optional<std::string> ClientPlan::problem() const {
    if (!isToken(method_))
        return "the method of a request must be one word, such as GET";
    if (methodOf(method_) == Method::connect)
        return "CONNECT makes a tunnel, which is no request for a page";
    return std::nullopt;
}

bool ClientPlan::repeatable() const noexcept {
    return body_.replayable() && isIdempotent(methodOf(method_));
}

bool ClientPlan::isRedirect(int status) noexcept {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

std::optional<std::string> ClientPlan::follow(int status, Bytes location) {
    auto next = url_.resolve(location);
    if (!next)
        return next.error().message();
    if (url_.secure() && !next->secure())
        return "it leads from https to " + next->origin() + ", where anybody could read along";
    const Method method = methodOf(method_);
    const bool toGet = status == 303 ? method != Method::get && method != Method::head
                                     : (status == 301 || status == 302) && method == Method::post;
    if (!toGet && !body_.replayable())
        return std::string("the body of the request cannot be sent again");
    if (toGet) {
        method_ = "GET";
        body_ = RequestBody();
        for (const Bytes name : kBodyFields)
            headers_.remove(name);
    }
    if (next->origin() != url_.origin()) {
        for (const Bytes name : kOriginFields)
            headers_.remove(name);
    }
    url_ = *std::move(next);
    return std::nullopt;
}

ClientOrder ClientPlan::order(Bytes userAgent, bool decode) {
    ClientOrder order(url_);
    order.method = methodOf(method_);
    order.close = asksToClose(headers_);
    order.decode = decode && !headers_.has("Accept-Encoding");

    HeaderList fields;
    fields.add("Host", headers_.get("Host").value_or(url_.authority()));
    for (const auto& field : headers_) {
        if (!ascii::equalsIgnoreCase(field.name, "Host"))
            fields.add(field.name, field.value);
    }
    for (const Bytes name : kOwnFields)
        fields.remove(name);
    if (!userAgent.empty())
        fields.setIfMissing("User-Agent", userAgent);
    if (order.decode)
        fields.add("Accept-Encoding", ContentDecoder::kAccepted);
    if (order.close)
        fields.add("Connection", "close");
    const bool usuallyHasBody =
        order.method == Method::post || order.method == Method::put || order.method == Method::patch;
    if (!body_.none() || usuallyHasBody) {
        if (const auto length = body_.length())
            fields.add("Content-Length", std::to_string(*length));
        else
            fields.add("Transfer-Encoding", "chunked");
    }
    order.head.append(method_).append(" ").append(url_.target()).append(" HTTP/1.1\r\n");
    fields.appendTo(order.head);
    order.head += "\r\n";
    order.body = body_.replayable() ? RequestBody(body_.text()) : std::move(body_);
    return order;
}

} // namespace twistdpp::http
