#include "twistdpp/http/client_url.h"

#include <gtest/gtest.h>
#include <string>

namespace twistdpp::http {

namespace {

std::string parsed(Bytes text) {
    auto url = ClientUrl::parse(text);
    return url ? url->toString() : "error: " + url.error().message();
}

std::string resolved(Bytes base, Bytes reference) {
    auto url = ClientUrl::parse(base).value().resolve(reference);
    return url ? url->toString() : "error: " + url.error().message();
}

} // namespace

TEST(ClientUrl, TakesAUrlToPieces) {
    const auto url = ClientUrl::parse("HTTP://Example.ORG:8080/a/b?c=d#e").value();
    EXPECT_FALSE(url.secure());
    EXPECT_EQ(url.host(), "example.org");
    EXPECT_EQ(url.port(), 8080);
    EXPECT_EQ(url.target(), "/a/b?c=d");
    EXPECT_EQ(url.authority(), "example.org:8080");
    EXPECT_EQ(url.origin(), "http://example.org:8080");
}

TEST(ClientUrl, FillsInWhatIsUsual) {
    EXPECT_EQ(parsed("http://a"), "http://a/");
    EXPECT_EQ(parsed("http://a:80"), "http://a/");
    EXPECT_EQ(parsed("https://a:443/x"), "https://a/x");
    EXPECT_EQ(parsed("https://a:80/x"), "https://a:80/x");
    EXPECT_EQ(parsed("http://a?q"), "http://a/?q");
    EXPECT_EQ(ClientUrl::parse("https://a").value().port(), 443);
}

TEST(ClientUrl, KeepsTheBracketsOfAnIpv6AddressForHostOnly) {
    const auto url = ClientUrl::parse("http://[::1]:81/").value();
    EXPECT_EQ(url.host(), "::1");
    EXPECT_EQ(url.authority(), "[::1]:81");
}

TEST(ClientUrl, EncodesWhatARequestLineCannotHold) {
    EXPECT_EQ(parsed("http://a/b c?d e"), "http://a/b%20c?d%20e");
    EXPECT_EQ(parsed("http://a/\xc3\xa4"), "http://a/%C3%A4");
    EXPECT_EQ(parsed("http://a/%20"), "http://a/%20");
}

TEST(ClientUrl, RefusesWhatCannotBeAsked) {
    EXPECT_EQ(
        parsed("ftp://a/"), "error: cannot use the URL 'ftp://a/': it must begin with http:// or https://"
    );
    EXPECT_EQ(parsed("a/b"), "error: cannot use the URL 'a/b': it must begin with http:// or https://");
    for (const Bytes text :
         {"", "http:", "http:/a", "http://", "http:///x", "http://a:0/", "http://a:66666/", "http://a:b/",
          "http://[::1/", "http://a b/", "http://a\\b/", "http://a/\r\nX: y"})
        EXPECT_FALSE(ClientUrl::parse(text).ok()) << text;
    EXPECT_FALSE(ClientUrl::parse(Bytes("http://a/\0", 10)).ok());
    EXPECT_FALSE(ClientUrl::parse("http://a/" + std::string(9000, 'x')).ok());
}

TEST(ClientUrl, DoesNotRepeatAPasswordInItsError) {
    const std::string error = parsed("http://me:secret@a/");
    EXPECT_EQ(error.find("secret"), std::string::npos) << error;
    EXPECT_NE(error.find("Authorization"), std::string::npos) << error;
}

// The examples of RFC 3986 5.4 that a client of http can meet.
TEST(ClientUrl, ResolvesReferences) {
    const Bytes base = "http://a/b/c/d;p?q";
    const std::pair<Bytes, Bytes> cases[] = {
        {"http://g/x", "http://g/x"},
        {"g", "http://a/b/c/g"},
        {"./g", "http://a/b/c/g"},
        {"g/", "http://a/b/c/g/"},
        {"/g", "http://a/g"},
        {"//g", "http://g/"},
        {"?y", "http://a/b/c/d;p?y"},
        {"g?y", "http://a/b/c/g?y"},
        {"#s", "http://a/b/c/d;p?q"},
        {"g#s", "http://a/b/c/g"},
        {";x", "http://a/b/c/;x"},
        {"", "http://a/b/c/d;p?q"},
        {".", "http://a/b/c/"},
        {"..", "http://a/b/"},
        {"../g", "http://a/b/g"},
        {"../..", "http://a/"},
        {"../../g", "http://a/g"},
        {"../../../g", "http://a/g"},
        {"/./g", "http://a/g"},
        {"/../g", "http://a/g"},
        {"g.", "http://a/b/c/g."},
        {"..g", "http://a/b/c/..g"},
        {"./g/.", "http://a/b/c/g/"},
        {"g/../h", "http://a/b/c/h"},
        {"g?y/../x", "http://a/b/c/g?y/../x"},
        {"https://a/b", "https://a/b"},
    };
    for (const auto& [reference, expected] : cases)
        EXPECT_EQ(resolved(base, reference), expected) << reference;
    EXPECT_EQ(resolved("https://a/", "//b/c"), "https://b/c");
}

TEST(ClientUrl, DoesNotResolveToWhatItWouldNotParse) {
    EXPECT_TRUE(resolved("http://a/", "mailto:me@a").starts_with("error"));
    EXPECT_TRUE(resolved("http://a/", "javascript:x").starts_with("error"));
    EXPECT_TRUE(resolved("http://a/", "x\ny").starts_with("error"));
}

} // namespace twistdpp::http
