// Sockets that somebody else made (systemd, a parent process): taken over, and left as they were found.
#include "twistdpp/reactor/reactor.h"

#include <gtest/gtest.h>

#include <string>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace twistdpp {
namespace {

class Silent : public Protocol {
    void dataReceived(Bytes) override {}
};

bool isThere(const std::string& path) {
    struct stat info {};
    return ::lstat(path.c_str(), &info) == 0;
}

TEST(AdoptedSocket, KeepsThePathOfAnotherOwner) {
    const auto reactor = std::move(makeReactor("uv")).value();
    const std::string path = testing::TempDir() + "adopted-" + std::to_string(::getpid());
    auto own = std::move(reactor->listen(ListenSpec(Address::unixPath(path)), makeFactory<Silent>())).value();
    ASSERT_TRUE(isThere(path));

    sockaddr_storage name{};
    const auto size = static_cast<socklen_t>(Address::unixPath(path + ".theirs").toSockaddr(name));
    UniqueFd theirs(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    ASSERT_EQ(::bind(theirs.get(), reinterpret_cast<const sockaddr*>(&name), size), 0);
    auto adopted =
        std::move(reactor->listen(ListenSpec::adopt(std::move(theirs)), makeFactory<Silent>())).value();

    own->stopListening();
    adopted->stopListening();
    EXPECT_FALSE(isThere(path)) << "our own path goes with our socket";
    EXPECT_TRUE(isThere(path + ".theirs")) << "the path of an adopted socket is its maker's";
    ::unlink((path + ".theirs").c_str());
}

} // namespace
} // namespace twistdpp
