#include "twistdpp/dns_resolver/resolv_conf.h"

#include <gtest/gtest.h>

namespace twistdpp::dns {

namespace {

TEST(ResolvConf, Everything) {
    const auto conf = parseResolvConf("# a comment\n"
                                      "; another\n"
                                      "domain first.test\n"
                                      "nameserver 192.0.2.1\n"
                                      "\tnameserver   2001:db8::1  \n"
                                      "nameserver 127.0.0.53 # behind it\r\n"
                                      "search a.test  b.test.\n"
                                      "sortlist 10.0.0.0\n"
                                      "unheard of\n"
                                      "options ndots:3 timeout:7 attempts:4 rotate use-vc trust-ad new:1\n");
    ASSERT_TRUE(conf.ok()) << conf.error().message();
    ASSERT_EQ(conf->servers.size(), 3U);
    EXPECT_EQ(conf->servers[1].toString(), "[2001:db8::1]:53");
    ASSERT_EQ(conf->search.size(), 2U);
    EXPECT_EQ(conf->search[0].toString(), "a.test.");
    EXPECT_EQ(conf->ndots, 3U);
    EXPECT_EQ(conf->timeout, std::chrono::seconds(7));
    EXPECT_EQ(conf->attempts, 4U);
    EXPECT_TRUE(conf->rotate && conf->useVc && conf->trustAd);
    const ResolverOptions options = resolverOptions(*conf);
    EXPECT_EQ(options.order, ServerOrder::rotate);
    EXPECT_TRUE(options.exchange.alwaysTcp);
    EXPECT_EQ(options.limit, std::chrono::seconds(7 * 4 * 3));
}

TEST(ResolvConf, Defaults) {
    const auto conf = parseResolvConf("domain example.test");
    ASSERT_TRUE(conf.ok());
    ASSERT_EQ(conf->servers.size(), 1U);
    EXPECT_EQ(conf->servers[0].toString(), "127.0.0.1:53");
    EXPECT_EQ(conf->search.at(0).toString(), "example.test.");
    EXPECT_EQ(conf->ndots, 1U);
    // Beyond what resolv.conf(5) allows, its bounds hold.
    const auto most = parseResolvConf("options ndots:99 timeout:99 attempts:99");
    EXPECT_EQ(most->ndots, 15U);
    EXPECT_EQ(most->timeout, std::chrono::seconds(30));
    EXPECT_EQ(most->attempts, 5U);
    const auto least = parseResolvConf("options timeout:0 attempts:0");
    EXPECT_EQ(least->timeout, std::chrono::seconds(1));
    EXPECT_EQ(least->attempts, 1U);
}

TEST(ResolvConf, MistakesAreNamed) {
    const auto said = [](Bytes text) { return parseResolvConf(text, "r.conf").error().message(); };
    EXPECT_EQ(said("\nnameserver ns.test\n"), "r.conf:2: nameserver 'ns.test' is no IPv4 or IPv6 address");
    EXPECT_EQ(said("nameserver"), "r.conf:1: nameserver '' is no IPv4 or IPv6 address");
    EXPECT_EQ(said("options ndots:x"), "r.conf:1: option ndots needs a number, as in 'ndots:2'");
    EXPECT_EQ(said("search a..b"), "r.conf:1: the name 'a..b' has an empty label");
    EXPECT_EQ(
        readResolvConf("/nonexistent/resolv.conf").error().message(),
        "cannot read /nonexistent/resolv.conf: No such file or directory"
    );
}

} // namespace

} // namespace twistdpp::dns
