#pragma once
#include "twistdpp/dns_resolver/asked.h"
#include "twistdpp/dns_wire/types.h"

#include <cstdint>
#include <span>
#include <string>

namespace twistdpp::dns {

class QueryRandom;

/// How a query is dressed.
struct QueryDress {
    std::uint16_t udpSize = 1232; // offered by OPT; 0: no OPT
    bool randomCase = true;       // 0x20: each letter in a case by chance, to be given back
    bool cookie = true;
    bool recursion = true;          // RD
    bool wantAuthenticated = false; // AD (RFC 6840 section 5.7)
    Bytes clientCookie, serverCookie;
};

/// The bytes of one query as sent to one server, and the judge of what comes back for it.
class UpstreamQuery {
public:
    UpstreamQuery() noexcept = default;
    UpstreamQuery(const Asked& asked, const QueryDress& dress, const QueryRandom& random);

    /// Without TCP's length in front.
    const std::string& message() const noexcept { return message_; }
    std::uint16_t id() const noexcept;
    bool hasOpt() const noexcept { return hasOpt_; }

    enum class Verdict {
        foreign,   // not a response to this query: as if it had not come
        otherCase, // a response, but for the case of the name: forged, or a server that changes it
        noOpt,     // the server does not understand OPT (RFC 6891 section 7)
        badCookie, // the server wants the cookie that it has sent (RFC 7873 section 5.2.3)
        truncated,
        noCookie, // it should have sent a cookie, as it always does: forged, or a server that has changed
        good,
    };
    /// The server's cookie, if it came, is left in `serverCookie`. `overTcp`: the id and the case are the
    /// channel's affair, and nobody else can have sent it.
    Verdict judge(Bytes response, bool overTcp, std::string& serverCookie) const;

private:
    std::string message_;
    std::size_t questionEnd_ = 0;
    std::string clientCookie_;
    bool hasOpt_ = false, cookieExpected_ = false, caseMatters_ = false;
};

} // namespace twistdpp::dns
