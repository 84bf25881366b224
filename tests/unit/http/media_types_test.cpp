#include "twistdpp/http/media_types.h"

#include <gtest/gtest.h>

namespace twistdpp::http {

TEST(MediaTypes, GoByTheLastExtensionInAnyCase) {
    const MediaTypes types;
    EXPECT_EQ(types.typeOf("index.html"), "text/html; charset=utf-8");
    EXPECT_EQ(types.typeOf("/a.b/STYLE.CSS"), "text/css; charset=utf-8");
    EXPECT_EQ(types.typeOf("app.min.js"), "text/javascript; charset=utf-8");
    EXPECT_EQ(types.typeOf("x.tar.gz"), "application/gzip");
    EXPECT_EQ(types.typeOf("photo.jpeg"), "image/jpeg");
    EXPECT_EQ(types.typeOf("data.json"), "application/json");
    EXPECT_EQ(types.typeOf("a.wasm"), "application/wasm");
}

TEST(MediaTypes, SayNothingOfWhatTheyDoNotKnow) {
    const MediaTypes types;
    for (const Bytes name : {"README", "a.unknown", "a.", ".html", "dir.html/README", "/", ""})
        EXPECT_EQ(types.typeOf(name), "application/octet-stream") << name;
    EXPECT_EQ(MediaTypes("text/plain").typeOf("README"), "text/plain; charset=utf-8");
}

TEST(MediaTypes, MayBeSet) {
    MediaTypes types;
    EXPECT_TRUE(types.set("HTML", "text/html; charset=iso-8859-1"));
    EXPECT_EQ(types.typeOf("a.html"), "text/html; charset=iso-8859-1");
    EXPECT_TRUE(types.set("foo", "text/x-foo"));
    EXPECT_EQ(types.typeOf("a.foo"), "text/x-foo; charset=utf-8");
    for (const Bytes bad : {"", "text", "text/", "/html", "text/html\r\nX: y", "a b/c", " text/html"})
        EXPECT_FALSE(types.set("bad", bad)) << bad;
    EXPECT_FALSE(types.set("", "text/html"));
    EXPECT_FALSE(types.set("a/b", "text/html"));
}

TEST(MediaTypes, AreReadFromTheSystemsFile) {
    const Bytes file = "# comment\n"
                       "application/x-new\t\tnew new2  # more\r\n"
                       "application/x-none\n"
                       "\n"
                       "not-a-type bad\n"
                       "text/x-other html\n"
                       "application/x-late new";
    MediaTypes keeping;
    EXPECT_EQ(keeping.addMimeTypes(file), 2u);
    EXPECT_EQ(keeping.typeOf("a.NEW2"), "application/x-new");
    EXPECT_EQ(keeping.typeOf("a.bad"), "application/octet-stream");
    EXPECT_EQ(keeping.typeOf("a.html"), "text/html; charset=utf-8");

    MediaTypes overriding;
    EXPECT_EQ(overriding.addMimeTypes(file, false), 4u);
    EXPECT_EQ(overriding.typeOf("a.html"), "text/x-other; charset=utf-8");
    EXPECT_EQ(overriding.typeOf("a.new"), "application/x-late");
}

} // namespace twistdpp::http
