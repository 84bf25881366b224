#include "twistdpp/mail_relay/delivery_report.h"

#include "twistdpp/base/hex.h"
#include "twistdpp/base/number.h"
#include "twistdpp/cred/password_digest.h"
#include "twistdpp/smtp/mail_handler.h"

#include <algorithm>

namespace twistdpp::mail {

namespace {

using Kind = Verdict::Kind;

std::string dateOf(std::int64_t milliseconds) {
    return smtp::dateText(milliseconds / 1000);
}

/// RFC 3461 section 4: "+XX" is a byte.
std::string fromXtext(Bytes text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto code = text[i] == '+' && i + 2 < text.size()
                              ? parseUnsigned<unsigned>(text.substr(i + 1, 2), 16)
                              : std::nullopt;
        const bool printable = code && *code >= 0x20 && *code < 0x7f;
        out += printable ? static_cast<char>(*code) : text[i];
        i += printable ? 2 : 0;
    }
    return out;
}

Bytes actionOf(const ReportedRecipient& each) {
    switch (each.kind) {
    case Kind::failed:
        return "failed";
    case Kind::delayed:
        return "delayed";
    case Kind::delivered:
    case Kind::relayed:
        break;
    }
    return each.here ? "delivered" : "relayed";
}

struct Words {
    Bytes subject, opening;
};

Words wordsFor(Kind kind, bool here) {
    switch (kind) {
    case Kind::failed:
        return {
            "Your mail could not be delivered",
            "Your mail has not reached the following, and is not tried again:"};
    case Kind::delayed:
        return {
            "Your mail is still on its way",
            "Your mail has not reached the following yet. There is nothing that you have to do: it is tried "
            "again."};
    case Kind::delivered:
    case Kind::relayed:
        break;
    }
    if (here)
        return {"Your mail was delivered", "Your mail is in the mailboxes of:"};
    return {
        "Your mail was handed on",
        "Your mail was taken by the servers of the following, which do not say more:"};
}

std::string forPeople(
    const QueuedMail& mail, const std::vector<ReportedRecipient>& recipients, const std::string& hostname,
    std::int64_t until
) {
    std::string out = "This is the mail server " + hostname + ".\n\n";
    out.append(wordsFor(recipients.front().kind, recipients.front().here).opening).append("\n");
    for (const ReportedRecipient& each : recipients) {
        out += "\n    " + each.who.to.toString() + "\n";
        if (each.reply.code != 0)
            out += "        " + (each.host.empty() ? std::string() : each.host + ": ") +
                   inOneLine(each.reply) + "\n";
    }
    if (until > 0)
        out += "\nIt is tried until " + dateOf(until) + ".\n";
    return out + "\nIt came to this server on " + dateOf(mail.came) + " and is called " + mail.id +
           " in its log.\n";
}

std::string forPrograms(
    const QueuedMail& mail, const std::vector<ReportedRecipient>& recipients, const std::string& hostname,
    std::int64_t now, std::int64_t until
) {
    const std::string type = mail.envelope.utf8 ? "utf-8; " : "rfc822; ";
    std::string out;
    if (!mail.envelope.envelopeId.empty())
        out += "Original-Envelope-Id: " + fromXtext(mail.envelope.envelopeId) + "\n";
    out += "Reporting-MTA: dns; " + hostname + "\nArrival-Date: " + dateOf(mail.came) + "\n";
    for (const ReportedRecipient& each : recipients) {
        out += "\n";
        if (!each.who.originalRecipient.empty()) {
            const std::size_t semicolon = each.who.originalRecipient.find(';');
            out += "Original-Recipient: " + each.who.originalRecipient.substr(0, semicolon) + "; " +
                   fromXtext(Bytes(each.who.originalRecipient)
                                 .substr(std::min(semicolon + 1, each.who.originalRecipient.size()))) +
                   "\n";
        }
        out += "Final-Recipient: " + type + each.who.to.toString() + "\n";
        out.append("Action: ").append(actionOf(each)).append("\n");
        out += "Status: " + statusOf(each.reply) + "\n";
        if (!each.host.empty())
            out += "Remote-MTA: dns; " + each.host + "\n";
        if (each.reply.code != 0 && !each.here)
            out += "Diagnostic-Code: " + std::string(each.host.empty() ? "x-twistdpp" : "smtp") + "; " +
                   inOneLine(each.reply) + "\n";
        out += "Last-Attempt-Date: " + dateOf(now) + "\n";
        if (until > 0 && each.kind == Kind::delayed)
            out += "Will-Retry-Until: " + dateOf(until) + "\n";
    }
    return out;
}

/// The header, or all of it; nothing that begins in the middle of a line at its end.
std::string sentBack(Bytes text, bool headerOnly) {
    const std::size_t end = text.find("\n\n");
    if (headerOnly)
        text = text.substr(0, end == Bytes::npos ? text.rfind('\n') + 1 : end + 1);
    return std::string(text);
}

} // namespace

std::string deliveryReport(
    const QueuedMail& mail, const std::vector<ReportedRecipient>& recipients, const std::string& hostname,
    Bytes text, bool whole, std::int64_t now, std::int64_t until
) {
    const std::string boundary = "=_" + toHex(randomBytes(12));
    const std::string id = toHex(randomBytes(8));
    const bool headerOnly = !whole || mail.envelope.returnHeaders;
    const bool utf8 = mail.envelope.utf8;
    const Words words = wordsFor(recipients.front().kind, recipients.front().here);
    std::string out = "From: \"Mail delivery at " + hostname + "\" <MAILER-DAEMON@" + hostname + ">\n";
    out += "To: <" + (mail.envelope.from ? mail.envelope.from->toString() : std::string()) + ">\n";
    out += "Subject: " + std::string(words.subject) + "\n";
    out += "Date: " + dateOf(now) + "\nMessage-ID: <" + id + "@" + hostname + ">\n";
    out += "Auto-Submitted: auto-replied\nMIME-Version: 1.0\n";
    out +=
        "Content-Type: multipart/report; report-type=delivery-status;\n\tboundary=\"" + boundary + "\"\n\n";
    const auto part = [&](Bytes type, const std::string& content) {
        const bool eightBit = std::any_of(content.begin(), content.end(), [](char c) {
            return static_cast<unsigned char>(c) >= 0x80;
        });
        out += "--" + boundary + "\nContent-Type: " + std::string(type) + "\n";
        if (eightBit)
            out += "Content-Transfer-Encoding: 8bit\n";
        out += "\n" + content;
        if (!content.ends_with('\n'))
            out += "\n";
    };
    part("text/plain; charset=utf-8", forPeople(mail, recipients, hostname, until));
    out += "\n";
    part(
        utf8 ? "message/global-delivery-status" : "message/delivery-status",
        forPrograms(mail, recipients, hostname, now, until)
    );
    out += "\n";
    const Bytes header = utf8 ? "message/global-headers" : "text/rfc822-headers";
    const Bytes all = utf8 ? "message/global" : "message/rfc822";
    part(headerOnly ? header : all, sentBack(text, headerOnly));
    return out + "\n--" + boundary + "--\n";
}

} // namespace twistdpp::mail
