#pragma once
#include "twistdpp/dns_zone/generate.h"
#include "twistdpp/dns_zone/master_file.h"
#include "twistdpp/dns_zone/master_scanner.h"
#include "twistdpp/dns_zone/problem_list.h"
#include "twistdpp/dns_zone/text_file.h"

#include <deque>
#include <optional>
#include <set>
#include <span>

namespace twistdpp::dns {

/// What reading a master file and the files that it includes keeps between entries.
struct MasterFileReader::Work {
    /// A file that is being read: a link of the chain of $INCLUDE lines.
    struct Source {
        const std::string& name;
        const TextFile& text;
        const Source* includedBy;
        unsigned depth;
        MasterScanner scanner;
    };

    Work(Bytes firstOrigin, const Limits& bounds)
        : limits(bounds), zone(firstOrigin), origin(firstOrigin), problems(bounds.problems) {}

    // master_file.cpp
    bool begin(const TextFile& text, const std::string& name, const MasterSink& to);
    void readSource(Source& source);

    // master_entries.cpp
    void readEntry(Source& source);
    bool readOwner(const Source& source, const Token& word);
    /// TTL, class and type in front of the data; returns how many words they were, or 0 with a problem told.
    std::size_t
    readHead(const Source& source, std::span<const Token> words, std::optional<std::uint32_t>& ttl);
    bool readType(const Token& word);
    void readRecord(const Source& source, std::span<const Token> data, std::optional<std::uint32_t> ttl);
    bool chooseTtl(const Source& source, std::optional<std::uint32_t> stated, bool isSoa, std::uint32_t& ttl);
    bool deliver(const Source& source, Bytes recordOwner, std::uint32_t ttl);
    /// Whether records of the type and class may stand in a file; tells when not.
    bool isDataType(const Source& source);
    /// The words as parseRdata() of the type takes them.
    std::span<const Token> splitFor(Type kind, std::span<const Token> words);

    // master_directives.cpp
    void readDirective(Source& source);
    void directOrigin(const Source& source, std::span<const Token> words);
    void directTtl(const Source& source, std::span<const Token> words);
    void directInclude(const Source& source, std::span<const Token> words);
    void include(const Source& source, const std::string& path);

    // master_generate.cpp
    void directGenerate(const Source& source, std::span<const Token> words);
    void generate(
        const Source& source, const GenerateRange& range, const GenerateTemplate& owners,
        const GenerateTemplate& data, std::uint32_t ttl
    );

    void problem(const Source& source, std::string text, bool fatal = true) {
        problems.add(source.name, source.scanner.line(), std::move(text), fatal);
    }
    void watch(const std::string& path) {
        if (watched.insert(path).second)
            files.push_back(path);
    }

    const Limits limits;
    std::string zone;        // the origin that reading began with
    std::string origin;      // the current one, as a wire name
    std::string owner;       // of the last entry, as a wire name; empty when there was none
    bool ownerIsBad = false; // it had a mistake that was told; what follows without an owner is left out
    Bytes ownerText;         // the word that it was read from; void with another origin or file
    Type type = Type::none;
    std::string typeName;    // the word that it was read from
    Class klass = Class::in; // of the entry
    Class lastClass = Class::in;
    std::optional<std::uint32_t> defaultTtl; // of $TTL, or the minimum of a SOA without a TTL
    std::optional<std::uint32_t> lastTtl;
    std::uint64_t generated = 0;
    std::size_t opened = 0;
    std::string rdata, scratch;
    std::vector<Token> split;
    std::deque<std::string> names; // of files; records and problems point to them
    std::vector<std::string> files;
    std::set<std::string> watched; // the same, to find them
    ProblemList problems;
    const MasterSink* sink = nullptr;
};

/// The zone that a master file without a given origin is about: a wire name, or empty when it does not say.
std::string findOrigin(Bytes text);
/// Whether a name's text ends in a dot that is not escaped, so that no origin is added.
bool isAbsoluteName(Bytes text) noexcept;

} // namespace twistdpp::dns
