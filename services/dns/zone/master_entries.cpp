#include "twistdpp/base/ascii.h"
#include "twistdpp/dns_wire/octets.h"
#include "twistdpp/dns_zone/master_reader.h"
#include "twistdpp/dns_zone/master_ttl.h"

#include <algorithm>

namespace twistdpp::dns {

namespace {
constexpr std::size_t kMaxRdata = 65'535;

bool isInClass(Bytes word) noexcept {
    return word.size() == 2 && ascii::lower(word[0]) == 'i' && ascii::lower(word[1]) == 'n';
}

std::string recordText(Bytes owner, Type type) {
    return nameText(owner) + ' ' + typeText(type);
}

} // namespace

void MasterFileReader::Work::readEntry(Source& source) {
    std::span<const Token> words = source.scanner.words();
    if (!source.scanner.beginsWithBlank()) {
        if (!words[0].quoted && words[0].text[0] == '$')
            return readDirective(source);
        if (!readOwner(source, words[0]))
            return;
        words = words.subspan(1);
    } else if (ownerIsBad) {
        return;
    } else if (owner.empty()) {
        return problem(source, "the entry has no owner, and there is none before it (RFC 1035 section 5.1)");
    }
    std::optional<std::uint32_t> ttl;
    if (const std::size_t head = readHead(source, words, ttl))
        readRecord(source, words.subspan(head), ttl);
}

bool MasterFileReader::Work::readOwner(const Source& source, const Token& word) {
    if (!ownerText.empty() && word.text == ownerText)
        return true;
    owner.clear();
    if (const char* what = appendName(word.text, origin, owner)) {
        owner.clear();
        ownerText = {};
        ownerIsBad = true;
        problem(source, "the owner " + quoted(word.text) + ' ' + what + " (RFC 1035 section 2.3.4)");
        return false;
    }
    ownerText = word.text;
    ownerIsBad = false;
    return true;
}

std::size_t MasterFileReader::Work::readHead(
    const Source& source, std::span<const Token> words, std::optional<std::uint32_t>& ttl
) {
    bool classStated = false;
    klass = lastClass;
    for (std::size_t i = 0; i < words.size() && !words[i].quoted; ++i) {
        const Bytes word = words[i].text;
        if (!ttl && ascii::isDigit(word[0])) {
            std::uint32_t seconds;
            if (const char* what = parseTtl(word, seconds)) {
                problem(source, "the TTL " + quoted(word) + ' ' + what);
                return 0;
            }
            ttl = seconds;
        } else if (!classStated && isInClass(word)) {
            classStated = true;
            klass = Class::in;
        } else if (word == typeName || readType(words[i])) {
            return i + 1;
        } else if (const auto other = classFromText(word); other && !classStated) {
            classStated = true;
            klass = *other;
        } else {
            problem(
                source, classFromText(word) ? "the entry states two classes (RFC 1035 section 5.1)"
                                            : quoted(word) + " is no type of record; one without a name "
                                                             "is written TYPE123 (RFC 3597 section 5)"
            );
            return 0;
        }
    }
    problem(source, "the entry has no type (RFC 1035 section 5.1)");
    return 0;
}

bool MasterFileReader::Work::readType(const Token& word) {
    const auto found = typeFromText(word.text);
    if (!found || *found == Type::ANY) // a class as well, and no type of data
        return false;
    type = *found;
    typeName = word.text;
    return true;
}

bool MasterFileReader::Work::isDataType(const Source& source) {
    if (isMetaType(type) || type == Type::none) {
        problem(source, "the type " + typeText(type) + " is for questions only (RFC 6895 section 3.1)");
        return false;
    }
    if (klass == Class::any || klass == Class::none) {
        problem(source, "the class " + classText(klass) + " is for questions and updates only");
        return false;
    }
    return true;
}

std::span<const Token> MasterFileReader::Work::splitFor(Type kind, std::span<const Token> words) {
    if (kind == Type::SVCB || kind == Type::HTTPS)
        return words;
    splitQuotedValues(words, split);
    return split;
}

void MasterFileReader::Work::readRecord(
    const Source& source, std::span<const Token> data, std::optional<std::uint32_t> ttl
) {
    if (!isDataType(source))
        return;
    if (source.scanner.hasQuotedValues())
        data = splitFor(type, data);
    rdata.clear();
    if (const auto parsed = parseRdata(type, data, origin, rdata); !parsed)
        return problem(source, recordText(owner, type) + ": " + parsed.error().message());
    std::uint32_t seconds;
    if (chooseTtl(source, ttl, type == Type::SOA, seconds))
        deliver(source, owner, seconds);
}

bool MasterFileReader::Work::chooseTtl(
    const Source& source, std::optional<std::uint32_t> stated, bool isSoa, std::uint32_t& ttl
) {
    if (stated) {
        lastTtl = stated;
    } else if (!defaultTtl && !lastTtl) {
        if (!isSoa) {
            problem(
                source,
                recordText(owner, type) +
                    " has no TTL, and there is none before it: put $TTL 1h at the beginning (RFC 2308 "
                    "section 4)"
            );
            return false;
        }
        defaultTtl = std::min(get32(&rdata[rdata.size() - 4]), kMaxTtl);
    }
    ttl = stated ? *stated : defaultTtl ? *defaultTtl : *lastTtl;
    return true;
}

bool MasterFileReader::Work::deliver(const Source& source, Bytes recordOwner, std::uint32_t ttl) {
    if (rdata.size() > kMaxRdata) {
        problem(
            source, recordText(recordOwner, type) + " has more than 65535 bytes (RFC 1035 section 3.2.1)"
        );
        return false;
    }
    const MasterRecord record{recordOwner, type, klass, ttl, rdata, &source.name, source.scanner.line()};
    const MasterVerdict verdict = (*sink)(record);
    if (verdict.problem != nullptr)
        problem(source, recordText(recordOwner, type) + ' ' + verdict.problem, verdict.fatal);
    if (verdict.problem != nullptr && verdict.fatal)
        return false;
    lastClass = klass; // one that was refused does not spoil what follows
    return true;
}

} // namespace twistdpp::dns
