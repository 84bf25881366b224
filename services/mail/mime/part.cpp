#include "twistdpp/mime/part.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/mime/decode.h"

#include <algorithm>

namespace twistdpp::mime {

namespace {

/// The next line of `text` with its end, which is taken off.
Bytes takeLine(Bytes& text) {
    const std::size_t newline = text.find('\n');
    const Bytes line = text.substr(0, newline == Bytes::npos ? text.size() : newline + 1);
    text.remove_prefix(line.size());
    return line;
}

Bytes withoutEnd(Bytes line) {
    if (line.ends_with('\n'))
        line.remove_suffix(1);
    if (line.ends_with('\r'))
        line.remove_suffix(1);
    return line;
}

/// What lies between the lines "--boundary".
std::vector<Bytes> split(Bytes body, const std::string& boundary) {
    const std::string mark = "--" + boundary;
    std::vector<Bytes> out;
    const char* begin = nullptr; // of the part that is being read
    Bytes rest = body;
    const auto endPart = [&](const char* at) {
        // The line end before the boundary belongs to it (RFC 2046 section 5.1.1).
        if (begin)
            out.push_back(withoutEnd(Bytes(begin, static_cast<std::size_t>(at - begin))));
    };
    while (!rest.empty()) {
        const char* const at = rest.data();
        const Bytes line = takeLine(rest);
        if (!line.starts_with(mark))
            continue;
        const Bytes behind = ascii::trim(line.substr(mark.size()), " \t\r\n");
        if (!behind.empty() && behind != "--")
            continue;
        endPart(at);
        begin = rest.data();
        if (!behind.empty()) {
            begin = nullptr;
            break;
        }
    }
    endPart(body.data() + body.size());
    return out;
}

class Reader {
public:
    Part read(Bytes text, std::size_t depth, Bytes usualType) {
        Part part;
        Bytes rest = text;
        while (!rest.empty()) {
            const Bytes line = takeLine(rest);
            if (withoutEnd(line).empty())
                break;
        }
        part.header = text.substr(0, text.size() - rest.size());
        part.body = rest;
        part.fields = fieldsOf(part.header);
        part.type =
            Parameterised::parse(fieldOf(part.fields, "Content-Type").value_or(std::string(usualType)));
        if (part.type.value.find('/') == std::string::npos)
            part.type.value = "text/plain";
        part.encoding = ascii::toLower(
            ascii::trim(fieldOf(part.fields, "Content-Transfer-Encoding").value_or(std::string()))
        );
        if (depth >= kDeepest)
            return part;
        const std::string boundary = part.type.get("boundary");
        if (part.isMultipart() && !boundary.empty()) {
            const bool digest = part.type.value == "multipart/digest";
            for (const Bytes each : split(part.body, boundary)) {
                if (++count_ > kMostParts)
                    break;
                part.parts.push_back(read(each, depth + 1, digest ? "message/rfc822" : "text/plain"));
            }
        } else if (part.type.value == "message/rfc822" && part.encoding != "base64" && part.encoding != "quoted-printable" && ++count_ <= kMostParts) {
            part.parts.push_back(read(part.body, depth + 1, "text/plain"));
        }
        return part;
    }

private:
    std::size_t count_ = 0;
};

void collect(const Part& part, Overview& into) {
    if (part.isMultipart() && !part.parts.empty()) {
        for (const Part& each : part.parts)
            collect(each, into);
        return;
    }
    const bool attached = part.disposition() == "attachment" || !part.fileName().empty();
    if (part.type.value == "text/plain" && !attached && !into.text)
        into.text = &part;
    else if (part.type.value == "text/html" && !attached && !into.html)
        into.html = &part;
    else
        into.attachments.push_back(&part);
}

} // namespace

std::string Part::disposition() const {
    return Parameterised::parse(fieldOf(fields, "Content-Disposition").value_or(std::string())).value;
}

std::string Part::fileName() const {
    std::string name =
        Parameterised::parse(fieldOf(fields, "Content-Disposition").value_or(std::string())).get("filename");
    if (name.empty())
        name = type.get("name");
    name.erase(0, name.find_last_of("/\\") + 1);
    std::erase_if(name, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
    return name == "." || name == ".." ? std::string() : name;
}

std::string Part::contentId() const {
    return std::string(ascii::trim(fieldOf(fields, "Content-ID").value_or(std::string()), " \t<>"));
}

std::string Part::content() const {
    return decodeTransfer(body, encoding);
}

std::string Part::text() const {
    return toUtf8(content(), type.get("charset"));
}

Part parseMessage(Bytes message) {
    return Reader().read(message, 0, "text/plain");
}

Overview overviewOf(const Part& message) {
    Overview out;
    collect(message, out);
    return out;
}

} // namespace twistdpp::mime
