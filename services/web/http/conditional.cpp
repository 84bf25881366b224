#include "twistdpp/http/conditional.h"

#include "twistdpp/base/ascii.h"

namespace twistdpp::http {

namespace {

using Compare = bool (*)(const EntityTag&, const EntityTag&) noexcept;

/// Whether "*" or one of the listed tags matches.
bool anyTagMatches(
    const HeaderBlock& headers, KnownHeader header, const Validators& current, Compare matches
) noexcept {
    if (!headers.repeated(header) && headers.find(header) == Bytes("*"))
        return current.exists;
    bool found = false;
    headers.each(header, [&](Bytes list) {
        EntityTagReader reader(list);
        while (const auto tag = reader.next())
            found |= current.etag && matches(*tag, *current.etag);
    });
    return found;
}

/// The date in a field that occurs once; nothing when it cannot be read.
std::optional<UnixSeconds> dateIn(const HeaderBlock& headers, KnownHeader header, UnixSeconds now) noexcept {
    const std::optional<Bytes> text = headers.find(header);
    if (!text || headers.repeated(header))
        return std::nullopt;
    return parseDate(*text, now);
}

} // namespace

Verdict evaluateConditions(
    const HeaderBlock& headers, Method method, const Validators& current, UnixSeconds now
) noexcept {
    if (headers.has(KnownHeader::ifMatch)) {
        if (!anyTagMatches(headers, KnownHeader::ifMatch, current, strongMatch))
            return Verdict::preconditionFailed;
    } else if (const auto since = dateIn(headers, KnownHeader::ifUnmodifiedSince, now);
               since && current.lastModified && *current.lastModified > *since) {
        return Verdict::preconditionFailed;
    }

    const bool reads = method == Method::get || method == Method::head;
    if (headers.has(KnownHeader::ifNoneMatch)) {
        if (anyTagMatches(headers, KnownHeader::ifNoneMatch, current, weakMatch))
            return reads ? Verdict::notModified : Verdict::preconditionFailed;
    } else if (const auto since = dateIn(headers, KnownHeader::ifModifiedSince, now);
               reads && since && current.lastModified && *current.lastModified <= *since) {
        return Verdict::notModified;
    }
    return Verdict::proceed;
}

bool rangeConditionHolds(const HeaderBlock& headers, const Validators& current, UnixSeconds now) noexcept {
    const std::optional<Bytes> text = headers.find(KnownHeader::ifRange);
    if (!text)
        return true;
    if (headers.repeated(KnownHeader::ifRange))
        return false;
    if (const auto tag = parseEntityTag(*text))
        return current.etag && strongMatch(*tag, *current.etag);
    const std::optional<UnixSeconds> date = parseDate(*text, now);
    return date && current.lastModified && *date == *current.lastModified && now - *date >= 1;
}

} // namespace twistdpp::http
