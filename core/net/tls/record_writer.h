#pragma once
#include "twistdpp/base/chain.h"
#include "twistdpp/base/time.h"
#include "twistdpp/tls/tls_engine.h"

#include <cstddef>
#include <optional>
#include <string>

namespace twistdpp::detail {

/// Cuts what a connection has to send into records. The first ones after a pause are small, so that the peer
/// can use each packet as it comes and need not wait for the rest of a large record; then they are full.
class RecordWriter {
public:
    enum class Result { ok, failed, fileTooShort };

    explicit RecordWriter(TlsEngine& engine) noexcept : engine_(engine) {}

    /// Encrypts some of the head of `chain` (one record, or up to Scratch::kSize of a file) and takes it
    /// away.
    Result writeHead(Chain& chain, TimePoint now);
    /// Encrypts at most one record's worth of `data` without queueing it and takes it away.
    Result writeSome(Bytes& data, TimePoint now);

private:
    std::size_t nextSize(TimePoint now) noexcept;
    Result encrypt(Bytes data, TimePoint now);
    Result writeFile(Chain& chain, TimePoint now);

    TlsEngine& engine_;
    std::size_t sinceIdle_ = 0;
    TimePoint last_{};
};

} // namespace twistdpp::detail
