#pragma once
#include "twistdpp/dns_wire/rdata.h"
#include "twistdpp/dns_zone/master_file.h"

#include <string>
#include <vector>

namespace twistdpp::dns::test {

using Lines = std::vector<std::string>;

/// What a reader made of a text: records as "owner ttl class type data", problems as their messages.
struct ReadText {
    Lines records, problems;
    bool good = false;
    std::string origin;
};

inline Lines messages(const std::vector<ZoneProblem>& problems) {
    Lines lines;
    for (const ZoneProblem& each : problems)
        lines.push_back(each.message());
    return lines;
}

/// Collects what it is given and finds nothing wrong with it.
struct Collector {
    Lines records;
    MasterVerdict operator()(const MasterRecord& record) {
        records.push_back(
            nameText(record.owner) + ' ' + std::to_string(record.ttl) + ' ' + classText(record.klass) + ' ' +
            typeText(record.type) + ' ' + formatRdata(record.type, record.rdata)
        );
        return {};
    }
};

inline ReadText readText(
    Bytes text, const std::string& origin = "example.", MasterFileReader::Limits limits = {},
    const std::string& name = "x.zone"
) {
    const Name zone = origin.empty() ? Name() : Name::parse(origin).value();
    MasterFileReader reader(origin.empty() ? Bytes() : zone.wire(), limits);
    Collector collector;
    ReadText read;
    read.good = reader.readText(text, name, collector);
    read.records = collector.records;
    read.problems = messages(reader.problems());
    read.origin = reader.origin().empty() ? "" : nameText(reader.origin());
    return read;
}

} // namespace twistdpp::dns::test
