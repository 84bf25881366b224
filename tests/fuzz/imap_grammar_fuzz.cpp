// layers: imap
// The words of a command in whatever order, names of mailboxes, and what is said of a message.
#include "twistdpp/base/utf8.h"
#include "twistdpp/imap/cursor.h"
#include "twistdpp/imap/mailbox_name.h"
#include "twistdpp/imap/message_text.h"

#include <cstdint>
#include <cstdlib>

using namespace twistdpp;

namespace {

void require(bool holds) {
    if (!holds)
        std::abort();
}

void readCommand(Bytes text) {
    imap::Cursor cursor(text);
    while (!cursor.atEnd()) {
        const std::size_t before = cursor.rest().size();
        if (const auto set = cursor.numberSet()) {
            const auto again = imap::NumberSet::parse(set->toString());
            require(again && again->toString() == set->toString());
        } else if (const auto word = cursor.astring()) {
            std::string written;
            imap::appendString(written, *word);
            imap::Cursor back(written);
            require(back.string() == word && back.atEnd());
        } else if (!cursor.flag() && !cursor.listMailbox()) {
            cursor.take(cursor.rest().front());
        }
        require(cursor.rest().size() < before || cursor.rest().empty());
    }
}

/// Parentheses that fit, outside quotes and literals.
void checkParentheses(Bytes text) {
    std::size_t depth = 0;
    while (!text.empty()) {
        imap::Cursor cursor(text);
        if (cursor.string()) {
            text = cursor.rest();
            continue;
        }
        require(text.front() != '"' && text.front() != '{');
        depth += text.front() == '(' ? 1U : 0U;
        require(text.front() != ')' || depth-- > 0);
        text.remove_prefix(1);
    }
    require(depth == 0);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Bytes input(reinterpret_cast<const char*>(data), size);
    readCommand(input);
    if (const auto name = imap::fromModifiedUtf7(input)) {
        require(utf8::isValid(*name));
        require(imap::toModifiedUtf7(*name) == input);
    }
    require(imap::fromModifiedUtf7(imap::toModifiedUtf7(input)) == utf8::replaceInvalid(input));
    const mime::Part message = mime::parseMessage(input);
    checkParentheses(imap::envelopeOf(message));
    checkParentheses(imap::bodyStructureOf(message, true));
    for (const std::vector<std::uint32_t>& parts :
         std::vector<std::vector<std::uint32_t>>{{}, {1}, {2}, {1, 1}, {2, 1}}) {
        using What = imap::Section::What;
        for (const What what :
             {What::all, What::header, What::fields, What::notFields, What::text, What::mime})
            static_cast<void>(imap::sectionOf(message, input, {parts, what, {"Subject"}}));
    }
    return 0;
}
