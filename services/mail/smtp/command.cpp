#include "twistdpp/smtp/command.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/number.h"

#include <algorithm>

namespace twistdpp::smtp {

namespace {

/// A parameter: "KEYWORD" or "KEYWORD=VALUE".
struct Parameter {
    Bytes key, value;
    bool is(Bytes name) const noexcept { return ascii::equalsIgnoreCase(key, name); }
};

/// The next of `rest`; false when there is none.
bool next(Bytes& rest, Parameter& out) {
    rest = rest.substr(std::min(rest.find_first_not_of(' '), rest.size()));
    if (rest.empty())
        return false;
    Bytes word = ascii::cut(rest, ' ');
    out.key = ascii::cut(word, '=');
    out.value = word;
    return true;
}

bool startsWith(Bytes& text, Bytes word) {
    if (text.size() < word.size() || !ascii::equalsIgnoreCase(text.substr(0, word.size()), word))
        return false;
    text.remove_prefix(word.size());
    return true;
}

Reply syntax(Bytes status, std::string text) {
    return {501, status, text};
}

Reply unknown(const Parameter& parameter) {
    return {555, "5.5.4", "the parameter " + std::string(parameter.key.substr(0, 64)) + " is not known here"};
}

bool isHex(char c) noexcept {
    return ascii::isDigit(c) || (c >= 'A' && c <= 'F');
}

/// xtext (RFC 3461 section 4): printable, '+' and two hexadecimal digits for others.
bool isXtext(Bytes text) noexcept {
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] < '!' || text[i] > '~' || text[i] == '=')
            return false;
        if (text[i] != '+')
            continue;
        if (text.size() - i < 3 || !isHex(text[i + 1]) || !isHex(text[i + 2]))
            return false;
        i += 2;
    }
    return !text.empty();
}

std::optional<unsigned> readNotify(Bytes text) {
    unsigned out = 0;
    while (!text.empty()) {
        const Bytes word = ascii::cut(text, ',');
        const unsigned bit = ascii::equalsIgnoreCase(word, "NEVER")     ? Notify::never
                             : ascii::equalsIgnoreCase(word, "SUCCESS") ? Notify::success
                             : ascii::equalsIgnoreCase(word, "FAILURE") ? Notify::failure
                             : ascii::equalsIgnoreCase(word, "DELAY")   ? Notify::delay
                                                                        : 0U;
        if (bit == 0)
            return std::nullopt;
        out |= bit;
    }
    if (out == 0 || ((out & Notify::never) != 0 && out != Notify::never))
        return std::nullopt;
    return out;
}

} // namespace

Command::Command(Bytes line) {
    const std::size_t end = std::min(line.find(' '), line.size());
    verb = std::string(line.substr(0, end));
    for (char& c : verb)
        c = ascii::upper(c);
    argument = ascii::trim(line.substr(end));
}

std::optional<Reply> readMail(Bytes argument, bool extended, std::uint64_t sizeLimit, Envelope& into) {
    if (!startsWith(argument, "FROM:"))
        return syntax("5.5.4", "say MAIL FROM:<address>");
    auto path = Path::parse(argument);
    if (!path)
        return syntax("5.1.7", path.error().message());
    if (path->mailbox && path->mailbox->domain.empty())
        return syntax("5.1.7", "the sender's address has no domain");
    into = Envelope();
    into.from = path->mailbox;
    Parameter parameter;
    for (Bytes rest = path->rest; next(rest, parameter);) {
        if (!extended)
            return unknown(parameter);
        if (parameter.is("SIZE")) {
            const auto size = parseUnsigned<std::uint64_t>(parameter.value);
            if (!size)
                return syntax("5.5.4", "SIZE is a number of bytes");
            if (sizeLimit > 0 && *size > sizeLimit)
                return Reply(552, "5.3.4", "more than " + std::to_string(sizeLimit) + " bytes are not taken");
            into.size = *size;
        } else if (parameter.is("BODY")) {
            if (ascii::equalsIgnoreCase(parameter.value, "8BITMIME"))
                into.body = Body::eightBitMime;
            else if (!ascii::equalsIgnoreCase(parameter.value, "7BIT"))
                return syntax("5.5.4", "BODY is 7BIT or 8BITMIME");
        } else if (parameter.is("SMTPUTF8") && parameter.value.empty()) {
            into.utf8 = true;
        } else if (parameter.is("RET")) {
            into.returnHeaders = ascii::equalsIgnoreCase(parameter.value, "HDRS");
            if (!into.returnHeaders && !ascii::equalsIgnoreCase(parameter.value, "FULL"))
                return syntax("5.5.4", "RET is FULL or HDRS");
        } else if (parameter.is("ENVID")) {
            if (!isXtext(parameter.value) || parameter.value.size() > 100)
                return syntax("5.5.4", "ENVID is xtext of at most 100 bytes");
            into.envelopeId = parameter.value;
        } else if (parameter.is("AUTH")) {
            // Whom a trusted server has heard it from (RFC 4954 section 5); nobody is trusted with that here.
            if (!isXtext(parameter.value) || parameter.value.size() > 500)
                return syntax("5.5.4", "AUTH is xtext of at most 500 bytes");
        } else {
            return unknown(parameter);
        }
    }
    if (into.from && into.from->isInternational() && !into.utf8)
        return Reply(550, "5.6.7", "an address beyond ASCII needs SMTPUTF8");
    return std::nullopt;
}

std::optional<Reply> readRcpt(Bytes argument, bool extended, const Envelope& envelope, Recipient& into) {
    if (!startsWith(argument, "TO:"))
        return syntax("5.5.4", "say RCPT TO:<address>");
    auto path = Path::parse(argument);
    if (!path)
        return syntax("5.1.3", path.error().message());
    if (!path->mailbox)
        return syntax("5.1.3", "a recipient has an address");
    into = Recipient();
    into.to = *path->mailbox;
    if (into.to.domain.empty() && !ascii::equalsIgnoreCase(into.to.local, "postmaster"))
        return syntax("5.1.3", "the address has no domain");
    Parameter parameter;
    for (Bytes rest = path->rest; next(rest, parameter);) {
        if (extended && parameter.is("NOTIFY")) {
            const auto notify = readNotify(parameter.value);
            if (!notify)
                return syntax("5.5.4", "NOTIFY is NEVER, or of SUCCESS, FAILURE, DELAY");
            into.notify = *notify;
        } else if (extended && parameter.is("ORCPT")) {
            Bytes address = parameter.value;
            const Bytes type = ascii::cut(address, ';');
            if (type.empty() || !isXtext(address) || parameter.value.size() > 500)
                return syntax("5.5.4", "ORCPT is TYPE;ADDRESS, the address in xtext");
            into.originalRecipient = parameter.value;
        } else {
            return unknown(parameter);
        }
    }
    if (into.to.isInternational() && !envelope.utf8)
        return Reply(550, "5.6.7", "an address beyond ASCII needs SMTPUTF8");
    return std::nullopt;
}

} // namespace twistdpp::smtp
