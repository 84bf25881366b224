// Compressed forms of files: made here or standing beside them.
#include "file_world.h"

#include "twistdpp/service_web/static/variants.h"

namespace twistdpp::web {
namespace {

std::string accept(const std::string& value) {
    return "Accept-Encoding: " + value + "\r\n";
}

TEST(FileCodings, TextIsCompressedAsTheClientLikesItBest) {
    FileWorld w;
    const std::string text(5000, 'a');
    w.put("a.txt", text);
    std::string plainTag = w.get("/a.txt").field("ETag");
    for (const auto& [asked, coding] : std::vector<std::pair<std::string, std::string>>{
             {"gzip", "gzip"},
             {"br", "br"},
             {"zstd", "zstd"},
             {"gzip, br", "br"},
             {"gzip;q=1, br;q=0.5", "gzip"},
             {"*", "br"},
             {"br;q=0, *", "zstd"},
             {"gzip;q=0.5, identity", ""},
             {"gzip;q=0", ""},
             {"unknown", ""}}) {
        for (int again = 0; again < 2; ++again) {
            const auto answer = w.get("/a.txt", accept(asked));
            EXPECT_EQ(answer.field("Content-Encoding"), coding) << asked;
            EXPECT_EQ(answer.field("Vary"), "Accept-Encoding") << asked;
            EXPECT_EQ(answer.field("Content-Type"), "text/plain; charset=utf-8");
            EXPECT_EQ(answer.field("ETag") == plainTag, coding.empty()) << asked;
            EXPECT_EQ(answer.body.size() < 1000, !coding.empty()) << asked;
        }
    }
}

TEST(FileCodings, WithoutIdentityThereMustBeAnother) {
    FileWorld w;
    w.put("a.bin", std::string(5000, 'a'));
    w.put("a.txt", std::string(5000, 'a'));
    w.put("tiny.txt", "a");
    for (int again = 0; again < 2; ++again) {
        EXPECT_EQ(w.get("/a.bin", accept("identity;q=0")).status, 406);
        EXPECT_EQ(w.get("/a.bin", accept("gzip, identity;q=0")).status, 406);
        EXPECT_EQ(w.get("/tiny.txt", accept("gzip, *;q=0")).status, 406);
        EXPECT_EQ(w.get("/a.txt", accept("gzip, identity;q=0")).field("Content-Encoding"), "gzip");
        EXPECT_EQ(w.get("/a.bin", accept("gzip")).status, 200); // which keeps it under gzip
    }
}

TEST(FileCodings, ASiblingIsUsedWhenItIsNotOlder) {
    FileWorld w;
    w.put("a.js", std::string(1000, 'a'), 100);
    w.put("a.js.gz", "not really gzip", 50);
    for (int again = 0; again < 2; ++again) {
        for (const std::string asked : {"gzip", "br, gzip", "gzip;q=0.5, br"}) {
            const auto answer = w.get("/a.js", accept(asked));
            EXPECT_EQ(answer.body, "not really gzip") << asked;
            EXPECT_EQ(answer.field("Content-Encoding"), "gzip");
            EXPECT_EQ(answer.field("Content-Type"), w.get("/a.js").field("Content-Type"));
        }
    }
    EXPECT_NE(w.get("/a.js", accept("gzip")).field("ETag"), w.get("/a.js").field("ETag"));
    w.put("a.js.gz", "made anew", 40);
    w.later();
    EXPECT_EQ(w.get("/a.js", accept("gzip")).body, "made anew");
    w.put("a.js", std::string(1000, 'b'), 10);
    w.later();
    EXPECT_NE(w.get("/a.js", accept("gzip")).body, "made anew");
    EXPECT_EQ(w.get("/a.js", accept("gzip")).field("Content-Encoding"), "gzip");
}

TEST(FileCodings, ASiblingThatComesOrGoesIsSeenByWhatIsKept) {
    FileWorld w;
    w.put("a.js", std::string(1000, 'a'), 100);
    w.put("b.bin", "plain", 100);
    EXPECT_EQ(w.get("/a.js", accept("gzip")).field("Content-Encoding"), "gzip");
    EXPECT_FALSE(w.get("/b.bin", accept("gzip")).has("Content-Encoding"));
    EXPECT_FALSE(w.get("/b.bin").has("Vary"));
    w.put("a.js.gz", "made beforehand", 50);
    w.put("b.bin.gz", "made beforehand", 50);
    w.later();
    EXPECT_EQ(w.get("/a.js", accept("gzip")).body, "made beforehand");
    EXPECT_EQ(w.get("/b.bin", accept("gzip")).body, "made beforehand");
    EXPECT_EQ(w.get("/b.bin").field("Vary"), "Accept-Encoding");
    w.put("a.js.br", "better still", 50);
    w.later();
    EXPECT_EQ(w.get("/a.js", accept("gzip, br")).body, "better still");
    std::filesystem::remove(w.folder / "b.bin.gz");
    w.later();
    EXPECT_EQ(w.get("/b.bin", accept("gzip")).body, "plain");
}

TEST(FileCodings, TwoFieldsOfOneClientDecideNothingForTheNext) {
    FileWorld w;
    w.put("a.txt", std::string(5000, 'a'));
    EXPECT_EQ(w.get("/a.txt", accept("br")).field("Content-Encoding"), "br");
    EXPECT_EQ(w.get("/a.txt", accept("gzip") + accept("br")).field("Content-Encoding"), "br");
    EXPECT_EQ(w.get("/a.txt", accept("gzip")).field("Content-Encoding"), "gzip");
}

TEST(FileCodings, BothFormsOfWhatHasASiblingVary) {
    FileWorld w;
    w.put("data.bin", "plain", 100);
    EXPECT_FALSE(w.get("/data.bin").has("Vary"));
    w.put("other.bin", "plain", 100);
    w.put("other.bin.br", "br", 100);
    EXPECT_EQ(w.get("/other.bin").field("Vary"), "Accept-Encoding");
    EXPECT_EQ(w.get("/other.bin", accept("br")).field("Vary"), "Accept-Encoding");
}

TEST(FileCodings, ACompressedFileItselfIsNotCompressedAgain) {
    FileWorld w;
    w.put("a.tar.gz", std::string(5000, 'a'));
    const auto answer = w.get("/a.tar.gz", accept("gzip, br"));
    EXPECT_FALSE(answer.has("Content-Encoding"));
    EXPECT_EQ(answer.body.size(), 5000U);
}

TEST(FileCodings, RangesAreOfTheCompressedBytes) {
    FileWorld w;
    w.put("a.txt", std::string(1000, 'a'), 100);
    w.put("a.txt.gz", "0123456789", 100);
    const auto part = w.get("/a.txt", accept("gzip") + "Range: bytes=2-4\r\n");
    EXPECT_EQ(part.status, 206);
    EXPECT_EQ(part.body, "234");
    EXPECT_EQ(part.field("Content-Range"), "bytes 2-4/10");
    const std::string tag = w.get("/a.txt").field("ETag");
    EXPECT_EQ(w.get("/a.txt", accept("gzip") + "Range: bytes=2-4\r\nIf-Range: " + tag + "\r\n").status, 200);
    EXPECT_EQ(w.get("/a.txt", accept("gzip") + "If-None-Match: " + tag + "\r\n").status, 200);
}

TEST(FileCodings, MayBeTurnedOff) {
    FileOptions options;
    options.compression = false;
    FileWorld w(options);
    w.put("a.txt", std::string(5000, 'a'));
    w.put("a.txt.gz", "gz");
    const auto answer = w.get("/a.txt", accept("gzip"));
    EXPECT_EQ(answer.body.size(), 5000U);
    EXPECT_FALSE(answer.has("Vary"));
}

TEST(FileCodings, WhatGrowsIsLeftAsItIs) {
    std::string noise;
    std::uint32_t state = 1;
    for (int i = 0; i < 2000; ++i)
        noise += static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
    for (const auto coding : {http::Coding::gzip, http::Coding::brotli, http::Coding::zstd}) {
        EXPECT_FALSE(compress(coding, noise));
        EXPECT_TRUE(compress(coding, std::string(2000, 'a')));
    }
    FileWorld w;
    w.put("a.txt", noise);
    EXPECT_EQ(w.get("/a.txt", accept("gzip")).body, noise);
    EXPECT_EQ(w.get("/a.txt", accept("gzip, identity;q=0")).status, 406);
}

} // namespace
} // namespace twistdpp::web
