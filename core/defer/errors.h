#pragma once
#include <stdexcept>

namespace twistdpp {

/// The consumer cancelled the operation. Dropped without a report when no one takes it: it was asked for.
class CancelledError : public std::runtime_error {
public:
    CancelledError() : std::runtime_error("cancelled") {}
};

/// The producer died without a result, so nobody would ever have been told.
class AbandonedError : public std::runtime_error {
public:
    AbandonedError() : std::runtime_error("the producer was destroyed before it had a result") {}
};

/// A Promise was fired twice: a mistake in the program.
class AlreadyCalledError : public std::logic_error {
public:
    AlreadyCalledError() : std::logic_error("a Promise can be fired once only") {}
};

/// The time given to an operation ran out.
class TimeoutError : public std::runtime_error {
public:
    TimeoutError() : std::runtime_error("timed out") {}
    explicit TimeoutError(const std::string& what) : std::runtime_error(what) {}
};

/// A Queue or Gate was used after close().
class ClosedError : public std::runtime_error {
public:
    ClosedError() : std::runtime_error("closed") {}
};

} // namespace twistdpp
