#include "twistdpp/dns_server/responder.h"

#include "twistdpp/dns_answer/zone_answer.h"
#include "twistdpp/dns_wire/octets.h"

#include <algorithm>
#include <cstring>
#include <ctime>

namespace twistdpp::dns {

namespace {

constexpr std::size_t kOptHead = 11, kOptionHead = 4;
constexpr std::uint16_t kNsid = 3, kCookie = 10, kKeepalive = 11, kPadding = 12, kExtendedError = 15;
constexpr std::size_t kPaddedTo = 468; // bytes of an answer over TLS (RFC 8467 section 4.1)
constexpr std::size_t kLargestMessage = 65'535;
constexpr std::size_t kSmallest = 512; // UDP payload that every client takes (RFC 1035 section 4.2.1)

/// Coarse clocks cost no system call.
std::uint32_t unixSeconds() noexcept {
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME_COARSE, &now);
    return static_cast<std::uint32_t>(now.tv_sec);
}

/// OPT in the making.
class OptWriter {
public:
    OptWriter(std::uint16_t udpSize, unsigned extendedRcode, bool dnssecOk) noexcept {
        bytes_[0] = 0;
        put16(&bytes_[1], static_cast<std::uint16_t>(Type::OPT));
        put16(&bytes_[3], udpSize);
        put8(&bytes_[5], static_cast<std::uint8_t>(extendedRcode >> 4));
        put8(&bytes_[6], 0);
        put16(&bytes_[7], dnssecOk ? 0x8000 : 0);
    }
    void option(std::uint16_t code, Bytes value) noexcept {
        if (size_ + kOptionHead + value.size() > bytes_.size())
            return;
        put16(&bytes_[size_], code);
        put16(&bytes_[size_ + 2], static_cast<std::uint16_t>(value.size()));
        std::memcpy(&bytes_[size_ + kOptionHead], value.data(), value.size());
        size_ += kOptionHead + value.size();
    }
    void padding(std::size_t count) noexcept {
        count = std::min(count, bytes_.size() - size_ - kOptionHead);
        put16(&bytes_[size_], kPadding);
        put16(&bytes_[size_ + 2], static_cast<std::uint16_t>(count));
        std::memset(&bytes_[size_ + kOptionHead], 0, count);
        size_ += kOptionHead + count;
    }
    Bytes bytes() noexcept {
        put16(&bytes_[9], static_cast<std::uint16_t>(size_ - kOptHead));
        return {bytes_.data(), size_};
    }
    std::size_t size() const noexcept { return size_; }

private:
    std::array<char, 1024> bytes_;
    std::size_t size_ = kOptHead;
};

bool isTransfer(Type type) noexcept {
    return type == Type::AXFR || type == Type::IXFR;
}

} // namespace

Responder::Responder(const ResponderSettings& settings, QueryLog& log)
    : settings_(settings), catalog_(std::make_shared<Catalog>()), limiter_(settings.rateLimit), log_(log) {}

void Responder::configure(const ResponderSettings& settings) {
    settings_ = settings;
    limiter_ = RateLimiter(settings.rateLimit);
}

std::size_t Responder::optSize() const noexcept {
    const EdnsRequest& edns = query_.edns;
    if (!edns.present)
        return 0;
    std::size_t size = kOptHead;
    if (edns.nsid && !settings_.nsid.empty())
        size += kOptionHead + settings_.nsid.size();
    if (!edns.cookie.empty())
        size += kOptionHead + Cookies::kSize;
    if (edns.keepalive && carrier_ != Carrier::udp)
        size += kOptionHead + 2;
    return size;
}

std::size_t Responder::room() const noexcept {
    if (carrier_ != Carrier::udp)
        return kLargestMessage;
    const std::size_t taken =
        query_.edns.present ? std::max<std::size_t>(query_.edns.udpSize, kSmallest) : kSmallest;
    return std::min<std::size_t>(taken, settings_.udpSize);
}

void Responder::begin(MessageWriter& writer) noexcept {
    writer.limit(room());
    writer.reserve(optSize() + (tsig_ ? tsig_->answerSize() : 0U));
    writer.setId(query_.id);
    // CD is a matter of those that validate or forward (RFC 4035 section 3.2.2).
    const unsigned recursion = offersRecursion_ ? Flag::ra | (query_.flags & Flag::cd) : 0U;
    const unsigned kept = query_.flags & (Flag::opcodeMask | Flag::rd);
    writer.setFlags(static_cast<std::uint16_t>(Flag::qr | kept | recursion));
    if (query_.hasQuestion)
        writer.question(query_.name, query_.type, query_.klass);
    extendedRcode_ = 0;
}

std::size_t Responder::finish(MessageWriter& out, std::uint16_t extendedError) noexcept {
    log_.answered(query_, out.flags(), out.count(Section::answer));
    if (query_.edns.present)
        appendOpt(out, extendedError);
    if (tsig_)
        tsig_->answer(out, unixSeconds());
    return out.size();
}

void Responder::appendOpt(MessageWriter& out, std::uint16_t extendedError) noexcept {
    const EdnsRequest& edns = query_.edns;
    if (!edns.present)
        return;
    OptWriter opt(settings_.udpSize, extendedRcode_, edns.dnssecOk);
    if (edns.nsid && !settings_.nsid.empty())
        opt.option(kNsid, settings_.nsid);
    if (!edns.cookie.empty()) {
        std::array<char, Cookies::kSize> cookie;
        settings_.cookies.make(edns.cookie, *from_, unixSeconds(), cookie);
        opt.option(kCookie, {cookie.data(), cookie.size()});
    }
    if (edns.keepalive && carrier_ != Carrier::udp) {
        // In units of 100 ms (RFC 7828 section 3.1).
        const auto tenths =
            std::chrono::duration_cast<std::chrono::milliseconds>(settings_.tcpIdle).count() / 100;
        char value[2];
        put16(value, static_cast<std::uint16_t>(std::min<long long>(tenths, 0xffff)));
        opt.option(kKeepalive, {value, 2});
    }
    if (extendedError != ExtendedError::none) {
        char value[2];
        put16(value, extendedError);
        opt.option(kExtendedError, {value, 2});
    }
    if (edns.padding && carrier_ == Carrier::tls) {
        const std::size_t size = out.size() + opt.size() + kOptionHead + (tsig_ ? tsig_->answerSize() : 0U);
        opt.padding((kPaddedTo - size % kPaddedTo) % kPaddedTo);
    }
    out.reserve(0);
    out.raw(Section::additional, opt.bytes());
}

/// False when the request's signature is not to be trusted; tsig_ then tells why.
bool Responder::verify() noexcept {
    static const TsigKeys none;
    tsig_.emplace(query_.message, query_.tsigAt, settings_.keys ? *settings_.keys : none, unixSeconds());
    return tsig_->good();
}

void Responder::resume(Bytes message, const Address& from, Carrier carrier) noexcept {
    from_ = &from;
    carrier_ = carrier;
    offersRecursion_ = recursion_ && recursion_(from);
    tsig_.reset();
    if (query_.parse(message) == Query::Form::good && query_.tsigAt != 0)
        verify(); // its answer has to be signed
}

std::size_t
Responder::complete(Bytes answer, Rcode rcode, std::uint16_t extendedError, std::span<char> out) noexcept {
    constexpr std::size_t kHeader = 12, kExtendedErrorSize = kOptionHead + 2;
    const std::size_t needed = answer.size() + optSize() + (query_.edns.present ? kExtendedErrorSize : 0) +
                               (tsig_ ? tsig_->answerSize() : 0U);
    if (needed > room() || answer.size() < kHeader) {
        MessageWriter writer(out);
        begin(writer);
        writer.addFlags(Flag::tc);
        writer.setRcode(rcode);
        extendedRcode_ = static_cast<std::uint16_t>(rcode);
        return finish(writer, extendedError);
    }
    MessageWriter writer(out, answer);
    writer.setRcode(rcode);
    extendedRcode_ = static_cast<std::uint16_t>(rcode);
    return finish(writer, extendedError);
}

std::size_t Responder::fail(std::span<char> out, Rcode code, std::uint16_t extendedError) noexcept {
    MessageWriter writer(out);
    begin(writer);
    writer.setRcode(code);
    extendedRcode_ = static_cast<std::uint16_t>(code);
    return finish(writer, extendedError);
}

Responder::Fate Responder::failed(std::span<char> out, Rcode code, std::uint16_t extendedError) noexcept {
    size_ = fail(out, code, extendedError);
    return Fate::answered;
}

Responder::Fate Responder::done(MessageWriter& out, std::uint16_t extendedError) noexcept {
    size_ = finish(out, extendedError);
    return Fate::answered;
}

Responder::Fate Responder::respond(
    Bytes message, const Address& from, Carrier carrier, std::span<char> out, Trace* trace
) noexcept {
    from_ = &from;
    carrier_ = carrier;
    offersRecursion_ = recursion_ && recursion_(from);
    kind_ = 0;
    tsig_.reset();
    const Query::Form form = query_.parse(message);
    // Port 0 cannot be answered to; an answer is never answered.
    if (form == Query::Form::drop || (carrier == Carrier::udp && from.port() == 0)) {
        log_.dropped();
        return Fate::dropped;
    }
    log_.asked(query_, from, carrier);
    if (query_.opcode != Opcode::query && query_.opcode != Opcode::notify)
        return limited(failed(out, Rcode::notImp), out);
    if (form == Query::Form::malformed)
        return limited(failed(out, Rcode::formErr), out);
    if (query_.tsigAt != 0 && !verify()) [[unlikely]]
        return limited(failed(out, tsig_->error() == Rcode::formErr ? Rcode::formErr : Rcode::notAuth), out);
    return limited(decide(out, trace), out);
}

Responder::Fate Responder::decide(std::span<char> out, Trace* trace) noexcept {
    if (query_.edns.version > 0)
        return failed(out, Rcode::badVers);
    if (query_.edns.badCookie)
        return failed(out, Rcode::formErr);
    if (!query_.hasQuestion) // only to learn a cookie (RFC 7873 section 5.4)
        return failed(out, query_.edns.cookie.empty() ? Rcode::formErr : Rcode::noError);
    if (query_.klass != Class::in)
        return failed(out, Rcode::refused);
    if (query_.opcode == Opcode::notify)
        return Fate::notify;
    if (isTransfer(query_.type))
        return carrier_ == Carrier::udp && query_.type == Type::AXFR ? failed(out, Rcode::notImp)
                                                                     : Fate::transfer;
    if (query_.type == Type::MAILA || query_.type == Type::MAILB)
        return failed(out, Rcode::notImp);
    if (isMetaType(query_.type) && query_.type != Type::ANY)
        return failed(out, Rcode::formErr);

    if (const ServedZone* served = catalog_->find(query_.key, query_.type)) {
        if (trace)
            trace->say(
                "zone " + nameText(served->origin) +
                (served->source.empty() ? "" : " from " + served->source) +
                " is the nearest one (RFC 1034 section 4.3.2 step 2)"
            );
        if (!served->zone) {
            if (trace)
                trace->say("its data has not come yet, or has expired");
            return failed(out, Rcode::servFail, ExtendedError::notReady);
        }
        MessageWriter writer(out);
        begin(writer);
        answerFromZone(*served->zone, query_, writer, catalog_.get(), trace);
        const bool positive = writer.count(Section::answer) > 0;
        kind_ = positive ? query_.key.hash() : query_.key.hash(served->zone->originLabels());
        return done(writer);
    }
    if (const Zone* hosts = catalog_->hosts()) {
        MessageWriter writer(out);
        begin(writer);
        kind_ = query_.key.hash();
        if (answerFromHosts(*hosts, query_, writer, trace))
            return done(writer);
    }
    if (offersRecursion_ && query_.recursionDesired()) {
        if (trace)
            trace->say("no zone and no hosts file has it: an upstream is asked (step 5)");
        return Fate::forward;
    }
    if (trace)
        trace->say("no zone and no hosts file has it, and recursion is not offered: refused");
    return failed(
        out, Rcode::refused, recursion_ ? ExtendedError::prohibited : ExtendedError::notAuthoritative
    );
}

/// A cookie of ours, or a signature, proves that the address is the client's own.
Responder::Fate Responder::limited(Fate fate, std::span<char> out) noexcept {
    if (fate != Fate::answered || carrier_ != Carrier::udp || !limiter_.active() || signature())
        return fate;
    const std::uint32_t now = unixSeconds();
    if (!query_.edns.cookie.empty() && settings_.cookies.valid(query_.edns.cookie, *from_, now))
        return fate;
    switch (limiter_.check(*from_, kind_, now)) {
    case RateLimiter::Verdict::send:
        return fate;
    case RateLimiter::Verdict::drop:
        log_.limited();
        return Fate::dropped;
    case RateLimiter::Verdict::truncate:
        break;
    }
    log_.limited();
    MessageWriter writer(out);
    begin(writer);
    writer.addFlags(Flag::tc);
    return done(writer);
}

} // namespace twistdpp::dns
