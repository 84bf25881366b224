#pragma once
#include "twistdpp/base/result.h"
#include "twistdpp/defer/failure.h"

#include <stdexcept>

namespace twistdpp {

/// Why a service cannot start, reload or stop: a sentence for people, and the system's code where there is
/// one (the daemon makes its exit code from it).
class ServiceError : public std::runtime_error {
public:
    explicit ServiceError(const std::string& what, std::error_code code = {})
        : std::runtime_error(what), code_(code) {}
    explicit ServiceError(const Error& error) : ServiceError(error.message(), error.code()) {}

    /// The same reason seen from outside: "web: cannot listen on ...". The code is kept.
    static Failure within(const std::string& outer, const Failure& inner);
    /// The system's code in a failure of this or another kind, or an empty one.
    static std::error_code codeOf(const Failure& failure) noexcept;

    const std::error_code& code() const noexcept { return code_; }

private:
    std::error_code code_;
};

} // namespace twistdpp
