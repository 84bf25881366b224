#include "twistdpp/defer/diagnostics.h"

#include "twistdpp/base/log.h"
#include "twistdpp/defer/errors.h"

#include <atomic>
#include <string>

namespace twistdpp {

namespace {
std::atomic<std::size_t> unhandled{0};
}

std::size_t unhandledErrors() noexcept {
    return unhandled.load(std::memory_order_relaxed);
}

std::size_t liveStates() noexcept {
    return detail::liveStateCount;
}

void detail::reportUnhandled(const Failure& failure, const SourceLocation& made) noexcept {
    if (failure.check<CancelledError>())
        return;
    unhandled.fetch_add(1, std::memory_order_relaxed);
    try {
        const auto place = [](const SourceLocation& at) {
            return std::string(at.file_name()) + ":" + std::to_string(at.line()) + " (" + at.function_name() +
                   ")";
        };
        std::string text = "Unhandled error in Deferred made at " + place(made) + ": " + failure.message();
        if (failure.where().line() != made.line())
            text += "; it failed at " + place(failure.where());
        logLine(LogLevel::error, "defer", text);
    } catch (...) {
        logLine(LogLevel::error, "defer", "Unhandled error in Deferred, and no memory to describe it");
    }
}

} // namespace twistdpp
