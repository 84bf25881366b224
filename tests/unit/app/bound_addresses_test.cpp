#include "twistdpp/app/bound_addresses.h"

#include <gtest/gtest.h>

namespace twistdpp {
namespace {

TEST(BoundAddresses, ListsServicesInTheOrderOfTheirReports) {
    BoundAddresses bound;
    bound.report("web", "tcp 127.0.0.1:8080");
    bound.report("echo", "tcp 0.0.0.0:7");
    bound.report("web", "tcp [::1]:8080");
    bound.report("web", "tcp 127.0.0.1:8080"); // another reactor, the same port
    EXPECT_EQ(bound.summary(), "web on tcp 127.0.0.1:8080, tcp [::1]:8080; echo on tcp 0.0.0.0:7");
}

TEST(BoundAddresses, TellTheOtherReactorsWhichPortTheFirstGot) {
    BoundAddresses bound;
    EXPECT_FALSE(bound.shared("web", 0));
    bound.share("web", 0, Address::loopback(4711));
    bound.share("web", 0, Address::loopback(1));
    ASSERT_TRUE(bound.shared("web", 0));
    EXPECT_EQ(bound.shared("web", 0)->port(), 4711);
    EXPECT_FALSE(bound.shared("web", 1));
}

} // namespace
} // namespace twistdpp
