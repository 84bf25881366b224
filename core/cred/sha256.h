#pragma once
#include "twistdpp/base/bytes.h"

#include <memory>
#include <string>

namespace twistdpp {

/// The SHA-256 (FIPS 180-4) of what comes in pieces. One thread at a time.
class Sha256 {
public:
    Sha256();
    ~Sha256();
    Sha256(Sha256&&) noexcept;
    Sha256& operator=(Sha256&&) noexcept;

    void add(Bytes piece);
    /// The 32 bytes. Once.
    std::string finish();

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace twistdpp
