#pragma once
#include "twistdpp/dns_answer/catalog.h"
#include "twistdpp/dns_answer/query.h"
#include "twistdpp/dns_answer/trace.h"
#include "twistdpp/dns_wire/message_writer.h"
#include "twistdpp/dns_zone/zone.h"

namespace twistdpp::dns {

/// Answers a question of class IN from a zone that its name is in: RFC 1034 section 4.3.2 with wildcards (RFC
/// 4592), DNAME (RFC 6672), DNSSEC (RFC 4035, 5155) and minimal answers for ANY (RFC 8482). `out` holds the
/// question already; the sections, AA, TC and the response code are added. What does not fit is left out:
/// with TC when it is needed (RFC 2181 section 9, RFC 9471), silently when it is a courtesy. No allocation
/// unless traced.
/// An alias is followed into every zone of `others`, which are the zones that this server has.
void answerFromZone(
    const Zone& zone, const Query& query, MessageWriter& out, const Catalog* others = nullptr,
    Trace* trace = nullptr
) noexcept;

/// Answers from the hosts files: addresses and the names of addresses, and no data (NOERROR) for other types
/// of a name that is there. False, with nothing written, when the name is not there. A name `*.x` stands for
/// all names below x that are not there themselves.
bool answerFromHosts(
    const Zone& hosts, const Query& query, MessageWriter& out, Trace* trace = nullptr
) noexcept;

} // namespace twistdpp::dns
