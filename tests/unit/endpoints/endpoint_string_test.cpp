#include "twistdpp/endpoints/endpoint_string.h"

#include "unit/endpoints/twisted_corpus.h"

#include <gtest/gtest.h>
#include <string>

namespace twistdpp {

namespace {

/// "kind|value|name=value", to compare with; "<message>" for an error.
std::string split(Bytes text) {
    const auto parsed = parseEndpointString(text);
    if (!parsed)
        return "<" + parsed.error().message() + ">";
    std::string shown = parsed->kind;
    for (const std::string& value : parsed->positional)
        shown += "|" + value;
    for (const auto& [name, value] : parsed->keywords)
        shown += "|" + name + "=" + value;
    return shown;
}

} // namespace

TEST(EndpointString, IsCutAsTwistedCutsIt) {
    for (const auto& [text, expected] : test::twistedCorpus)
        EXPECT_EQ(split(text), expected) << text;
}

TEST(EndpointString, KnowsTwoMistakes) {
    EXPECT_EQ(split("tcp:80\\"), "<endpoint 'tcp:80\\' ends in a backslash, which quotes nothing>");
    for (const char* text : {"a=b", "a=b:c", "=", "=:"})
        EXPECT_EQ(
            split(text), "<endpoint '" + std::string(text) + "' does not begin with a kind, as in tcp:8080>"
        );
}

TEST(EndpointString, AQuotedArgumentStandsForItself) {
    for (const char* argument :
         {"", "plain", "a:b", "a=b", "a\\b", "C:\\x=y", "::1", "tcp:80:interface=\\:\\:1"}) {
        EXPECT_EQ(split("k:" + quoteArgument(argument)), "k|" + std::string(argument));
        EXPECT_EQ(split("k:x=" + quoteArgument(argument)), "k|x=" + std::string(argument));
    }
}

TEST(EndpointString, AKeywordCanBeTakenOut) {
    auto parsed = parseEndpointString("k:a=1:b=2");
    EXPECT_EQ(parsed->takeKeyword("a"), "1");
    EXPECT_EQ(parsed->takeKeyword("a"), std::nullopt);
    ASSERT_NE(parsed->keyword("b"), nullptr);
    EXPECT_EQ(*parsed->keyword("b"), "2");
}

} // namespace twistdpp
