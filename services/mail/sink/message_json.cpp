#include "twistdpp/mail_sink/message_json.h"

#include "twistdpp/app/text_escape.h"
#include "twistdpp/base/base64.h"

#include <map>

namespace twistdpp::mail {

namespace {

constexpr std::size_t kMostPictures = 32 * 1024 * 1024; // bytes of all that are put into one page

void name(std::string& out, Bytes text) {
    if (out.back() != '{')
        out += ',';
    appendJsonString(out, text);
    out += ':';
}

void text(std::string& out, Bytes key, Bytes value) {
    name(out, key);
    appendJsonString(out, value);
}

void number(std::string& out, Bytes key, std::uint64_t value) {
    name(out, key);
    out += std::to_string(value);
}

void list(std::string& out, Bytes key, const std::vector<std::string>& values) {
    name(out, key);
    out += '[';
    for (const std::string& value : values) {
        if (out.back() != '[')
            out += ',';
        appendJsonString(out, value);
    }
    out += ']';
}

void appendHeader(std::string& out, const mime::Part& message) {
    name(out, "header");
    out += '[';
    for (const mime::Field& field : message.fields) {
        if (out.back() != '[')
            out += ',';
        out += '[';
        appendJsonString(out, field.name);
        out += ',';
        appendJsonString(out, mime::decodeWords(mime::unfold(field.value)));
        out += ']';
    }
    out += ']';
}

void appendAttachments(std::string& out, const mime::Overview& overview) {
    name(out, "attachments");
    out += '[';
    for (const mime::Part* part : overview.attachments) {
        out += out.back() == '[' ? "{" : ",{";
        text(out, "name", part->fileName());
        text(out, "type", part->type.value);
        number(out, "size", part->content().size());
        out += '}';
    }
    out += ']';
}

void appendEnvelope(std::string& out, const CaughtMail& mail) {
    number(out, "id", mail.id);
    number(out, "time", static_cast<std::uint64_t>(mail.time));
    text(out, "from", mail.from);
    list(out, "to", mail.to);
    text(out, "subject", mail.subject);
    number(out, "size", mail.message.size());
}

} // namespace

void appendSummary(std::string& out, const CaughtMail& mail) {
    out += '{';
    appendEnvelope(out, mail);
    number(out, "attachments", mail.attachments);
    out += '}';
}

std::string messageJson(const CaughtMail& mail) {
    const mime::Part message = mime::parseMessage(mail.message);
    const mime::Overview overview = mime::overviewOf(message);
    std::string out = "{";
    appendEnvelope(out, mail);
    text(out, "client", mail.client);
    text(out, "helo", mail.helo);
    text(out, "protocol", mail.protocol);
    text(out, "user", mail.user);
    appendHeader(out, message);
    text(out, "text", overview.text ? overview.text->text() : std::string());
    text(out, "html", overview.html ? overview.html->text() : std::string());
    appendAttachments(out, overview);
    return out + "}";
}

std::string selfContained(const std::string& html, const mime::Part& message) {
    std::map<std::string, const mime::Part*> byId;
    for (const mime::Part* part : mime::overviewOf(message).attachments) {
        if (const std::string id = part->contentId(); !id.empty())
            byId.emplace(id, part);
    }
    std::string out;
    std::size_t done = 0;
    std::size_t at = 0;
    std::size_t used = 0;
    while (!byId.empty() && (at = html.find("cid:", at)) != std::string::npos) {
        const std::size_t end = std::min(html.find_first_of("\"'>) \t\r\n", at), html.size());
        const auto found = byId.find(html.substr(at + 4, end - at - 4));
        const bool picture =
            found != byId.end() && found->second->type.value.starts_with("image/") &&
            found->second->type.value.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789/.+-") ==
                std::string::npos;
        if (picture && used < kMostPictures) {
            const std::string content = toBase64(found->second->content());
            used += content.size();
            out.append(html, done, at - done);
            out.append("data:").append(found->second->type.value).append(";base64,").append(content);
            done = end;
        }
        at = end;
    }
    return out.append(html, done);
}

} // namespace twistdpp::mail
