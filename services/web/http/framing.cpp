#include "twistdpp/http/framing.h"

#include "twistdpp/http/tokens.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/number.h"

namespace twistdpp::http {

namespace {

/// Not ListReader, which forgives empty elements: here every oddity is somebody's attack.
Problem readTransferEncoding(const HeaderBlock& headers) noexcept {
    const std::optional<Bytes> first = headers.find(KnownHeader::transferEncoding);
    if (!headers.repeated(KnownHeader::transferEncoding) && ascii::equalsIgnoreCase(*first, "chunked"))
        return {};
    bool malformed = false;
    bool chunkedSeen = false;
    bool codingAfterChunked = false;
    headers.each(KnownHeader::transferEncoding, [&](Bytes list) {
        for (bool more = true; more;) {
            more = list.find(',') != Bytes::npos;
            const Bytes coding = ascii::trim(ascii::cut(list, ','));
            codingAfterChunked |= chunkedSeen;
            chunkedSeen |= ascii::equalsIgnoreCase(coding, "chunked");
            malformed |= !isToken(coding);
        }
    });
    if (malformed)
        return {400, "malformed Transfer-Encoding"};
    if (codingAfterChunked)
        return {400, "chunked is not the last transfer coding, or is named twice"};
    return {501, "a transfer coding other than chunked"};
}

} // namespace

ContentLength readContentLength(const HeaderBlock& headers) noexcept {
    const std::optional<Bytes> text = headers.find(KnownHeader::contentLength);
    if (!text)
        return {};
    if (headers.repeated(KnownHeader::contentLength))
        return {std::nullopt, {400, "more than one Content-Length"}};
    const std::optional<std::uint64_t> value = parseUnsigned<std::uint64_t>(*text);
    if (!value || *value > INT64_MAX)
        return {std::nullopt, {400, "Content-Length is not a number that we can hold"}};
    return {value, {}};
}

Problem readFraming(const HeaderBlock& headers, int minor, Framing& framing) noexcept {
    framing = {};
    if (headers.has(KnownHeader::transferEncoding)) {
        if (headers.has(KnownHeader::contentLength))
            return {400, "both Content-Length and Transfer-Encoding"};
        if (minor == 0)
            return {400, "Transfer-Encoding in HTTP/1.0"};
        if (const Problem problem = readTransferEncoding(headers))
            return problem;
        framing.body = BodyKind::chunked;
        return {};
    }
    const ContentLength length = readContentLength(headers);
    if (length.problem)
        return length.problem;
    if (length.value && *length.value > 0)
        framing = {BodyKind::length, *length.value};
    return {};
}

ConnectionOptions readConnection(const HeaderBlock& headers) noexcept {
    ConnectionOptions options;
    headers.each(KnownHeader::connection, [&](Bytes list) {
        while (!list.empty()) {
            const Bytes option = ascii::trim(ascii::cut(list, ','));
            if (option == "keep-alive") // as nearly all clients write it
                options.keepAlive = true;
            else if (ascii::equalsIgnoreCase(option, "keep-alive"))
                options.keepAlive = true;
            else if (ascii::equalsIgnoreCase(option, "close"))
                options.close = true;
            else if (ascii::equalsIgnoreCase(option, "upgrade"))
                options.upgrade = true;
            else if (!chars::all(option, chars::token))
                options.close = true;
        }
    });
    return options;
}

bool persists(const ConnectionOptions& options, int minor) noexcept {
    if (options.close)
        return false;
    return minor >= 1 || options.keepAlive;
}

} // namespace twistdpp::http
