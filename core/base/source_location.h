#pragma once
#include <version>
#if defined(__cpp_lib_source_location)
#include <source_location>
#endif

namespace twistdpp {

#if defined(__cpp_lib_source_location)
using SourceLocation = std::source_location;
#else
/// std::source_location for a compiler that the standard library does not offer it to (clang 14).
class SourceLocation {
public:
    static constexpr SourceLocation current(
        const char* file = __builtin_FILE(), const char* function = __builtin_FUNCTION(),
        unsigned line = __builtin_LINE()
    ) noexcept {
        SourceLocation here;
        here.file_ = file;
        here.function_ = function;
        here.line_ = line;
        return here;
    }
    constexpr const char* file_name() const noexcept { return file_; }
    constexpr const char* function_name() const noexcept { return function_; }
    constexpr unsigned line() const noexcept { return line_; }

private:
    const char* file_ = "";
    const char* function_ = "";
    unsigned line_ = 0;
};
#endif

} // namespace twistdpp
