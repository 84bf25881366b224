#include "twistdpp/defer/failure.h"

#include <stdexcept>

namespace twistdpp {

// The exception object lives as long as an exception_ptr to it does, so the reference taken while it was
// being handled stays good.
struct Failure::Caught final : Held {
    Caught(std::exception_ptr p, const std::exception* e, SourceLocation at)
        : Held(at), pointer(std::move(p)) {
        error = e;
    }
    void raise() const override { std::rethrow_exception(pointer); }
    std::exception_ptr pointer;
};

Failure Failure::current(SourceLocation where) {
    try {
        throw;
    } catch (const std::exception& e) {
        return Failure(new Caught(std::current_exception(), &e, where));
    } catch (...) {
        return Failure(std::runtime_error("an exception that is not derived from std::exception"), where);
    }
}

void Failure::raise() const {
    held_->raise();
    std::terminate(); // not reached; the compiler cannot see it through the virtual call
}

} // namespace twistdpp
