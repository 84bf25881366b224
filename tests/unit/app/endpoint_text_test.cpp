#include "twistdpp/app/endpoint_text.h"

#include <gtest/gtest.h>

namespace twistdpp {
namespace {

TEST(EndpointText, PutsTheChosenPortWhereZeroWasAskedFor) {
    EXPECT_EQ(endpointWithPort("0", 4711), "4711");
    EXPECT_EQ(endpointWithPort("tcp:0:interface=127.0.0.1", 4711), "tcp:4711:interface=127.0.0.1");
    EXPECT_EQ(endpointWithPort("tcp:port=0", 4711), "tcp:port=4711");
    EXPECT_EQ(endpointWithPort("127.0.0.1:0", 4711), "127.0.0.1:4711");
    EXPECT_EQ(endpointWithPort("haproxy:tcp:0", 4711), "haproxy:tcp:4711");
    EXPECT_EQ(endpointWithPort("tls:endpoint=tcp\\:0", 4711), "tls:endpoint=tcp\\:4711");
    EXPECT_EQ(endpointWithPort("tcp6:0:interface=\\:\\:1", 4711), "tcp6:4711:interface=\\:\\:1");
}

TEST(EndpointText, LeavesTheRestAlone) {
    for (const char* text :
         {"tcp:8080", "unix:/run/x:mode=660", "fd:0", "systemd:domain=INET:index=0", "stdio:", "x\\"})
        EXPECT_EQ(endpointWithPort(text, 4711), text);
}

TEST(EndpointText, NamesWhatWasBound) {
    EXPECT_EQ(endpointLabel("tcp:0", Address::loopback(80)), "tcp 127.0.0.1:80");
    EXPECT_EQ(endpointLabel("8080", Address::loopback(8080)), "tcp 127.0.0.1:8080");
    EXPECT_EQ(endpointLabel("unix:/run/x", Address::unixPath("/run/x")), "unix:/run/x");
    EXPECT_EQ(endpointLabel("stdio:", Address()), "stdio:");
}

} // namespace
} // namespace twistdpp
