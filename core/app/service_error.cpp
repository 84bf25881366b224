#include "twistdpp/app/service_error.h"

#include "twistdpp/reactor/errors.h"

namespace twistdpp {

Failure ServiceError::within(const std::string& outer, const Failure& inner) {
    return ServiceError(outer + ": " + inner.message(), codeOf(inner));
}

std::error_code ServiceError::codeOf(const Failure& failure) noexcept {
    if (const auto* error = failure.as<ServiceError>())
        return error->code();
    if (const auto* error = failure.as<ConnectError>())
        return error->code();
    if (const auto* error = failure.as<std::system_error>())
        return error->code();
    return {};
}

} // namespace twistdpp
