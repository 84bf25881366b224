#pragma once
#include "twistdpp/app/logger.h"
#include "twistdpp/app/metrics.h"
#include "twistdpp/dns_answer/query.h"
#include "twistdpp/reactor/address.h"

#include <array>
#include <cstdint>

namespace twistdpp::dns {

/// What a question came by.
enum class Carrier : std::uint8_t { udp, tcp, tls };

/// Tells people and monitoring what a Responder did. One a reactor.
class QueryLog {
public:
    /// 0: nothing but counters; 1: a line for each question; 2: with what became of it.
    QueryLog(Logger log, Metrics& metrics, unsigned verbosity);

    void setVerbosity(unsigned verbosity) noexcept { verbosity_ = verbosity; }
    /// A message came; query.name and so on are valid when it has a question.
    void asked(const Query& query, const Address& from, Carrier carrier) noexcept {
        asked_[static_cast<unsigned>(carrier)]->add();
        if (verbosity_ > 0) [[unlikely]]
            tell(query, from, carrier);
    }
    /// An answer goes out; the flags are the header's.
    void answered(const Query& query, std::uint16_t flags, unsigned answers) noexcept {
        answered_[flags & Flag::rcodeMask]->add();
        if ((flags & Flag::tc) != 0)
            truncated_.add();
        if (verbosity_ > 1) [[unlikely]]
            tellAnswer(query, flags, answers);
    }
    void dropped() noexcept { dropped_.add(); }
    void limited() noexcept { limited_.add(); }

private:
    void tell(const Query& query, const Address& from, Carrier carrier) const;
    void tellAnswer(const Query& query, std::uint16_t flags, unsigned answers) const;

    Logger log_;
    unsigned verbosity_;
    std::array<Counter*, 3> asked_;
    std::array<Counter*, 16> answered_;
    Counter& truncated_;
    Counter& dropped_;
    Counter& limited_;
};

} // namespace twistdpp::dns
