#include "twistdpp/base/ascii.h"
#include "twistdpp/dns_zone/master_reader.h"
#include "twistdpp/dns_zone/master_ttl.h"

#include <utility>

namespace twistdpp::dns {

namespace {

/// A file's name with the escapes of a word taken off.
std::string fileName(const Token& word) {
    std::string name;
    for (std::size_t i = 0; i < word.text.size(); ++i) {
        if (word.text[i] == '\\' && i + 1 < word.text.size())
            ++i;
        name += word.text[i];
    }
    return name;
}

/// As seen from the folder of `from`.
std::string beside(const std::string& from, const std::string& path) {
    const auto slash = from.rfind('/');
    if (path.starts_with('/') || slash == std::string::npos)
        return path;
    return from.substr(0, slash + 1) + path;
}

} // namespace

void MasterFileReader::Work::readDirective(Source& source) {
    const std::span<const Token> words = source.scanner.words();
    const Bytes name = words[0].text;
    if (ascii::equalsIgnoreCase(name, "$ORIGIN"))
        directOrigin(source, words);
    else if (ascii::equalsIgnoreCase(name, "$TTL"))
        directTtl(source, words);
    else if (ascii::equalsIgnoreCase(name, "$INCLUDE"))
        directInclude(source, words);
    else if (ascii::equalsIgnoreCase(name, "$GENERATE"))
        directGenerate(source, words);
    else
        problem(source, quoted(name) + " is no directive; there are $ORIGIN, $TTL, $INCLUDE and $GENERATE");
}

void MasterFileReader::Work::directOrigin(const Source& source, std::span<const Token> words) {
    if (words.size() != 2)
        return problem(source, "$ORIGIN takes one name (RFC 1035 section 5.1)");
    scratch.clear();
    if (const char* what = appendName(words[1].text, origin, scratch))
        return problem(source, "$ORIGIN: the name " + quoted(words[1].text) + ' ' + what);
    origin = scratch;
    ownerText = {};
}

void MasterFileReader::Work::directTtl(const Source& source, std::span<const Token> words) {
    if (words.size() != 2)
        return problem(source, "$TTL takes one time (RFC 2308 section 4)");
    std::uint32_t seconds;
    if (const char* what = parseTtl(words[1].text, seconds))
        return problem(source, "$TTL: " + quoted(words[1].text) + ' ' + what);
    defaultTtl = seconds;
}

void MasterFileReader::Work::directInclude(const Source& source, std::span<const Token> words) {
    if (words.size() < 2 || words.size() > 3)
        return problem(source, "$INCLUDE takes a file and perhaps an origin (RFC 1035 section 5.1)");
    const std::string path = beside(source.name, fileName(words[1]));
    std::string inner = origin;
    if (words.size() == 3) {
        inner.clear();
        if (const char* what = appendName(words[2].text, origin, inner))
            return problem(source, "$INCLUDE: the origin " + quoted(words[2].text) + ' ' + what);
    }
    // What the included file does to them ends with it.
    std::string outerOrigin = std::exchange(origin, std::move(inner));
    std::string outerOwner = owner;
    const bool outerIsBad = ownerIsBad;
    ownerText = {};
    include(source, path);
    origin = std::move(outerOrigin);
    owner = std::move(outerOwner);
    ownerIsBad = outerIsBad;
    ownerText = {};
}

void MasterFileReader::Work::include(const Source& source, const std::string& path) {
    if (limits.includeDepth == 0)
        return problem(source, "$INCLUDE is not allowed here");
    if (source.depth >= limits.includeDepth)
        return problem(source, "$INCLUDE goes deeper than " + std::to_string(limits.includeDepth) + " files");
    if (++opened > limits.files)
        return problem(source, "there are more than " + std::to_string(limits.files) + " $INCLUDE lines");
    watch(path);
    const auto text = TextFile::read(path);
    if (!text)
        return problem(source, "$INCLUDE: " + text.error().message());
    for (const Source* outer = &source; outer != nullptr; outer = outer->includedBy) {
        if (outer->text.isSameFile(*text))
            return problem(source, "$INCLUDE makes a circle: " + quoted(path) + " leads to this line");
    }
    std::size_t mark = 0;
    if (const char* marked = text->byteOrderMark(mark))
        return problems.add(path, 1, std::string("the file ") + marked, true);
    names.push_back(path);
    Source inner{names.back(), *text, &source, source.depth + 1, MasterScanner(text->text())};
    readSource(inner);
}

} // namespace twistdpp::dns
