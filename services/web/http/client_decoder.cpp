#include "twistdpp/http/client_decoder.h"

#include "twistdpp/base/ascii.h"

#include <algorithm>
#include <limits>
#include <new>

#include <brotli/decode.h>
#include <zlib.h>

namespace twistdpp::http {

namespace {

class Inflater final : public ContentDecoder {
public:
    explicit Inflater(int windowBits) {
        if (inflateInit2(&stream_, windowBits) != Z_OK)
            throw std::bad_alloc();
    }
    ~Inflater() override { inflateEnd(&stream_); }

    Step decode(Bytes& in, std::string& out, std::size_t most) override {
        if (!settled_ && in.empty())
            return Step::more;
        // "deflate" means the zlib format, but some servers send bare deflate data; zlib's first byte says
        // which it is (RFC 1950 2.2: method 8).
        if (!settled_ && sniff_ && (static_cast<unsigned char>(in.front()) & 0x0f) != 8)
            inflateReset2(&stream_, -MAX_WBITS);
        settled_ = true;
        return run(in, out, most);
    }
    void sniff() noexcept { sniff_ = true; }

private:
    Step run(Bytes& in, std::string& out, std::size_t most) {
        const std::size_t before = out.size();
        out.resize(before + most);
        const auto offered = std::min<std::size_t>(in.size(), std::numeric_limits<uInt>::max());
        stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
        stream_.avail_in = static_cast<uInt>(offered);
        stream_.next_out = reinterpret_cast<Bytef*>(out.data() + before);
        stream_.avail_out = static_cast<uInt>(most);
        const int result = inflate(&stream_, Z_NO_FLUSH);
        in.remove_prefix(offered - stream_.avail_in);
        out.resize(before + most - stream_.avail_out);
        if (result == Z_STREAM_END)
            return Step::end;
        if (result != Z_OK && result != Z_BUF_ERROR)
            return Step::broken;
        return stream_.avail_out == 0 ? Step::room : Step::more;
    }

    z_stream stream_{};
    bool sniff_ = false;
    bool settled_ = false; // which format it is
};

class Unbrotli final : public ContentDecoder {
public:
    Unbrotli() : state_(BrotliDecoderCreateInstance(nullptr, nullptr, nullptr)) {
        if (!state_)
            throw std::bad_alloc();
    }
    ~Unbrotli() override { BrotliDecoderDestroyInstance(state_); }

    Step decode(Bytes& in, std::string& out, std::size_t most) override {
        const std::size_t before = out.size();
        out.resize(before + most);
        std::size_t inLeft = in.size();
        const auto* next = reinterpret_cast<const std::uint8_t*>(in.data());
        std::size_t outLeft = most;
        auto* to = reinterpret_cast<std::uint8_t*>(out.data() + before);
        const auto result = BrotliDecoderDecompressStream(state_, &inLeft, &next, &outLeft, &to, nullptr);
        in.remove_prefix(in.size() - inLeft);
        out.resize(before + most - outLeft);
        switch (result) {
        case BROTLI_DECODER_RESULT_SUCCESS:
            return Step::end;
        case BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT:
            return Step::room;
        case BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT:
            return Step::more;
        default:
            return Step::broken;
        }
    }

private:
    BrotliDecoderState* state_;
};

class Finished final : public ContentDecoder {
public:
    Step decode(Bytes& in, std::string&, std::size_t) override {
        return in.empty() ? Step::end : Step::broken;
    }
};

} // namespace

std::unique_ptr<ContentDecoder> ContentDecoder::finished() {
    return std::make_unique<Finished>();
}

std::unique_ptr<ContentDecoder> ContentDecoder::forCoding(Bytes coding) {
    coding = ascii::trim(coding);
    if (ascii::equalsIgnoreCase(coding, "gzip") || ascii::equalsIgnoreCase(coding, "x-gzip"))
        return std::make_unique<Inflater>(MAX_WBITS + 16);
    if (ascii::equalsIgnoreCase(coding, "deflate")) {
        auto inflater = std::make_unique<Inflater>(MAX_WBITS);
        inflater->sniff();
        return inflater;
    }
    if (ascii::equalsIgnoreCase(coding, "br"))
        return std::make_unique<Unbrotli>();
    return nullptr;
}

} // namespace twistdpp::http
