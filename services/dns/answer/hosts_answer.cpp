#include "twistdpp/dns_answer/denial.h"
#include "twistdpp/dns_answer/zone_answer.h"

namespace twistdpp::dns {

namespace {

Zone::Ref findHost(const Zone& hosts, const NameKey& key, Trace* trace) noexcept {
    const Zone::Ref name = hosts.find(key);
    if (name != 0 && hosts.sets(name)) {
        if (trace)
            trace->say(nameText(key.wire()) + " stands in the hosts files");
        return name;
    }
    for (unsigned labels = key.labels(); labels-- > 0;) {
        const Zone::Ref above = hosts.find(key, labels);
        if (above == 0 || (hosts.flags(above) & Zone::NameFlag::wildcard) == 0)
            continue;
        const Zone::Ref wildcard = hosts.findWildcard(key, labels);
        if (trace)
            trace->say(
                "the wildcard " + nameText(hosts.name(wildcard)) + " of the hosts files stands for it"
            );
        return wildcard;
    }
    return 0;
}

} // namespace

bool answerFromHosts(const Zone& hosts, const Query& query, MessageWriter& out, Trace* trace) noexcept {
    constexpr std::size_t kQuestionName = 12;
    const Zone::Ref name = findHost(hosts, query.key, trace);
    if (name == 0)
        return false;
    out.addFlags(Flag::aa);
    const RecordSet* set = query.type == Type::ANY ? hosts.sets(name) : hosts.set(name, query.type);
    if (!set) {
        if (trace)
            trace->say("it has no records of the type there");
        return true;
    }
    const auto mark = out.mark();
    for (const Bytes rdata : *set) {
        if (!out.recordAt(Section::answer, kQuestionName, set->type(), Class::in, set->ttl(), rdata)) {
            out.rollback(mark);
            out.addFlags(Flag::tc);
            break;
        }
    }
    return true;
}

} // namespace twistdpp::dns
