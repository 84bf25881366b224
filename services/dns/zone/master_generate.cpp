#include "twistdpp/dns_zone/generate.h"
#include "twistdpp/dns_zone/master_reader.h"

namespace twistdpp::dns {

namespace {

/// The data's text. One quoted word holds all of it, as BIND has it; otherwise it is all that is left.
std::string dataText(std::span<const Token> words) {
    std::string text;
    if (words.size() == 1 && words[0].quoted) {
        for (std::size_t i = 0; i < words[0].text.size(); ++i) {
            if (words[0].text[i] == '\\' && i + 1 < words[0].text.size() && words[0].text[++i] != '"')
                text += '\\';
            text += words[0].text[i];
        }
        return text;
    }
    for (const Token& word : words) {
        text += text.empty() ? "" : " ";
        text += word.quoted ? '"' + std::string(word.text) + '"' : std::string(word.text);
    }
    return text;
}

} // namespace

void MasterFileReader::Work::directGenerate(const Source& source, std::span<const Token> words) {
    if (words.size() < 4)
        return problem(source, "$GENERATE takes a range, an owner, perhaps TTL and class, a type and data");
    GenerateRange range;
    if (const char* what = range.parse(words[1].text))
        return problem(source, "$GENERATE: the range " + quoted(words[1].text) + ' ' + what);
    GenerateTemplate owners, data;
    if (const char* what = owners.parse(words[2].text))
        return problem(source, "$GENERATE: the text " + quoted(words[2].text) + ' ' + what);
    std::optional<std::uint32_t> ttl;
    const std::size_t head = readHead(source, words.subspan(3), ttl);
    if (head == 0)
        return;
    const std::string text = dataText(words.subspan(3 + head));
    if (const char* what = data.parse(text))
        return problem(source, "$GENERATE: the text " + quoted(text) + ' ' + what);
    if (!isDataType(source))
        return;
    if (range.count() > limits.generated - generated)
        return problem(
            source,
            "$GENERATE: all lines together make more than " + std::to_string(limits.generated) + " records"
        );
    generated += range.count();
    std::uint32_t seconds;
    if (chooseTtl(source, ttl, false, seconds))
        generate(source, range, owners, data, seconds);
}

void MasterFileReader::Work::generate(
    const Source& source, const GenerateRange& range, const GenerateTemplate& owners,
    const GenerateTemplate& data, std::uint32_t ttl
) {
    std::string name, text;
    MasterScanner line({});
    for (std::uint64_t number = range.first; number <= range.last; number += range.step) {
        const auto at = static_cast<std::uint32_t>(number);
        const auto fail = [&](const std::string& what) {
            problem(source, "$GENERATE at " + std::to_string(at) + ": " + what);
        };
        text.clear();
        if (const char* what = owners.expand(at, text))
            return fail(std::string("the owner ") + what);
        name.clear();
        if (const char* what = appendName(text, origin, name))
            return fail("the owner " + quoted(text) + ' ' + what);
        text.clear();
        if (const char* what = data.expand(at, text))
            return fail(std::string("the data ") + what);
        text += '\n';
        line.restart(Bytes(text).substr(0, text.size() - 1));
        if (line.next() != MasterScanner::Found::entry)
            return fail(line.problem() != nullptr ? line.problem() : "there is no data");
        std::span<const Token> words = line.words();
        if (line.hasQuotedValues())
            words = splitFor(type, words);
        rdata.clear();
        if (const auto parsed = parseRdata(type, words, origin, rdata); !parsed)
            return fail(parsed.error().message());
        if (!deliver(source, name, ttl))
            return;
    }
}

} // namespace twistdpp::dns
