#pragma once
#include "twistdpp/irc/message.h"

#include <cstdint>
#include <span>
#include <vector>

namespace twistdpp::words {

class Session;

/// Who may give a command.
enum class Access : std::uint8_t {
    anyone,     ///< before and after registration
    registered, ///< others get 451
    oper,       ///< other users get 481
};

/// A command: one entry of a family's table. A handler gets `message` with at least `params` parameters; the
/// message is borrowed from the line and the handler may end the session.
struct Command {
    Bytes name; ///< upper case
    void (*run)(Session&, const irc::Message&);
    std::uint8_t params = 0; ///< fewer are answered with 461
    Access access = Access::registered;
    std::uint8_t cost = 1; ///< how many lines it counts for in the limit of lines a second
};

/// Puts a family's commands into the table; a static object in the family's file, before main().
class CommandFamily {
public:
    explicit CommandFamily(std::span<const Command> commands);
};

/// By its name in any case, or nullptr.
const Command* findCommand(Bytes name) noexcept;

/// How often each command was used: for STATS m.
struct CommandUse {
    const Command* command;
    std::uint64_t count;
};
/// Counts for one server. Belongs to its thread.
class CommandCounts {
public:
    void add(const Command& command);
    const std::vector<CommandUse>& all() const noexcept { return uses_; }

private:
    std::vector<CommandUse> uses_;
};

} // namespace twistdpp::words
