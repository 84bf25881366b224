#include "twistdpp/service_web/static/variants.h"

#include "twistdpp/base/ascii.h"

#include <array>
#include <brotli/encode.h>
#include <zlib.h>
#include <zstd.h>

namespace twistdpp::web {

namespace {

std::optional<std::string> gzip(Bytes data) {
    z_stream stream{};
    constexpr int kGzipWindow = 15 + 16;
    if (deflateInit2(&stream, 6, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return std::nullopt;
    std::string out(deflateBound(&stream, static_cast<uLong>(data.size())), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
    stream.avail_in = static_cast<uInt>(data.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    const int result = deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    if (result != Z_STREAM_END)
        return std::nullopt;
    return out;
}

std::optional<std::string> brotli(Bytes data) {
    std::size_t size = BrotliEncoderMaxCompressedSize(data.size());
    std::string out(size, '\0');
    constexpr int kQuality = 5;
    if (BrotliEncoderCompress(
            kQuality, BROTLI_DEFAULT_WINDOW, BROTLI_MODE_TEXT, data.size(),
            reinterpret_cast<const std::uint8_t*>(data.data()), &size,
            reinterpret_cast<std::uint8_t*>(out.data())
        ) == BROTLI_FALSE)
        return std::nullopt;
    out.resize(size);
    return out;
}

std::optional<std::string> zstd(Bytes data) {
    std::string out(ZSTD_compressBound(data.size()), '\0');
    constexpr int kLevel = 6;
    const std::size_t size = ZSTD_compress(out.data(), out.size(), data.data(), data.size(), kLevel);
    if (ZSTD_isError(size) != 0)
        return std::nullopt;
    out.resize(size);
    return out;
}

} // namespace

bool compressible(Bytes mediaType) noexcept {
    const Bytes type = ascii::trim(mediaType.substr(0, mediaType.find(';')));
    static constexpr std::array<Bytes, 12> kTextInside{
        "application/javascript", "application/json",          "application/xml",     "application/wasm",
        "image/svg+xml",          "application/manifest+json", "application/rss+xml", "application/atom+xml",
        "application/ld+json",    "application/xhtml+xml",     "image/x-icon",        "font/ttf"};
    if (type.substr(0, 5) == "text/")
        return true;
    for (const Bytes known : kTextInside) {
        if (ascii::equalsIgnoreCase(type, known))
            return true;
    }
    return false;
}

Bytes siblingExtension(http::Coding coding) noexcept {
    switch (coding) {
    case http::Coding::gzip:
        return ".gz";
    case http::Coding::brotli:
        return ".br";
    case http::Coding::zstd:
        return ".zst";
    case http::Coding::identity:
        break;
    }
    return {};
}

std::optional<std::string> compress(http::Coding coding, Bytes data) {
    std::optional<std::string> out;
    switch (coding) {
    case http::Coding::gzip:
        out = gzip(data);
        break;
    case http::Coding::brotli:
        out = brotli(data);
        break;
    case http::Coding::zstd:
        out = zstd(data);
        break;
    case http::Coding::identity:
        break;
    }
    if (out && out->size() >= data.size())
        return std::nullopt;
    return out;
}

} // namespace twistdpp::web
