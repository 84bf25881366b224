#include "twistdpp/http/target.h"

#include <gtest/gtest.h>

#include <string>

namespace twistdpp::http {

namespace {

/// The normalised path, or "400: why".
std::string normal(Bytes path, const PathRules& rules = {}) {
    std::string out = "left over";
    if (const Problem problem = normalisePath(path, out, rules))
        return std::to_string(problem.status) + ": " + problem.reason;
    return out;
}

bool refused(Bytes path, const PathRules& rules = {}) {
    return normal(path, rules).starts_with("400: ");
}

} // namespace

TEST(Authority, IsAHostAndPerhapsAPort) {
    EXPECT_EQ(parseAuthority("example.org")->host, "example.org");
    EXPECT_EQ(parseAuthority("example.org")->port, std::nullopt);
    EXPECT_EQ(parseAuthority("a_b-c~1.:080")->port, 80);
    EXPECT_EQ(parseAuthority("[2001:db8::1]:443")->host, "[2001:db8::1]");
    EXPECT_EQ(parseAuthority("[2001:db8::1]:443")->port, 443);
    EXPECT_EQ(parseAuthority("[::ffff:127.0.0.1]")->port, std::nullopt);
    EXPECT_EQ(parseAuthority("host:")->port, std::nullopt);
    EXPECT_EQ(parseAuthority("")->host, "");
}

TEST(Authority, IsNothingElse) {
    for (const Bytes text :
         {"a b", "a/b", "a@b", "a,b", "a%41", "a\\b", "a:b", "a:-1", "a:65536", "a:1:2", ":80", "[", "[]",
          "[::1", "[::1]x", "[1.2.3.4]", "[fe80::1%25eth0]", "::1", "\xC3\xA4"})
        EXPECT_FALSE(parseAuthority(text)) << text;
}

TEST(Target, HasFourForms) {
    const auto origin = splitTarget(Method::get, "/a/b?c=d?e");
    EXPECT_EQ(origin->form, TargetForm::origin);
    EXPECT_EQ(origin->path, "/a/b");
    EXPECT_EQ(origin->query, "c=d?e");
    EXPECT_FALSE(splitTarget(Method::get, "/a")->hasQuery);
    EXPECT_TRUE(splitTarget(Method::get, "/a?")->hasQuery);

    const auto absolute = splitTarget(Method::get, "HTTP://h:81/p?q");
    EXPECT_EQ(absolute->form, TargetForm::absolute);
    EXPECT_EQ(absolute->scheme, "HTTP");
    EXPECT_EQ(absolute->authority, "h:81");
    EXPECT_EQ(absolute->path, "/p");
    EXPECT_EQ(absolute->query, "q");
    EXPECT_EQ(splitTarget(Method::get, "http://h")->path, "/");
    EXPECT_EQ(splitTarget(Method::get, "http://h?q")->query, "q");

    EXPECT_EQ(splitTarget(Method::connect, "h:443")->authority, "h:443");
    EXPECT_EQ(splitTarget(Method::options, "*")->form, TargetForm::asterisk);
}

TEST(Target, MustHaveAFormThatTheMethodAllows) {
    EXPECT_FALSE(splitTarget(Method::get, ""));
    EXPECT_FALSE(splitTarget(Method::get, "*"));
    EXPECT_FALSE(splitTarget(Method::get, "index.html"));
    EXPECT_FALSE(splitTarget(Method::get, "h:443"));
    EXPECT_FALSE(splitTarget(Method::get, "http://"));
    EXPECT_FALSE(splitTarget(Method::get, "http://user@h/"));
    EXPECT_FALSE(splitTarget(Method::get, "1http://h/"));
    EXPECT_FALSE(splitTarget(Method::get, "javascript:alert(1)//"));
    EXPECT_FALSE(splitTarget(Method::connect, "/"));
    EXPECT_FALSE(splitTarget(Method::connect, "h"));
    EXPECT_FALSE(splitTarget(Method::connect, "http://h:1/"));
}

TEST(Path, IsDecodedOnce) {
    EXPECT_EQ(normal("/a%20b"), "/a b");
    EXPECT_EQ(normal("/%41%7a"), "/Az");
    EXPECT_EQ(normal("/%2541"), "/%41");
    EXPECT_EQ(normal("/a+b"), "/a+b");
    EXPECT_EQ(normal("/%C3%A4"), "/\xC3\xA4");
    EXPECT_EQ(normal("/%E4"), "/\xE4");
}

TEST(Path, LosesDotSegmentsAfterDecoding) {
    EXPECT_EQ(normal("/a/./b"), "/a/b");
    EXPECT_EQ(normal("/a/../b"), "/b");
    EXPECT_EQ(normal("/a/%2e%2E/b"), "/b");
    EXPECT_EQ(normal("/a/.%2e"), "/");
    EXPECT_EQ(normal("/a/b/.."), "/a/");
    EXPECT_EQ(normal("/a/."), "/a/");
    EXPECT_EQ(normal("/a/.../..b/c.."), "/a/.../..b/c..");
    EXPECT_EQ(normal("/a%2F../b", {.allowEncodedSlash = true}), "/b");
}

TEST(Path, NeverLeadsAboveTheRoot) {
    for (const Bytes path : {"/..", "/../", "/../a", "/a/../..", "/%2e%2e/etc", "/./..", "//.."})
        EXPECT_EQ(normal(path), "400: the path leads above the root") << path;
}

TEST(Path, HasNoEmptySegments) {
    EXPECT_EQ(normal("//a///b//"), "/a/b/");
    EXPECT_EQ(normal("/"), "/");
    EXPECT_EQ(normal("//"), "/");
}

TEST(Path, RefusesWhatOthersWouldReadDifferently) {
    EXPECT_TRUE(refused("/a%00.html"));
    EXPECT_TRUE(refused(Bytes("/a\0", 3)));
    EXPECT_TRUE(refused("/%00", {true, true, true, false}));
    for (const Bytes malformed : {"/%", "/%4", "/%zz", "/%4g", "/a%", "/%%41"})
        EXPECT_TRUE(refused(malformed)) << malformed;
    EXPECT_TRUE(refused(""));
    EXPECT_TRUE(refused("a/b"));
    EXPECT_TRUE(refused("*"));
}

TEST(Path, FollowsItsRules) {
    EXPECT_TRUE(refused("/a%2Fb"));
    EXPECT_EQ(normal("/a%2fb", {.allowEncodedSlash = true}), "/a/b");
    EXPECT_TRUE(refused("/a\\b"));
    EXPECT_TRUE(refused("/a%5Cb"));
    EXPECT_EQ(normal("/a%5cb", {.allowBackslash = true}), "/a\\b");
    EXPECT_TRUE(refused("/a%0d%0aSet-Cookie:x"));
    EXPECT_TRUE(refused("/%7f"));
    EXPECT_EQ(normal("/a%0ab", {.allowControls = true}), "/a\nb");
    EXPECT_TRUE(refused("/%E4", {.requireUtf8 = true}));
    EXPECT_EQ(normal("/%C3%A4", {.requireUtf8 = true}), "/\xC3\xA4");
}

TEST(Utf8, IsCheckedForTheWholeStandard) {
    EXPECT_TRUE(isUtf8("a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x99\x82"));
    EXPECT_TRUE(isUtf8("\xEF\xBF\xBF\xF4\x8F\xBF\xBF"));
    for (const Bytes bad :
         {"\x80", "\xC0\xAF", "\xC1\xBF", "\xE0\x80\xAF", "\xED\xA0\x80", "\xF0\x80\x80\x80",
          "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xC3", "\xE2\x82", "\xC3(", "\xE2\x82("})
        EXPECT_FALSE(isUtf8(bad));
}

TEST(Encoding, LeavesOnlyWhatMayStandInAUrl) {
    EXPECT_EQ(encodePath("/a b/c?d#e%f"), "/a%20b/c%3Fd%23e%25f");
    EXPECT_EQ(encodePath("/\xC3\xA4\"<>\n"), "/%C3%A4%22%3C%3E%0A");
    EXPECT_EQ(encodeSegment("a/b:c"), "a%2Fb%3Ac");
    EXPECT_EQ(encodeQueryPart("a&b=c+d e"), "a%26b%3Dc%2Bd%20e");
}

TEST(Redirect, NeverPointsToAnotherServer) {
    EXPECT_EQ(redirectTarget("/dir/", ""), "/dir/");
    EXPECT_EQ(redirectTarget("/dir/", "a=b&c"), "/dir/?a=b&c");
    EXPECT_EQ(redirectTarget("//evil.example/dir/", ""), "/evil.example/dir/");
    EXPECT_EQ(redirectTarget("/\\evil.example", ""), "/evil.example");
    EXPECT_EQ(redirectTarget("\\\\evil.example", ""), "/evil.example");
    EXPECT_EQ(redirectTarget("/\t/evil.example", ""), "/%09/evil.example");
    EXPECT_EQ(redirectTarget("", ""), "/");
    EXPECT_EQ(redirectTarget("/a\r\nX: y", "b\r\nX: y"), "/a%0D%0AX:%20y?b%0D%0AX:%20y");
    EXPECT_EQ(redirectTarget("/a", "%41%zz"), "/a?%41%zz");
}

TEST(Form, IsReadPairByPair) {
    FormReader reader("a=1&&b&c==2&=d&");
    std::string seen;
    while (const auto pair = reader.next())
        seen.append(pair->name).append("->").append(pair->value).append(" ");
    EXPECT_EQ(seen, "a->1 b-> c->=2 ->d ");
}

TEST(Form, DecodesNamesAndValues) {
    EXPECT_EQ(formValue("x=1&na%6de=a+b%26", "name"), "a b&");
    EXPECT_EQ(formValue("x=1", "y"), std::nullopt);
    EXPECT_EQ(formValue("x=%4", "x"), std::nullopt);
    EXPECT_EQ(decodeFormPart("%zz"), std::nullopt);
    EXPECT_EQ(decodeFormPart("%"), std::nullopt);
    EXPECT_EQ(decodeFormPart("%41"), "A");
}

} // namespace twistdpp::http
