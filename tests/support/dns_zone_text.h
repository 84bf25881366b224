#pragma once
#include "twistdpp/dns_zone/master_file.h"

#include <gtest/gtest.h>
#include <memory>
#include <string>

namespace twistdpp::dns {

/// A zone from the text of a master file. What is wrong with the text fails the test; findings about the zone
/// as a whole go to `findings` when it is given.
inline std::shared_ptr<const Zone> zoneFromText(
    const std::string& origin, const std::string& text, std::vector<ZoneProblem>* findings = nullptr
) {
    const Name name = Name::parse(origin).value();
    ZoneBuilder builder(name);
    MasterFileReader reader(name);
    auto add = [&builder](const MasterRecord& record) {
        const auto what = builder.add(record.owner, record.type, record.ttl, record.rdata);
        MasterVerdict verdict;
        if (what != ZoneBuilder::Added::added)
            verdict.problem = ZoneBuilder::explain(what);
        return verdict;
    };
    reader.readText(text, "test.zone", add);
    for (const ZoneProblem& each : reader.problems())
        ADD_FAILURE() << each.message();
    std::vector<ZoneProblem> problems;
    auto zone = builder.finish(problems);
    if (findings)
        *findings = problems;
    return zone;
}

} // namespace twistdpp::dns
