#include "twistdpp/words_server/command.h"

#include "twistdpp/words_server/name_map.h"

namespace twistdpp::words {

namespace {

using Table = std::unordered_map<Bytes, const Command*, FoldHash, FoldEqual>;

Table& table() {
    static Table all;
    return all;
}

} // namespace

CommandFamily::CommandFamily(std::span<const Command> commands) {
    for (const Command& command : commands)
        table().emplace(command.name, &command);
}

const Command* findCommand(Bytes name) noexcept {
    const auto found = table().find(name);
    return found == table().end() ? nullptr : found->second;
}

void CommandCounts::add(const Command& command) {
    for (CommandUse& use : uses_) {
        if (use.command == &command) {
            ++use.count;
            return;
        }
    }
    uses_.push_back({&command, 1});
}

} // namespace twistdpp::words
