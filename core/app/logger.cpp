#include "twistdpp/app/logger.h"

#include <exception>
#include <fmt/format.h>

namespace twistdpp {

void Logger::write(LogLevel level, fmt::string_view text, fmt::format_args args) const noexcept {
    if (!wants(level))
        return;
    try {
        fmt::memory_buffer line;
        fmt::vformat_to(std::back_inserter(line), text, args);
        logLine(level, name_, {line.data(), line.size()});
    } catch (const std::exception& error) {
        // A line that cannot be made must not take the caller down; say so in its place.
        logLine(LogLevel::error, name_, error.what());
    }
}

} // namespace twistdpp
