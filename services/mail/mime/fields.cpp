#include "twistdpp/mime/fields.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/number.h"
#include "twistdpp/mime/decode.h"

#include <algorithm>

namespace twistdpp::mime {

namespace {

constexpr std::size_t kMostPieces = 100; // of one parameter

bool isSpace(char c) noexcept {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/// "=?charset?q?text?=" at the beginning of `text`, which is taken off; nothing when it is none.
std::optional<std::string> readWord(Bytes& text) {
    if (!text.starts_with("=?"))
        return std::nullopt;
    Bytes rest = text.substr(2);
    const auto part = [&rest]() -> std::optional<Bytes> {
        const std::size_t end = rest.find('?');
        if (end == Bytes::npos || end > 400)
            return std::nullopt;
        const Bytes out = rest.substr(0, end);
        rest.remove_prefix(end + 1);
        return out;
    };
    auto charset = part();
    const auto coding = part();
    const auto content = part();
    if (!charset || !coding || !content || !rest.starts_with('='))
        return std::nullopt;
    rest.remove_prefix(1);
    std::string bytes;
    if (ascii::equalsIgnoreCase(*coding, "q"))
        bytes = fromQuotedPrintable(*content, true);
    else if (ascii::equalsIgnoreCase(*coding, "b"))
        bytes = fromBase64Lines(*content);
    else
        return std::nullopt;
    text = rest;
    // A language may stand behind a star (RFC 2231 section 5).
    return toUtf8(bytes, ascii::cut(*charset, '*'));
}

std::string percentDecoded(Bytes text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool coded = text[i] == '%' && text.size() - i >= 3 && ascii::hexValue(text[i + 1]) >= 0 &&
                           ascii::hexValue(text[i + 2]) >= 0;
        out += coded ? static_cast<char>(ascii::hexValue(text[i + 1]) * 16 + ascii::hexValue(text[i + 2]))
                     : text[i];
        i += coded ? 2U : 0U;
    }
    return out;
}

/// What stands before ';', quotes, comments and the spaces at both ends taken off; `text` is what follows.
std::string readValue(Bytes& text) {
    std::string out;
    std::size_t at = 0;
    std::size_t kept = 0; // of `out`: what stands behind are spaces
    bool quoted = false;
    std::size_t depth = 0; // of comments
    for (; at < text.size(); ++at) {
        const char c = text[at];
        if (c == '\\' && (quoted || depth > 0) && at + 1 < text.size()) {
            ++at;
            if (depth == 0) {
                out += text[at];
                kept = out.size();
            }
        } else if (quoted) {
            if (c == '"')
                quoted = false;
            else
                out += c;
            kept = out.size();
        } else if (c == '(') {
            ++depth;
        } else if (c == ')' && depth > 0) {
            --depth;
        } else if (depth > 0) {
            continue;
        } else if (c == '"') {
            quoted = true;
        } else if (c == ';') {
            break;
        } else if (!isSpace(c)) {
            out += c;
            kept = out.size();
        } else if (!out.empty()) {
            out += c;
        }
    }
    text.remove_prefix(std::min(at + 1, text.size()));
    out.resize(kept);
    return out;
}

struct Piece {
    bool encoded = false;
    std::string text;
};

} // namespace

std::vector<Field> fieldsOf(Bytes header) {
    std::vector<Field> out;
    while (!header.empty()) {
        const std::size_t newline = header.find('\n');
        const std::size_t size = newline == Bytes::npos ? header.size() : newline + 1;
        Bytes line = header.substr(0, size);
        while (!line.empty() && (line.back() == '\n' || line.back() == '\r'))
            line.remove_suffix(1);
        const bool more = !out.empty() && (header.front() == ' ' || header.front() == '\t');
        if (line.empty() && !more)
            break;
        if (more) {
            const char* const begin = out.back().value.data();
            out.back().value = Bytes(begin, static_cast<std::size_t>(line.data() + line.size() - begin));
        } else if (const std::size_t colon = line.find(':'); colon != Bytes::npos) {
            if (const Bytes name = ascii::trim(line.substr(0, colon)); !name.empty())
                out.push_back({name, line.substr(colon + 1)});
        }
        header.remove_prefix(size);
    }
    return out;
}

std::optional<std::string> fieldOf(const std::vector<Field>& fields, Bytes name) {
    for (const Field& field : fields) {
        if (ascii::equalsIgnoreCase(field.name, name))
            return unfold(field.value);
    }
    return std::nullopt;
}

std::string unfold(Bytes value) {
    std::string out;
    for (const char c : ascii::trim(value, " \t\r\n")) {
        if (c != '\r' && c != '\n')
            out += c;
    }
    return out;
}

std::string decodeWords(Bytes text) {
    std::string out;
    Bytes plain; // not decoded, since the last word
    bool afterWord = false;
    Bytes rest = text;
    const auto flush = [&](std::size_t size) {
        plain = Bytes(plain.data(), size);
        // Spaces between two words are none (RFC 2047 section 6.2).
        out += toUtf8(plain, {});
    };
    plain = rest.substr(0, 0);
    while (!rest.empty()) {
        const std::size_t before = plain.size();
        if (auto word = readWord(rest)) {
            const bool onlySpace = std::all_of(plain.begin(), plain.end(), isSpace);
            if (!afterWord || !onlySpace)
                flush(before);
            out += *word;
            afterWord = true;
            plain = rest.substr(0, 0);
            continue;
        }
        plain = Bytes(plain.data(), before + 1);
        rest.remove_prefix(1);
    }
    flush(plain.size());
    return out;
}

std::string Parameterised::get(const std::string& name) const {
    const auto found = parameters.find(name);
    return found == parameters.end() ? std::string() : found->second;
}

Parameterised Parameterised::parse(Bytes text) {
    Parameterised out;
    const std::string line = unfold(text);
    Bytes rest = line;
    out.value = ascii::toLower(readValue(rest));
    std::map<std::string, std::map<std::size_t, Piece>> pieces; // by name, by number
    while (!rest.empty()) {
        const std::size_t equals = rest.find_first_of("=;");
        if (equals == Bytes::npos)
            break;
        std::string name = ascii::toLower(ascii::trim(rest.substr(0, equals)));
        const bool hasValue = rest[equals] == '=';
        rest.remove_prefix(equals + 1);
        if (!hasValue)
            continue;
        const std::string value = readValue(rest);
        out.raw.emplace_back(name, value);
        const bool encoded = name.ends_with('*');
        if (encoded)
            name.pop_back();
        std::size_t number = 0;
        if (const std::size_t star = name.find('*'); star != std::string::npos) {
            const auto given = parseUnsigned<std::size_t>(Bytes(name).substr(star + 1));
            if (!given || *given >= kMostPieces)
                continue;
            number = *given;
            name.resize(star);
        }
        if (name.empty())
            continue;
        Piece& piece = pieces[name][number];
        // One that says its character set is better than one that does not.
        if (piece.text.empty() || encoded)
            piece = {encoded, value};
    }
    for (auto& [name, its] : pieces) {
        std::string charset;
        std::string bytes;
        bool coded = false;
        for (auto& [number, piece] : its) {
            Bytes value = piece.text;
            if (piece.encoded && bytes.empty() && number == 0 && value.find('\'') != Bytes::npos) {
                charset = ascii::cut(value, '\'');
                ascii::cut(value, '\''); // the language
            }
            coded = coded || piece.encoded;
            bytes += piece.encoded ? percentDecoded(value) : std::string(value);
        }
        // Against the rules, and common: encoded words in a parameter.
        out.parameters[name] = coded ? toUtf8(bytes, charset) : decodeWords(bytes);
    }
    return out;
}

} // namespace twistdpp::mime
