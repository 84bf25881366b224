#include "twistdpp/http/client_decoder.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <string>

namespace twistdpp::http {

namespace {

using Step = ContentDecoder::Step;

const std::string kText = "hello, hello, hello, world\n";
constexpr char kDeflated[] = "\xcb\x48\xcd\xc9\xc9\xd7\x51\xc8\x40\xa1\xca\xf3\x8b\x72\x52\xb8\x00";
const std::string kRaw(kDeflated, 17);
const std::string kGzip = std::string("\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff", 10) + kRaw +
                          std::string("\xc3\x70\xa3\xc2\x1b\x00\x00\x00", 8);
const std::string kZlib = "\x78\x9c" + kRaw + "\x85\xe3\x09\x53";
constexpr char kBr[] = "\x1b\x1a\x00\xf8\x8d\x94\x6e\xde\x44\x09\x52\x86\xd6\x0a\x2c\x6c\x6f\x72\x10\x45\xe4"
                       "\xa9\x04\x50\x38\x57\x8b\x01";
const std::string kBrotli(kBr, 28);

struct Coded {
    const char* coding;
    const std::string& body;
};
const Coded kCoded[] = {{"gzip", kGzip},    {"x-gzip", kGzip}, {" GZIP ", kGzip},
                        {"deflate", kZlib}, {"deflate", kRaw}, {"br", kBrotli}};

/// Decodes `coded` as it comes in pieces of `step` bytes, `most` at a time; the last step in `last`.
std::string decode(Bytes coding, Bytes coded, std::size_t step, std::size_t most, Step& last) {
    const auto decoder = ContentDecoder::forCoding(coding);
    std::string out;
    last = Step::more;
    while (last != Step::end && last != Step::broken && (!coded.empty() || last == Step::room)) {
        Bytes piece = coded.substr(0, step);
        coded.remove_prefix(piece.size());
        do {
            const std::size_t before = out.size();
            last = decoder->decode(piece, out, most);
            EXPECT_LE(out.size() - before, most);
        } while (last == Step::room);
    }
    return out;
}

} // namespace

TEST(ContentDecoder, TakesTheCodingOffInWhateverPieces) {
    for (const Coded& one : kCoded) {
        for (const std::size_t step : {std::size_t{1}, std::size_t{3}, one.body.size()}) {
            for (const std::size_t most : {std::size_t{1}, std::size_t{1000}}) {
                Step last{};
                EXPECT_EQ(decode(one.coding, one.body, step, most, last), kText) << one.coding << step;
                EXPECT_EQ(last, Step::end) << one.coding << step;
            }
        }
    }
}

TEST(ContentDecoder, SeesThatABodyIsDamaged) {
    for (const Coded& one : kCoded) {
        std::string damaged = one.body;
        damaged[0] = '\xff';
        Step last{};
        decode(one.coding, damaged, damaged.size(), 1000, last);
        EXPECT_EQ(last, Step::broken) << one.coding;
    }
}

TEST(ContentDecoder, SeesThatABodyIsNotAllThere) {
    for (const Coded& one : kCoded) {
        Step last{};
        decode(one.coding, Bytes(one.body).substr(0, one.body.size() - 1), 100, 1000, last);
        EXPECT_EQ(last, Step::more) << one.coding;
    }
}

TEST(ContentDecoder, KnowsNoOtherCoding) {
    for (const Bytes coding : {"", "identity", "zstd", "gzip, br", "compress"})
        EXPECT_EQ(ContentDecoder::forCoding(coding), nullptr) << coding;
}

TEST(ContentDecoder, TakesNothingBehindTheEnd) {
    const auto decoder = ContentDecoder::finished();
    std::string out;
    Bytes none;
    EXPECT_EQ(decoder->decode(none, out, 10), Step::end);
    Bytes some = "x";
    EXPECT_EQ(decoder->decode(some, out, 10), Step::broken);
}

} // namespace twistdpp::http
