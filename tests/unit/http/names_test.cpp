// The small tables: known header names, methods, status codes.
#include "twistdpp/http/known_header.h"
#include "twistdpp/http/method.h"
#include "twistdpp/http/status.h"

#include "twistdpp/base/ascii.h"

#include <gtest/gtest.h>

namespace twistdpp::http {

TEST(KnownHeader, IsFoundByItsNameInAnyCaseAndWithAnythingBehind) {
    for (std::size_t i = 0; i < kKnownHeaders; ++i) {
        const auto header = static_cast<KnownHeader>(i);
        const std::string name(headerName(header));
        ASSERT_FALSE(name.empty());
        std::string upper = name;
        for (char& c : upper)
            c = ascii::upper(c);
        EXPECT_EQ(knownHeader(name), header);
        EXPECT_EQ(knownHeader(upper), header);
        const std::string line = ascii::toLower(name) + std::string(32, ':');
        EXPECT_EQ(knownHeader(Bytes(line).substr(0, name.size()), line.size()), header);
    }
    EXPECT_EQ(headerName(KnownHeader::none), "");
}

TEST(KnownHeader, IsNotFoundByANameThatIsNearlyIt) {
    for (std::size_t i = 0; i < kKnownHeaders; ++i) {
        const std::string name(headerName(static_cast<KnownHeader>(i)));
        for (std::size_t at = 0; at < name.size(); ++at) {
            std::string changed = name;
            changed[at] = name[at] == '_' ? '.' : '_';
            const std::string line = changed + std::string(32, ' ');
            EXPECT_EQ(knownHeader(changed), KnownHeader::none) << changed;
            EXPECT_EQ(knownHeader(Bytes(line).substr(0, name.size()), line.size()), KnownHeader::none)
                << changed;
        }
        EXPECT_NE(knownHeader(name + "s"), static_cast<KnownHeader>(i));
        EXPECT_NE(knownHeader(name.substr(1)), static_cast<KnownHeader>(i));
    }
    EXPECT_EQ(knownHeader(""), KnownHeader::none);
    EXPECT_EQ(knownHeader(std::string(100, 'a')), KnownHeader::none);
}

TEST(Method, HasTheCaseOfTheStandard) {
    for (int i = 0; i < static_cast<int>(Method::other); ++i) {
        const auto method = static_cast<Method>(i);
        EXPECT_EQ(methodOf(methodText(method)), method);
        EXPECT_EQ(methodOf(ascii::toLower(methodText(method))), Method::other);
    }
    EXPECT_EQ(methodOf("BREW"), Method::other);
    EXPECT_EQ(methodText(Method::other), "");
}

TEST(Method, IsSafeOrIdempotentOrNeither) {
    EXPECT_TRUE(isSafe(Method::head));
    EXPECT_FALSE(isSafe(Method::remove));
    EXPECT_TRUE(isIdempotent(Method::remove));
    EXPECT_TRUE(isIdempotent(Method::put));
    EXPECT_FALSE(isIdempotent(Method::post));
    EXPECT_FALSE(isIdempotent(Method::other));
}

TEST(Status, AlwaysHasAReason) {
    EXPECT_EQ(reasonPhrase(200), "OK");
    EXPECT_EQ(reasonPhrase(100), "Continue");
    EXPECT_EQ(reasonPhrase(511), "Network Authentication Required");
    EXPECT_EQ(reasonPhrase(499), "Client Error");
    EXPECT_EQ(reasonPhrase(99), "Unknown");
    EXPECT_EQ(reasonPhrase(600), "Unknown");
    EXPECT_TRUE(neverHasBody(204) && neverHasBody(304) && neverHasBody(101));
    EXPECT_FALSE(neverHasBody(200));
}

} // namespace twistdpp::http
