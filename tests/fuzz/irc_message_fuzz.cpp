// layers: irc
// The parser over any line: what it gives lies within the line and within its limits, and a message that is
// written again from its parts is read as the same.
#include "twistdpp/irc/isupport.h"
#include "twistdpp/irc/line_writer.h"
#include "twistdpp/irc/mask.h"
#include "twistdpp/irc/message.h"
#include "twistdpp/irc/modes.h"
#include "twistdpp/irc/names.h"
#include "twistdpp/irc/tags.h"

#include <cstdint>
#include <cstdlib>
#include <functional>
#include <string>

namespace {

using namespace twistdpp;
using namespace twistdpp::irc;

void require(bool condition) {
    if (!condition)
        std::abort();
}

void inside(Bytes part, Bytes whole) {
    const std::less_equal<> notAfter;
    require(
        part.empty() || (notAfter(whole.data(), part.data()) &&
                         notAfter(part.data() + part.size(), whole.data() + whole.size()))
    );
}

/// The middle parameters may need a colon too: such a message cannot be written again.
bool writable(const Message& message) {
    for (std::size_t i = 0; i + 1 < message.count; ++i) {
        if (message.param(i).empty() || message.param(i).front() == ':')
            return false;
    }
    return true;
}

void tags(Bytes text) {
    TagReader reader(text);
    for (Tag tag; reader.next(tag);) {
        inside(tag.key, text);
        inside(tag.value, text);
        require(!tag.key.empty() && findTag(text, tag.key));
        const std::string plain = unescapeTag(tag.value);
        std::string escaped;
        appendEscapedTag(escaped, plain);
        require(unescapeTag(escaped) == plain);
    }
}

void again(const Message& message) {
    LineWriter line(message.source, message.command);
    for (std::size_t i = 0; i < message.count; ++i)
        i + 1 < message.count ? line.word(message.param(i)) : line.trailing(message.param(i));
    constexpr std::size_t kLongestCharacter = 4;
    if (line.room() < kLongestCharacter)
        return; // it had fewer colons and spaces before, and may have been cut at a character's border
    Message second;
    require(parseMessage(line.body(), second) == ParseStatus::ok);
    require(
        second.source == message.source && second.command == message.command && second.count == message.count
    );
    for (std::size_t i = 0; i < message.count; ++i)
        require(second.param(i) == message.param(i));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Bytes line(reinterpret_cast<const char*>(data), size);
    Message message;
    if (parseMessage(line, message) != ParseStatus::ok)
        return 0;
    require(message.tags.size() < kMaxClientTags && message.count <= kMaxParams && !message.command.empty());
    inside(message.tags, line);
    inside(message.source, line);
    inside(message.command, line);
    std::size_t total = message.source.size() + message.command.size();
    for (std::size_t i = 0; i < message.count; ++i) {
        inside(message.param(i), line);
        total += message.param(i).size();
    }
    require(total <= kMaxBody);
    tags(message.tags);
    if (writable(message))
        again(message);

    constexpr ModeTable table("beI,k,l,imnst", "(qaohv)~&@%+");
    ModeReader reader(table, message, 0);
    std::size_t changes = 0;
    for (ModeChange change; reader.next(change);)
        require(++changes <= message.param(0).size());
    ISupport supported;
    supported.apply(message);
    const std::string mask = completeMask(message.param(0));
    require(mask.size() <= kMaxMask);
    matchMask(message.param(0), message.last());
    require(matchMask("*", message.last()));
    if (isNick(message.param(0), 32))
        require(message.param(0).find_first_of(" !@:,") == Bytes::npos);
    return 0;
}
