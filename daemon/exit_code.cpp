#include "twistdpp/daemon/exit_code.h"

#include "twistdpp/app/service_error.h"

namespace twistdpp {

namespace {

ExitCode codeFor(const std::error_code& code, ExitCode otherwise) {
    const bool denied = code == std::errc::permission_denied || code == std::errc::operation_not_permitted;
    return denied ? ExitCode::noPermission : otherwise;
}

} // namespace

StartFailure StartFailure::from(const Error& error, ExitCode otherwise) {
    return {codeFor(error.code(), otherwise), error.message()};
}

StartFailure StartFailure::from(const Failure& failure, ExitCode otherwise) {
    return {codeFor(ServiceError::codeOf(failure), otherwise), failure.message()};
}

} // namespace twistdpp
