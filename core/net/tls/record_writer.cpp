#include "twistdpp/tls/record_writer.h"

#include "twistdpp/tls/scratch.h"

#include <algorithm>
#include <cerrno>
#include <unistd.h>

namespace twistdpp::detail {

namespace {

// A record of this size with its header and tag fits into one packet.
constexpr std::size_t kSmall = 1370;
// About what a new connection may have on its way unacknowledged (RFC 6928).
constexpr std::size_t kSmallUntil = 10 * kSmall;
constexpr Duration kIdle = std::chrono::seconds(1);

} // namespace

std::size_t RecordWriter::nextSize(TimePoint now) noexcept {
    if (now - last_ >= kIdle)
        sinceIdle_ = 0;
    last_ = now;
    return sinceIdle_ < kSmallUntil ? kSmall : TlsEngine::kRecord;
}

RecordWriter::Result RecordWriter::encrypt(Bytes data, TimePoint now) {
    while (!data.empty()) {
        const Bytes part = data.substr(0, nextSize(now));
        if (!engine_.write(part))
            return Result::failed;
        sinceIdle_ += part.size();
        data.remove_prefix(part.size());
    }
    return Result::ok;
}

RecordWriter::Result RecordWriter::writeSome(Bytes& data, TimePoint now) {
    const Bytes part = data.substr(0, TlsEngine::kRecord);
    data.remove_prefix(part.size());
    return encrypt(part, now);
}

RecordWriter::Result RecordWriter::writeHead(Chain& chain, TimePoint now) {
    if (chain.file())
        return writeFile(chain, now);
    iovec segments[16];
    const int count = chain.iov(segments, 16);
    if (count == 1 || segments[0].iov_len >= TlsEngine::kRecord) {
        const Bytes part(
            static_cast<const char*>(segments[0].iov_base), std::min(segments[0].iov_len, TlsEngine::kRecord)
        );
        const Result result = encrypt(part, now);
        chain.consume(part.size());
        return result;
    }
    // Small pieces become one record.
    const Scratch scratch;
    std::size_t size = 0;
    for (int i = 0; i < count && size < TlsEngine::kRecord; ++i) {
        const Bytes piece(static_cast<const char*>(segments[i].iov_base), segments[i].iov_len);
        size += piece.copy(scratch.data() + size, TlsEngine::kRecord - size);
    }
    chain.consume(size);
    return encrypt(Bytes(scratch.data(), size), now);
}

RecordWriter::Result RecordWriter::writeFile(Chain& chain, TimePoint now) {
    const FileRange& range = *chain.file();
    const Scratch scratch;
    const std::size_t wanted = std::min<std::uint64_t>(range.length, Scratch::kSize);
    ssize_t got = 0;
    do {
        got = ::pread(range.file->get(), scratch.data(), wanted, static_cast<off_t>(range.offset));
    } while (got < 0 && errno == EINTR);
    if (got <= 0)
        return Result::fileTooShort;
    const auto size = static_cast<std::size_t>(got);
    const Result result = encrypt(Bytes(scratch.data(), size), now);
    chain.consume(size);
    return result;
}

} // namespace twistdpp::detail
