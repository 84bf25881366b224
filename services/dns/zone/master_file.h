#pragma once
#include "twistdpp/dns_wire/name.h"
#include "twistdpp/dns_zone/zone_builder.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace twistdpp::dns {

/// One record of a master file, borrowed for the call.
struct MasterRecord {
    Bytes owner; // wire name
    Type type;
    Class klass;
    std::uint32_t ttl;
    Bytes rdata;
    const std::string* file;
    unsigned line; // where the entry begins
};

/// Reads master files (RFC 1035 section 5, $TTL of RFC 2308, $GENERATE of BIND).
class MasterFileReader {
public:
    struct Limits {
        unsigned includeDepth = 16;
        std::uint64_t generated = 10'000'000; // records that all $GENERATE lines together may make
        std::size_t problems = 100;           // after so many it gives up
    };

    explicit MasterFileReader(Bytes origin);
    MasterFileReader(Bytes origin, Limits limits);
    ~MasterFileReader();

    /// Called for each record; what it returns is added to the problems at the record's place unless empty.
    using Sink = std::function<std::string(const MasterRecord&)>;
    /// False when something fatal was found; problems() tells what. An entry with a mistake is left out and
    /// reading goes on, so that all mistakes are told at once.
    bool readFile(const std::string& path, const Sink& sink);
    /// The same for text that is in memory; `name` stands in the problems, $INCLUDE is relative to its
    /// folder.
    bool readText(Bytes text, const std::string& name, const Sink& sink);
    const std::vector<ZoneProblem>& problems() const noexcept;
    /// The files that were read: what has to be watched for changes.
    const std::vector<std::string>& files() const noexcept;

private:
    struct Work;
    std::unique_ptr<Work> work_;
};

/// A zone from a file, with what was found on the way.
struct LoadedZone {
    std::shared_ptr<const Zone> zone; // nullptr when something fatal was found
    std::vector<ZoneProblem> problems;
    std::vector<std::string> files; // that it was made of, the included ones too
};

/// `origin` may be empty: then the file's first $ORIGIN, or the owner of its SOA, is the zone's name.
LoadedZone loadMasterFile(const std::string& path, const std::string& origin);
/// From a file of Twisted's literal Python form: `zone = [SOA("example.com", mname=..), A("host", "1.2.3.4"),
/// ...]`; it is read as data and never run.
LoadedZone loadPythonZone(const std::string& path);
/// hosts(5) files, later ones add to earlier ones: A, AAAA and PTR records; a name `*.x` answers for all
/// names below x.
LoadedZone loadHostsFiles(const std::vector<std::string>& paths, std::uint32_t ttl);

} // namespace twistdpp::dns
