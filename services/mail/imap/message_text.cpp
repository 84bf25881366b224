#include "twistdpp/imap/message_text.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/imap/cursor.h"
#include "twistdpp/mime/addresses.h"

#include <algorithm>
#include <array>

namespace twistdpp::imap {

namespace {

std::string upper(Bytes text) {
    std::string out(text);
    for (char& c : out)
        c = ascii::upper(c);
    return out;
}

std::string field(const mime::Part& part, Bytes name) {
    return mime::fieldOf(part.fields, name).value_or(std::string());
}

void appendAddresses(std::string& out, const std::string& text) {
    const auto entries = mime::parseAddresses(text);
    if (entries.empty()) {
        out += "NIL";
        return;
    }
    out += '(';
    for (const mime::AddressEntry& entry : entries) {
        using Kind = mime::AddressEntry::Kind;
        out += '(';
        // A group is a mailbox without a host that begins it, and one without anything that ends it.
        appendNString(out, entry.kind == Kind::mailbox ? entry.name : std::string());
        out += ' ';
        appendNString(out, entry.route);
        out += ' ';
        appendNString(out, entry.kind == Kind::groupBegins ? entry.name : entry.local);
        out += ' ';
        if (entry.kind == Kind::mailbox)
            appendString(out, entry.domain);
        else
            out += "NIL";
        out += ')';
    }
    out += ')';
}

void appendParameters(std::string& out, const mime::Parameterised& of) {
    if (of.raw.empty()) {
        out += "NIL";
        return;
    }
    out += '(';
    for (const auto& [name, value] : of.raw) {
        if (out.back() != '(')
            out += ' ';
        appendString(out, upper(name));
        out += ' ';
        appendString(out, value);
    }
    out += ')';
}

/// Disposition, language and location, which all parts have at their end.
void appendExtension(std::string& out, const mime::Part& part) {
    const auto disposition = mime::Parameterised::parse(field(part, "Content-Disposition"));
    out += ' ';
    if (disposition.value.empty()) {
        out += "NIL";
    } else {
        out += '(';
        appendString(out, upper(disposition.value));
        out += ' ';
        appendParameters(out, disposition);
        out += ')';
    }
    out += ' ';
    appendNString(out, field(part, "Content-Language"));
    out += ' ';
    appendNString(out, field(part, "Content-Location"));
}

std::size_t linesOf(Bytes text) {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

void appendStructure(std::string& out, const mime::Part& part, bool extended);

void appendMultipart(std::string& out, const mime::Part& part, bool extended) {
    out += '(';
    for (const mime::Part& each : part.parts)
        appendStructure(out, each, extended);
    out += ' ';
    appendString(out, upper(Bytes(part.type.value).substr(10)));
    if (extended) {
        out += ' ';
        appendParameters(out, part.type);
        appendExtension(out, part);
    }
    out += ')';
}

void appendStructure(std::string& out, const mime::Part& part, bool extended) {
    // Each has one part at least (RFC 9051, body-type-mpart).
    if (part.isMultipart() && !part.parts.empty())
        return appendMultipart(out, part, extended);
    const bool strange = part.isMultipart();
    Bytes subtype = strange ? Bytes("text/plain") : Bytes(part.type.value);
    const Bytes type = ascii::cut(subtype, '/');
    out += '(';
    appendString(out, upper(type));
    out += ' ';
    appendString(out, upper(subtype));
    out += ' ';
    if (part.fields.empty() || !mime::fieldOf(part.fields, "Content-Type"))
        out += R"(("CHARSET" "US-ASCII"))";
    else
        appendParameters(out, strange ? mime::Parameterised() : part.type);
    out += ' ';
    appendNString(out, field(part, "Content-ID"));
    out += ' ';
    appendNString(out, field(part, "Content-Description"));
    out += ' ';
    appendString(out, part.encoding.empty() ? "7BIT" : upper(part.encoding));
    out += ' ';
    out += std::to_string(part.body.size());
    if (type == "text") {
        out += ' ' + std::to_string(linesOf(part.body));
    } else if (!part.parts.empty()) {
        out += ' ' + envelopeOf(part.parts.front()) + ' ';
        appendStructure(out, part.parts.front(), extended);
        out += ' ' + std::to_string(linesOf(part.body));
    }
    if (extended) {
        out += ' ';
        appendNString(out, field(part, "Content-MD5"));
        appendExtension(out, part);
    }
    out += ')';
}

/// A header with those fields that are `wanted`, and the empty line.
std::string someFields(const mime::Part& of, const std::vector<std::string>& names, bool wanted) {
    std::string out;
    for (const mime::Field& each : of.fields) {
        const bool named = std::any_of(names.begin(), names.end(), [&](const std::string& name) {
            return ascii::equalsIgnoreCase(name, each.name);
        });
        if (named == wanted)
            out.append(
                   each.name.data(),
                   static_cast<std::size_t>(each.value.data() + each.value.size() - each.name.data())
            )
                .append("\r\n");
    }
    return out + "\r\n";
}

/// A part by its numbers; nullptr when there is none.
const mime::Part* partOf(const mime::Part& message, const std::vector<std::uint32_t>& numbers) {
    const mime::Part* at = &message;
    bool first = true;
    bool single = false; // it is the one part of a message that has no parts
    for (const std::uint32_t number : numbers) {
        if (single)
            return nullptr;
        // The numbers below a message that is a part are those of its parts.
        if (!first && at->type.value == "message/rfc822" && !at->parts.empty())
            at = &at->parts.front();
        else if (!first && !at->isMultipart())
            return nullptr;
        first = false;
        if (at->isMultipart() && !at->parts.empty()) {
            if (number < 1 || number > at->parts.size())
                return nullptr;
            at = &at->parts[number - 1];
        } else if (number != 1) {
            return nullptr;
        } else {
            single = at->type.value != "message/rfc822";
        }
    }
    return at;
}

} // namespace

std::string envelopeOf(const mime::Part& message) {
    std::string out = "(";
    appendNString(out, field(message, "Date"));
    out += ' ';
    appendNString(out, field(message, "Subject"));
    const std::string from = field(message, "From");
    for (const Bytes name : {"From", "Sender", "Reply-To", "To", "Cc", "Bcc"}) {
        out += ' ';
        std::string value = field(message, name);
        // These two are the sender's where they are missing.
        if ((name == "Sender" || name == "Reply-To") && mime::parseAddresses(value).empty())
            value = from;
        appendAddresses(out, value);
    }
    out += ' ';
    appendNString(out, field(message, "In-Reply-To"));
    out += ' ';
    appendNString(out, field(message, "Message-ID"));
    return out + ")";
}

std::string bodyStructureOf(const mime::Part& message, bool extended) {
    std::string out;
    appendStructure(out, message, extended);
    return out;
}

std::string Section::toString() const {
    std::string out;
    for (const std::uint32_t number : parts)
        out.append(out.empty() ? "" : ".").append(std::to_string(number));
    Bytes word;
    switch (what) {
    case What::all:
        return out;
    case What::header:
        word = "HEADER";
        break;
    case What::fields:
        word = "HEADER.FIELDS";
        break;
    case What::notFields:
        word = "HEADER.FIELDS.NOT";
        break;
    case What::text:
        word = "TEXT";
        break;
    case What::mime:
        word = "MIME";
        break;
    }
    out.append(out.empty() ? "" : ".").append(word);
    if (what != What::fields && what != What::notFields)
        return out;
    out += " (";
    for (const std::string& name : names) {
        if (out.back() != '(')
            out += ' ';
        appendAString(out, name);
    }
    return out + ")";
}

Decoded decodedPart(const mime::Part& message, Bytes whole, const std::vector<std::uint32_t>& parts) {
    Decoded out;
    if (parts.empty()) {
        out.content = whole;
        return out;
    }
    const mime::Part* const part = partOf(message, parts);
    if (!part)
        return out;
    const std::string coding = ascii::toLower(part->encoding);
    const std::array<Bytes, 6> known{"", "7bit", "8bit", "binary", "base64", "quoted-printable"};
    out.known = std::find(known.begin(), known.end(), coding) != known.end();
    if (out.known)
        out.content = part->content();
    return out;
}

std::optional<std::string> sectionOf(const mime::Part& message, Bytes whole, const Section& section) {
    using What = Section::What;
    if (section.parts.empty() && section.what == What::all)
        return std::string(whole);
    const mime::Part* part = partOf(message, section.parts);
    if (!part)
        return std::nullopt;
    if (section.what == What::all)
        return std::string(part->body);
    if (section.what == What::mime)
        return section.parts.empty() ? std::nullopt : std::optional<std::string>(part->header);
    // A header and a text has a message, whole or as a part.
    if (!section.parts.empty()) {
        if (part->type.value != "message/rfc822" || part->parts.empty())
            return std::nullopt;
        part = &part->parts.front();
    }
    switch (section.what) {
    case What::header:
        return std::string(part->header);
    case What::text:
        return std::string(part->body);
    default:
        return someFields(*part, section.names, section.what == What::fields);
    }
}

} // namespace twistdpp::imap
