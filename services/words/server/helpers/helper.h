#pragma once
#include "twistdpp/base/bytes.h"
#include "twistdpp/irc/message.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace twistdpp::words {

class Session;

/// What was said to a helper behind the command: words, borrowed.
using Words = std::vector<Bytes>;

/// Something that a helper does. Handlers get at least `words` words.
struct HelperCommand {
    Bytes name; ///< upper case
    void (*run)(Session&, const Words&);
    std::uint8_t words;
    Bytes usage; ///< what stands behind the name
    Bytes help;  ///< one line
};

/// Someone of the server's own that users talk to: "NickServ". Each is a file in this folder, which puts it
/// into the table by a static HelperEntry.
struct Helper {
    Bytes name;
    std::span<const HelperCommand> commands;
    /// What is none of its commands; nullptr: told to say HELP.
    bool (*other)(Session&, Bytes text) = nullptr;
    /// Whether it listens to clients that are not registered yet.
    bool early = false;
};

class HelperEntry {
public:
    explicit HelperEntry(const Helper& helper);
};

/// By name in any case, or nullptr.
const Helper* findHelper(Bytes name) noexcept;

/// A client says `text` to it.
void tellHelper(const Helper& helper, Session& session, Bytes text);
/// The same by a command of its own ("NS REGISTER ..."), whose parameters are the words.
void tellHelper(const Helper& helper, Session& session, const irc::Message& message);

} // namespace twistdpp::words
