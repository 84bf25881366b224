#pragma once
#include "twistdpp/base/source_location.h"
#include "twistdpp/defer/deferred.h"

#include <gtest/gtest.h>
#include <stdexcept>
#include <string>

namespace twistdpp::test {

/// What a Deferred came to, for tests in which it must have fired by now; otherwise they throw, which fails
/// the test with the place of the call.
inline std::string placeOf(const SourceLocation& at) {
    return std::string(at.file_name()) + ":" + std::to_string(at.line()) + ": ";
}

template <class T>
T successResultOf(Deferred<T> deferred, SourceLocation at = SourceLocation::current()) {
    if (!deferred.called())
        throw std::logic_error(placeOf(at) + "the Deferred has no result yet");
    Outcome<T> outcome = std::move(deferred).take();
    if (!outcome.ok())
        throw std::logic_error(placeOf(at) + "the Deferred failed: " + outcome.failure().message());
    return std::move(outcome).get();
}

/// Its Failure, which must be an E.
template <class E = std::exception, class T>
Failure failureResultOf(Deferred<T> deferred, SourceLocation at = SourceLocation::current()) {
    if (!deferred.called())
        throw std::logic_error(placeOf(at) + "the Deferred has no result yet");
    Outcome<T> outcome = std::move(deferred).take();
    if (outcome.ok())
        throw std::logic_error(placeOf(at) + "the Deferred succeeded, a failure was expected");
    Failure failure = std::move(outcome).failure();
    if (!failure.check<E>())
        throw std::logic_error(
            placeOf(at) + "the Deferred failed with another kind of error: " + failure.message()
        );
    return failure;
}

} // namespace twistdpp::test

namespace twistdpp {
using test::failureResultOf;
using test::successResultOf;
} // namespace twistdpp
