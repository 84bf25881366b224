#include "twistdpp/http/negotiation.h"

#include "unit/http/blocks.h"

#include <gtest/gtest.h>

namespace twistdpp::http {

namespace {

constexpr std::array<Coding, 3> kAll = {Coding::brotli, Coding::zstd, Coding::gzip};

Bytes nameOfChoice(std::optional<Coding> coding) {
    return coding ? codingName(*coding) : Bytes("406");
}
Bytes chosen(Bytes accept) {
    return nameOfChoice(AcceptedCodings(accept).choose(kAll));
}

} // namespace

TEST(AcceptEncoding, LeavesTheChoiceAmongEqualsToTheServer) {
    EXPECT_EQ(chosen("gzip, deflate, br, zstd"), "br");
    EXPECT_EQ(chosen("gzip, zstd"), "zstd");
    EXPECT_EQ(chosen("x-gzip"), "gzip");
    EXPECT_EQ(chosen("GZIP"), "gzip");
    EXPECT_EQ(chosen("*"), "br");
}

TEST(AcceptEncoding, PrefersTheHigherWeight) {
    EXPECT_EQ(chosen("br;q=0.5, gzip;q=0.8"), "gzip");
    EXPECT_EQ(chosen("br; q=0.001"), "br");
    EXPECT_EQ(chosen("gzip;q=0.5, *;q=0.6"), "br");
    EXPECT_EQ(chosen("identity, gzip;q=0.5"), "identity");
    EXPECT_EQ(chosen("identity;q=0.5, gzip;q=1.000"), "gzip");
}

TEST(AcceptEncoding, ExcludesWithZero) {
    EXPECT_EQ(chosen("br;q=0, gzip"), "gzip");
    EXPECT_EQ(chosen("br;q=0, *"), "zstd");
    EXPECT_EQ(chosen("gzip;q=0.000"), "identity");
    EXPECT_EQ(chosen("identity;q=0"), "406");
    EXPECT_EQ(chosen("*;q=0"), "406");
    EXPECT_EQ(chosen("identity;q=0, gzip"), "gzip");
    EXPECT_EQ(chosen("*;q=0, identity"), "identity");
    EXPECT_EQ(chosen("*;q=0, gzip"), "gzip");
}

TEST(AcceptEncoding, IsIdentityWhenNothingSuits) {
    EXPECT_EQ(chosen(""), "identity");
    EXPECT_EQ(chosen("deflate, compress"), "identity");
    EXPECT_EQ(nameOfChoice(AcceptedCodings("br").choose({})), "identity");
    EXPECT_EQ(nameOfChoice(AcceptedCodings(ParsedFields("")).choose(kAll)), "identity");
}

TEST(AcceptEncoding, IgnoresElementsThatCannotBeRead) {
    EXPECT_EQ(chosen("br;q=2, gzip"), "gzip");
    EXPECT_EQ(chosen("br;q=, gzip;q=0.1"), "gzip");
    EXPECT_EQ(chosen("br;q=0.1234, gzip"), "gzip");
    EXPECT_EQ(chosen("br;q=-1, gzip;level=9;q=0.5"), "gzip");
}

TEST(AcceptEncoding, MayBeSpreadOverSeveralFields) {
    const ParsedFields fields("Accept-Encoding: gzip\r\nAccept-Encoding: br\r\n");
    EXPECT_EQ(nameOfChoice(AcceptedCodings(fields).choose(kAll)), "br");
}

} // namespace twistdpp::http
