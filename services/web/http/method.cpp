#include "twistdpp/http/method.h"

#include <array>

namespace twistdpp::http {

namespace {

constexpr std::array<Bytes, 17> kTexts = {"GET",     "HEAD",  "POST",  "PUT",      "DELETE",    "CONNECT",
                                          "OPTIONS", "TRACE", "PATCH", "PROPFIND", "PROPPATCH", "MKCOL",
                                          "COPY",    "MOVE",  "LOCK",  "UNLOCK",   "REPORT"};
static_assert(kTexts.size() == static_cast<std::size_t>(Method::other));

} // namespace

Method methodOf(Bytes text) noexcept {
    if (text == "GET")
        return Method::get;
    for (std::size_t i = 1; i < kTexts.size(); ++i) {
        if (kTexts[i] == text)
            return static_cast<Method>(i);
    }
    return Method::other;
}

Bytes methodText(Method method) noexcept {
    const auto index = static_cast<std::size_t>(method);
    return index < kTexts.size() ? kTexts[index] : Bytes{};
}

bool isSafe(Method method) noexcept {
    switch (method) {
    case Method::get:
    case Method::head:
    case Method::options:
    case Method::trace:
    case Method::propfind:
    case Method::report:
        return true;
    default:
        return false;
    }
}

bool isIdempotent(Method method) noexcept {
    switch (method) {
    case Method::post:
    case Method::connect:
    case Method::patch:
    case Method::lock:
    case Method::other:
        return false;
    default:
        return true;
    }
}

} // namespace twistdpp::http
