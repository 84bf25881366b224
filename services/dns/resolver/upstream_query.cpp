#include "twistdpp/dns_resolver/upstream_query.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/dns_resolver/random.h"
#include "twistdpp/dns_wire/message_reader.h"
#include "twistdpp/dns_wire/octets.h"

#include <optional>

namespace twistdpp::dns {

namespace {

constexpr std::size_t kHeader = 12;
constexpr std::uint16_t kCookie = 10; // option code
constexpr std::size_t kClientCookie = 8;
constexpr std::size_t kLongestCookie = 40;
constexpr std::uint32_t kDnssecOk = 0x8000;

/// The value of the COOKIE option among those of an OPT record; empty when there is none.
Bytes cookieOf(Bytes options) noexcept {
    while (options.size() >= 4) {
        const std::uint16_t code = get16(options.data());
        const std::size_t length = get16(options.data() + 2);
        if (options.size() - 4 < length)
            break;
        if (code == kCookie)
            return options.substr(4, length);
        options.remove_prefix(4 + length);
    }
    return {};
}

} // namespace

UpstreamQuery::UpstreamQuery(const Asked& asked, const QueryDress& dress, const QueryRandom& random) {
    const std::uint32_t flags = (dress.recursion ? Flag::rd : 0U) |
                                (dress.wantAuthenticated ? Flag::ad : 0U) |
                                (asked.checkingDisabled ? Flag::cd : 0U);
    message_.reserve(kHeader + asked.name.size() + 4 + 11 + 4 + kLongestCookie);
    append16(message_, random.id());
    append16(message_, static_cast<std::uint16_t>(flags));
    append16(message_, 1);
    append32(message_, 0);
    append16(message_, dress.udpSize != 0 ? 1 : 0);
    for (std::size_t i = 0; i < asked.name.size(); ++i) {
        // Lengths are below 64 and so no letters.
        const char c = ascii::lower(asked.name[i]);
        message_ += !dress.randomCase ? asked.name[i] : random.upperCase(i) ? ascii::upper(c) : c;
    }
    append16(message_, static_cast<std::uint16_t>(asked.type));
    append16(message_, static_cast<std::uint16_t>(asked.klass));
    questionEnd_ = message_.size();
    caseMatters_ = dress.randomCase;
    if (dress.udpSize == 0)
        return;
    hasOpt_ = true;
    append8(message_, 0);
    append16(message_, static_cast<std::uint16_t>(Type::OPT));
    append16(message_, dress.udpSize);
    append32(message_, asked.dnssecOk ? kDnssecOk : 0);
    if (!dress.cookie) {
        append16(message_, 0);
        return;
    }
    const std::size_t cookie = dress.clientCookie.size() + dress.serverCookie.size();
    append16(message_, static_cast<std::uint16_t>(4 + cookie));
    append16(message_, kCookie);
    append16(message_, static_cast<std::uint16_t>(cookie));
    message_.append(dress.clientCookie).append(dress.serverCookie);
    clientCookie_ = dress.clientCookie;
    cookieExpected_ = !dress.serverCookie.empty();
}

std::uint16_t UpstreamQuery::id() const noexcept {
    return get16(message_.data());
}

UpstreamQuery::Verdict UpstreamQuery::judge(Bytes response, bool overTcp, std::string& serverCookie) const {
    MessageReader reader(response);
    if (reader.malformed() || (!overTcp && reader.id() != id()) || (reader.flags() & Flag::qr) == 0 ||
        reader.opcode() != Opcode::query)
        return Verdict::foreign;
    const bool confused = reader.rcode() == Rcode::formErr || reader.rcode() == Rcode::notImp;
    // Some old servers give nothing but a header back when they do not understand.
    if (reader.questions() == 0 && confused && hasOpt_ && reader.count(Section::answer) == 0)
        return Verdict::noOpt;
    const Bytes asked = Bytes(message_).substr(kHeader, questionEnd_ - kHeader);
    const Bytes echoed = response.substr(kHeader, asked.size());
    if (reader.questions() != 1 || echoed.size() != asked.size() ||
        echoed.substr(asked.size() - 4) != asked.substr(asked.size() - 4) ||
        !equalNames(echoed.substr(0, asked.size() - 4), asked.substr(0, asked.size() - 4)))
        return Verdict::foreign;
    if (caseMatters_ && echoed != asked)
        return Verdict::otherCase;

    Question question;
    reader.nextQuestion(question);
    RecordView record;
    std::optional<Bytes> options;
    unsigned upperRcode = 0;
    while (reader.nextRecord(record)) {
        if (record.type == Type::OPT) {
            options = record.rdata;
            upperRcode = record.ttl >> 24;
        }
    }
    const bool truncated = (MessageReader(response).flags() & Flag::tc) != 0;
    const Bytes cookie = options ? cookieOf(*options) : Bytes();
    if (!clientCookie_.empty() && !cookie.empty()) {
        if (cookie.size() < kClientCookie || cookie.size() > kLongestCookie ||
            cookie.substr(0, kClientCookie) != clientCookie_)
            return Verdict::foreign;
        serverCookie = cookie.substr(kClientCookie);
    } else if (cookieExpected_ && !overTcp) {
        return Verdict::noCookie;
    }
    if (confused && hasOpt_ && !options)
        return Verdict::noOpt;
    if (upperRcode == static_cast<unsigned>(Rcode::badVers) >> 4) {
        if (reader.rcode() == Rcode::noError)
            return Verdict::noOpt;
        if (static_cast<unsigned>(reader.rcode()) == (static_cast<unsigned>(Rcode::badCookie) & 15U))
            return Verdict::badCookie;
    }
    // What was cut off is looked for over TCP, whatever is left of it; only a whole message must be right.
    if (truncated)
        return Verdict::truncated;
    return reader.malformed() ? Verdict::foreign : Verdict::good;
}

} // namespace twistdpp::dns
