#include "twistdpp/base/base64.h"

#include <gtest/gtest.h>

namespace twistdpp {

// RFC 4648 section 10.
TEST(Base64, GivesTheVectorsOfTheRfc) {
    const std::pair<Bytes, Bytes> vectors[] = {
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"}};
    for (const auto& [plain, encoded] : vectors) {
        EXPECT_EQ(toBase64(plain), encoded);
        EXPECT_EQ(fromBase64(encoded), std::string(plain));
    }
}

TEST(Base64, TheUrlVariantHasItsOwnDigitsAndNoPadding) {
    const Bytes bytes("\xfb\xff\xfe\x01", 4);
    EXPECT_EQ(toBase64(bytes), "+//+AQ==");
    EXPECT_EQ(toBase64(bytes, Base64::url), "-__-AQ");
    EXPECT_EQ(fromBase64("-__-AQ", Base64::url), std::string(bytes));
    EXPECT_FALSE(fromBase64("-__-AQ==", Base64::url));
    EXPECT_FALSE(fromBase64("+//+AQ", Base64::url));
    EXPECT_FALSE(fromBase64("-__-AQ=="));
}

TEST(Base64, RefusesSpacesLineEndsAndOtherCharacters) {
    for (const Bytes text :
         {" Zg==", "Zg== ", "Zm9v\n", "Zm\r\n9v", "Zm9.", "Zm9\xc3", "Z-9v", "Zm9v====", "====", "="})
        EXPECT_FALSE(fromBase64(text)) << text;
    EXPECT_FALSE(fromBase64(Bytes("Zm9\0", 4)));
}

TEST(Base64, RefusesWrongPadding) {
    for (const Bytes text : {"Z", "Zg", "Zg=", "Z===", "Zm8", "Zm9v=", "Zg==Zg==", "Zm=v", "Z=9v"})
        EXPECT_FALSE(fromBase64(text)) << text;
    EXPECT_FALSE(fromBase64("Z", Base64::url));
}

TEST(Base64, RefusesASecondSpellingOfTheSameBytes) {
    EXPECT_TRUE(fromBase64("Zg=="));
    EXPECT_FALSE(fromBase64("Zh=="));
    EXPECT_FALSE(fromBase64("Zm9="));
    EXPECT_FALSE(fromBase64("Zh", Base64::url));
}

TEST(Base64, EveryLengthComesBack) {
    std::string bytes;
    for (int i = 0; i < 300; ++i) {
        EXPECT_EQ(fromBase64(toBase64(bytes)), bytes);
        EXPECT_EQ(fromBase64(toBase64(bytes, Base64::url), Base64::url), bytes);
        bytes += static_cast<char>(i * 37);
    }
}

} // namespace twistdpp
