#pragma once
#include "twistdpp/dns_wire/name.h"
#include "twistdpp/dns_zone/zone_builder.h"

#include <cstdint>
#include <memory>
#include <string>
#include <type_traits>
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

/// What the receiver of a record thinks of it. `problem` is a string literal that continues "the record
/// www.example.com. A ", or nullptr when all is well.
struct MasterVerdict {
    const char* problem = nullptr;
    bool fatal = true; // as in ZoneProblem
};

/// Who receives the records: any object that is called with a MasterRecord and returns a MasterVerdict. It is
/// borrowed and must outlive the call that reads.
class MasterSink {
public:
    template <class F>
    requires std::is_invocable_r_v<MasterVerdict, F&, const MasterRecord&> MasterSink(F& receiver)
    noexcept
        : receiver_(&receiver), call_([](void* to, const MasterRecord& record) -> MasterVerdict {
              return (*static_cast<F*>(to))(record);
          }) {}
    MasterVerdict operator()(const MasterRecord& record) const { return call_(receiver_, record); }

private:
    void* receiver_;
    MasterVerdict (*call_)(void*, const MasterRecord&);
};

/// Reads master files (RFC 1035 section 5, $TTL of RFC 2308, $GENERATE of BIND). Words and files in the
/// problems are escaped and cut, so that each is one line.
class MasterFileReader {
public:
    struct Limits {
        unsigned includeDepth = 16;           // 0: $INCLUDE is refused
        std::size_t files = 10'000;           // that all $INCLUDE lines together may open
        std::uint64_t generated = 10'000'000; // records that all $GENERATE lines together may make
        std::size_t problems = 100;           // after so many it gives up
    };

    /// `origin` is a wire name, or empty: then it is the owner of the file's first SOA, or without one the
    /// first $ORIGIN.
    explicit MasterFileReader(Bytes origin);
    MasterFileReader(Bytes origin, Limits limits);
    ~MasterFileReader();

    /// Gives each record to `sink`. False when something fatal was found; problems() tells what. An entry
    /// with a mistake is left out and reading goes on, so that all mistakes are told at once. To be called
    /// once.
    bool readFile(const std::string& path, const MasterSink& sink);
    /// The same for text that is in memory; `name` stands in the problems, $INCLUDE is relative to its
    /// folder.
    bool readText(Bytes text, const std::string& name, const MasterSink& sink);
    /// The wire name that reading began with; known from the first record on.
    Bytes origin() const noexcept;
    const std::vector<ZoneProblem>& problems() const noexcept;
    /// The files that were read or should have been: what has to be watched for changes. Each once.
    const std::vector<std::string>& files() const noexcept;

private:
    struct Work;
    std::unique_ptr<Work> work_;
};

/// A zone from a file, with what was found on the way.
struct LoadedZone {
    std::shared_ptr<const Zone> zone; // nullptr when something fatal was found
    std::vector<ZoneProblem> problems;
    std::vector<std::string> files; // that it was made of, the included and the missing ones too
};

/// `origin` as in MasterFileReader, but in text: "example.com", with or without a final dot.
LoadedZone loadMasterFile(const std::string& path, const std::string& origin);
/// From a file of Twisted's literal Python form: `zone = [SOA("example.com", mname=..), A("www.example.com",
/// "192.0.2.1"), ...]`; it is read as data and never run. All names are absolute, with or without a final
/// dot.
LoadedZone loadPythonZone(const std::string& path);
/// hosts(5) files, later ones add to earlier ones: A and AAAA records, and for each address a PTR record to
/// the first name that it is given; a name `*.x` answers for all names below x. A line with a mistake is told
/// and left out; only a file that cannot be read is fatal.
LoadedZone loadHostsFiles(const std::vector<std::string>& paths, std::uint32_t ttl);

} // namespace twistdpp::dns
