#include "twistdpp/dns_server/query_log.h"

namespace twistdpp::dns {

namespace {

constexpr std::array<const char*, 3> kCarriers{"udp", "tcp", "tls"};

/// "www.example.com. A", or why there is none.
std::string questionText(const Query& query) {
    if (!query.hasQuestion)
        return "no question";
    std::string text = nameText(query.name) + " " + typeText(query.type);
    return query.klass == Class::in ? text : text + " " + classText(query.klass);
}

} // namespace

QueryLog::QueryLog(Logger log, Metrics& metrics, unsigned verbosity)
    : log_(std::move(log)), verbosity_(verbosity),
      truncated_(metrics.counter("dns_truncated_total", "Answers sent with TC")),
      dropped_(
          metrics.counter("dns_dropped_total", "Messages that get no answer, as they are none to be answered")
      ),
      limited_(metrics.counter("dns_limited_total", "Answers held back by --rate-limit")) {
    for (unsigned i = 0; i < asked_.size(); ++i)
        asked_[i] = &metrics.counter(
            "dns_queries_total{carrier=\"" + std::string(kCarriers[i]) + "\"}", "Messages that came in"
        );
    for (unsigned i = 0; i < answered_.size(); ++i)
        answered_[i] = &metrics.counter(
            "dns_answers_total{rcode=\"" + rcodeText(static_cast<Rcode>(i)) + "\"}",
            "Answers made, by the header's response code"
        );
}

void QueryLog::tell(const Query& query, const Address& from, Carrier carrier) const {
    const EdnsRequest& edns = query.edns;
    log_.info(
        "{} {} {}{}{}{}", from.toString(), kCarriers[static_cast<unsigned>(carrier)], questionText(query),
        query.opcode == Opcode::query ? "" : " " + opcodeText(query.opcode), edns.present ? " edns" : "",
        edns.dnssecOk ? " do" : ""
    );
}

void QueryLog::tellAnswer(const Query& query, std::uint16_t flags, unsigned answers) const {
    log_.info(
        "answer to {}: {}{}{}, {} records", questionText(query),
        rcodeText(static_cast<Rcode>(flags & Flag::rcodeMask)), (flags & Flag::aa) != 0 ? " aa" : "",
        (flags & Flag::tc) != 0 ? " tc" : "", answers
    );
}

} // namespace twistdpp::dns
