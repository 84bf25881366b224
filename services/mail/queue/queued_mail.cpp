#include "twistdpp/mail_queue/queued_mail.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/number.h"

#include <algorithm>
#include <optional>

namespace twistdpp::mail {

namespace {

constexpr std::size_t kLongestValue = 1000; // of what others have said

void line(std::string& out, Bytes key, Bytes value) {
    out.append(key).append(" ");
    for (const char c : value.substr(0, kLongestValue))
        out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    out += '\n';
}

template <class Number>
void number(std::string& out, Bytes key, Number value) {
    if (value != 0)
        line(out, key, std::to_string(value));
}

template <class Number>
bool read(Bytes text, Number& into) {
    const auto value = parseUnsigned<std::make_unsigned_t<Number>>(text);
    into = static_cast<Number>(value.value_or(0));
    return value.has_value() && into >= 0;
}

bool readRecipient(Bytes key, Bytes value, QueuedRecipient& into) {
    if (key == "notify")
        return read(value, into.who.notify);
    if (key == "tries")
        return read(value, into.tries);
    if (key == "next")
        return read(value, into.next);
    if (key == "warned")
        into.warned = true;
    else if (key == "as")
        into.who.originalRecipient = value;
    else if (key == "why")
        into.why = value;
    else
        return false;
    return true;
}

bool readAddress(Bytes text, smtp::Mailbox& into) {
    auto mailbox = smtp::Mailbox::parse(text);
    if (mailbox)
        into = *std::move(mailbox);
    return mailbox.ok();
}

bool readMail(Bytes key, Bytes value, QueuedMail& into) {
    if (key == "id") {
        into.id = value;
        return isQueueId(value);
    }
    if (key == "came")
        return read(value, into.came);
    if (key == "size")
        return read(value, into.size);
    if (key == "from")
        return readAddress(value, into.envelope.from.emplace());
    if (key == "to")
        return readAddress(value, into.to.emplace_back().who.to) && !into.to.back().who.to.domain.empty();
    if (key == "envid")
        into.envelope.envelopeId = value;
    else if (key == "mime8bit")
        into.envelope.body = smtp::Body::eightBitMime;
    else if (key == "8bit")
        into.eightBit = true;
    else if (key == "utf8")
        into.envelope.utf8 = true;
    else if (key == "headers")
        into.envelope.returnHeaders = true;
    else
        return false;
    return true;
}

} // namespace

std::string QueuedMail::toText() const {
    std::string out;
    line(out, "id", id);
    number(out, "came", came);
    number(out, "size", size);
    if (envelope.from)
        line(out, "from", envelope.from->toString());
    if (!envelope.envelopeId.empty())
        line(out, "envid", envelope.envelopeId);
    if (envelope.body == smtp::Body::eightBitMime)
        line(out, "mime8bit", "");
    if (eightBit)
        line(out, "8bit", "");
    if (envelope.utf8)
        line(out, "utf8", "");
    if (envelope.returnHeaders)
        line(out, "headers", "");
    for (const QueuedRecipient& each : to) {
        line(out, "to", each.who.to.toString());
        number(out, " notify", each.who.notify);
        if (!each.who.originalRecipient.empty())
            line(out, " as", each.who.originalRecipient);
        number(out, " tries", each.tries);
        number(out, " next", each.next);
        if (each.warned)
            line(out, " warned", "");
        if (!each.why.empty())
            line(out, " why", each.why);
    }
    return out;
}

Result<QueuedMail> QueuedMail::parse(Bytes text) {
    QueuedMail out;
    while (!text.empty()) {
        const Bytes whole = ascii::cut(text, '\n');
        Bytes value = whole;
        const bool ofRecipient = value.starts_with(' ');
        if (ofRecipient)
            value.remove_prefix(1);
        const Bytes key = ascii::cut(value, ' ');
        const bool good = ofRecipient ? !out.to.empty() && readRecipient(key, value, out.to.back())
                                      : readMail(key, value, out);
        if (!good)
            return Error("'" + std::string(whole.substr(0, 80)) + "' is no line of a mail in the queue");
    }
    if (out.id.empty() || out.to.empty())
        return Error("a mail in the queue has no name or goes to nobody");
    return out;
}

bool isQueueId(Bytes text) noexcept {
    return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
        return ascii::isAlpha(c) || ascii::isDigit(c);
    });
}

} // namespace twistdpp::mail
