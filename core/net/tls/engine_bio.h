#pragma once

struct bio_st;

namespace twistdpp::detail {

class TlsEngine;

/// OpenSSL's end of an engine: reads what was fed, writes records to the sink, with no memory of its own.
/// nullptr when memory is short. The engine must outlive it.
bio_st* makeEngineBio(TlsEngine& engine) noexcept;

} // namespace twistdpp::detail
