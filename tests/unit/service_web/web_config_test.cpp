// The options of `twistdpp web`.
#include "twistdpp/service_web/web_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace twistdpp::web {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct Parsed {
    Parsed() { config.declare(options); }
    /// The error's text, or nothing.
    std::string give(const std::vector<std::pair<std::string, std::string>>& arguments) {
        for (const auto& [name, text] : arguments)
            if (auto done = options.assign(OptionSource::commandLine, name, text, ""); !done)
                return done.error().message();
        if (auto done = options.apply(); !done)
            return done.error().message();
        if (auto done = config.validate(); !done)
            return done.error().message();
        return {};
    }
    WebConfig config;
    OptionSet options;
};

TEST(WebConfig, Defaults) {
    Parsed p;
    EXPECT_EQ(p.give({}), "");
    EXPECT_THAT(p.config.endpoints(), ElementsAre("tcp:8080"));
    EXPECT_THAT(p.config.fileOptions().indexNames, ElementsAre("index", "index.html", "index.htm"));
    EXPECT_TRUE(p.config.fileOptions().listings);
    EXPECT_TRUE(p.config.fileOptions().compression);
    EXPECT_FALSE(p.config.visibility().hidden);
    EXPECT_EQ(p.config.visibility().links, VisibilityPolicy::Links::beneath);
    EXPECT_EQ(p.config.mimeType, "application/octet-stream");
    EXPECT_EQ(p.config.limits().idleTime, std::chrono::seconds(75));
}

TEST(WebConfig, EveryOptionHasItsEffect) {
    Parsed p;
    ASSERT_EQ(
        p.give(
            {{"--port", "8081"},
             {"--listen", "unix:/run/web.sock"},
             {"--path", "site"},
             {"--index", "start.html"},
             {"--index", "home.html"},
             {"--ignore-ext", ".html"},
             {"--mime-type", "text/plain"},
             {"--add-header", "X-Frame-Options: DENY"},
             {"--server-name", ""},
             {"--no-listing", "true"},
             {"--hidden", "true"},
             {"--links", "follow"},
             {"--no-compression", "true"},
             {"--logfile", "access.log"},
             {"--header-timeout", "5s"},
             {"--idle-timeout", "1m"},
             {"--stall-timeout", "7s"}}
        ),
        ""
    );
    EXPECT_THAT(p.config.endpoints(), ElementsAre("8081", "unix:/run/web.sock"));
    EXPECT_EQ(p.config.path, "site");
    const FileOptions files = p.config.fileOptions();
    EXPECT_THAT(files.indexNames, ElementsAre("start.html", "home.html"));
    EXPECT_THAT(files.ignoredExtensions, ElementsAre(".html"));
    EXPECT_FALSE(files.listings);
    EXPECT_FALSE(files.compression);
    EXPECT_EQ(p.config.mimeType, "text/plain");
    EXPECT_THAT(p.config.headers, ElementsAre("X-Frame-Options: DENY"));
    EXPECT_EQ(p.config.serverName, "");
    EXPECT_TRUE(p.config.visibility().hidden);
    EXPECT_EQ(p.config.visibility().links, VisibilityPolicy::Links::follow);
    EXPECT_EQ(p.config.logFile, "access.log");
    EXPECT_EQ(p.config.limits().headTime, std::chrono::seconds(5));
    EXPECT_EQ(p.config.limits().idleTime, std::chrono::seconds(60));
    EXPECT_EQ(p.config.limits().stallTime, std::chrono::seconds(7));
}

TEST(WebConfig, HttpsBecomesAnEndpoint) {
    Parsed p;
    ASSERT_EQ(p.give({{"--https", "443"}, {"--certificate", "a:b.pem"}, {"--privkey", "k.pem"}}), "");
    EXPECT_THAT(p.config.endpoints(), ElementsAre("ssl:443:privateKey=k.pem:certKey=a\\:b.pem"));
}

TEST(WebConfig, AllowIgnoreExtMeansAnyExtension) {
    Parsed p;
    ASSERT_EQ(p.give({{"--ignore-ext", ".html"}, {"--allow-ignore-ext", "true"}}), "");
    EXPECT_THAT(p.config.fileOptions().ignoredExtensions, ElementsAre(".html", "*"));
}

TEST(WebConfig, MistakesAreNamed) {
    EXPECT_THAT(Parsed().give({{"--add-header", "no colon"}}), HasSubstr("is not of the form 'Name: value'"));
    EXPECT_THAT(Parsed().give({{"--add-header", "A b: c"}}), HasSubstr("is not of the form 'Name: value'"));
    EXPECT_THAT(Parsed().give({{"--add-header", "Content-Length: 3"}}), HasSubstr("the server sets"));
    for (const std::string own :
         {"Content-Type: text/plain", "ETag: \"x\"", "Location: /", "content-encoding: br"})
        EXPECT_THAT(Parsed().give({{std::string("--add-header"), own}}), HasSubstr("the server sets")) << own;
    EXPECT_EQ(Parsed().give({{"--add-header", "Cache-Control: no-store"}}), "");
    EXPECT_THAT(Parsed().give({{"--server-name", "a\nb"}}), HasSubstr("--server-name"));
    for (const std::string type : {"", "text", "text/", "a b/c", "text/plain\r\nX-Y: z"})
        EXPECT_THAT(Parsed().give({{std::string("--mime-type"), type}}), HasSubstr("--mime-type")) << type;
    EXPECT_EQ(Parsed().give({{"--mime-type", "text/plain; charset=latin1"}}), "");
    for (const std::string port : {"https", "65536", "-1", "443:interface=::1"})
        EXPECT_THAT(Parsed().give({{std::string("--https"), port}}), HasSubstr("is not a port number"))
            << port;
    EXPECT_EQ(Parsed().give({{std::string("--https"), ""}}), "");
    EXPECT_THAT(Parsed().give({{"--links", "some"}}), HasSubstr("beneath"));
    EXPECT_THAT(Parsed().give({{"--idle-timeout", "long"}}), HasSubstr("--idle-timeout"));
    EXPECT_THAT(Parsed().give({{"--path", "."}, {"--user", "true"}}), HasSubstr("--path and --user"));
}

TEST(WebConfig, WhatIsRefusedSaysWhatToUse) {
    for (const std::string name : {"--processor", "--class", "--resource-script"})
        EXPECT_THAT(Parsed().give({{name, "x"}}), HasSubstr("--plugin")) << name;
    EXPECT_THAT(Parsed().give({{"--wsgi", "x"}}), HasSubstr("a server of its own"));
    EXPECT_THAT(Parsed().give({{"--personal", ""}}), HasSubstr("unix:PATH"));
    EXPECT_THAT(Parsed().give({{"--display-tracebacks", ""}}), HasSubstr("--log-level"));
    EXPECT_THAT(Parsed().give({{"--notracebacks", ""}}), HasSubstr("no option"));
}

} // namespace
} // namespace twistdpp::web
