#include "twistdpp/dns_resolver/hosts_file.h"

#include <cstdio>
#include <fstream>
#include <gtest/gtest.h>

namespace twistdpp::dns {

namespace {

TEST(HostsFile, IsReadAgainWhenItHasChanged) {
    const std::string path = testing::TempDir() + "hosts_file_test";
    std::ofstream(path) << "192.0.2.1 www.test alias # comment not.test\n"
                           "nonsense here\n"
                           "2001:db8::1\tWWW.test\n";
    HostsFile hosts(path);
    const TimePoint begin{std::chrono::hours(1)};
    const auto* found = hosts.find("www.TEST.", begin);
    ASSERT_TRUE(found);
    ASSERT_EQ(found->size(), 2U);
    EXPECT_EQ((*found)[0].host(), "192.0.2.1");
    EXPECT_EQ((*found)[1].host(), "2001:db8::1");
    EXPECT_TRUE(hosts.find("alias", begin));
    EXPECT_FALSE(hosts.find("not.test", begin));
    EXPECT_FALSE(hosts.find("here", begin));

    std::ofstream(path) << "192.0.2.2 other.test\n";
    EXPECT_TRUE(hosts.find("alias", begin + std::chrono::milliseconds(900)));
    EXPECT_FALSE(hosts.find("alias", begin + std::chrono::seconds(1)));
    EXPECT_TRUE(hosts.find("other.test", begin + std::chrono::seconds(1)));
    std::remove(path.c_str());
    EXPECT_FALSE(hosts.find("other.test", begin + std::chrono::seconds(2)));
}

} // namespace

} // namespace twistdpp::dns
