#include "twistdpp/reactor/hand_over.h"

#include <fcntl.h>
#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace twistdpp {
namespace {

using Kind = HandOver::Kind;

/// Bound sockets of loopback, which nobody talks to.
UniqueFd bound(int type, const Address& address = Address::loopback(0)) {
    UniqueFd fd(::socket(AF_INET, type | SOCK_CLOEXEC, 0));
    const int on = 1;
    ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    sockaddr_storage name{};
    const auto size = static_cast<socklen_t>(address.toSockaddr(name));
    EXPECT_EQ(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&name), size), 0);
    if (type == SOCK_STREAM) {
        EXPECT_EQ(::listen(fd.get(), 5), 0);
    }
    return fd;
}

Address addressOf(const UniqueFd& fd) {
    sockaddr_storage name{};
    socklen_t size = sizeof name;
    ::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&name), &size);
    return Address::fromSockaddr(reinterpret_cast<const sockaddr*>(&name), size);
}

/// Which socket a descriptor is of, to tell duplicates.
ino_t identity(const UniqueFd& fd) {
    struct stat info {};
    return ::fstat(fd.get(), &info) == 0 ? info.st_ino : 0;
}

class HandOverTest : public testing::Test {
protected:
    /// A socket that the process before has left.
    ino_t leave(UniqueFd fd, bool chosen = false, Kind kind = Kind::stream) {
        const ino_t which = identity(fd);
        HandOver::Item item(kind, fd.release());
        item.chosen = chosen;
        EXPECT_TRUE(handOver.inherit(std::move(item)));
        return which;
    }
    std::vector<ino_t> take(const Address& asked, unsigned shard = 0, unsigned shards = 1) {
        std::vector<ino_t> all;
        for (const UniqueFd& fd : handOver.take(Kind::stream, asked, shard, shards))
            all.push_back(identity(fd));
        return all;
    }

    HandOver handOver;
};

using testing::ElementsAre;
using testing::IsEmpty;

TEST_F(HandOverTest, GivesASocketToWhoeverAsksForItsAddress) {
    UniqueFd fd = bound(SOCK_STREAM);
    const Address address = addressOf(fd);
    const ino_t which = leave(std::move(fd));
    EXPECT_THAT(take(address.withPort(1)), IsEmpty());
    EXPECT_TRUE(handOver.take(Kind::datagram, address, 0, 1).empty());
    EXPECT_THAT(take(address), ElementsAre(which));
    EXPECT_THAT(take(address), IsEmpty()) << "once";
    EXPECT_THAT(handOver.takeOver(), IsEmpty());
}

TEST_F(HandOverTest, FindsPortsThatTheSystemHadChosenInTheirOrder) {
    const ino_t named = leave(bound(SOCK_STREAM));
    const ino_t first = leave(bound(SOCK_STREAM), true);
    const ino_t second = leave(bound(SOCK_STREAM), true);
    EXPECT_THAT(take(Address::anyIpv4(0)), IsEmpty());
    EXPECT_THAT(take(Address::loopback(0)), ElementsAre(first));
    EXPECT_THAT(take(Address::loopback(0)), ElementsAre(second));
    EXPECT_THAT(take(Address::loopback(0)), IsEmpty()) << "not the one whose number was asked for: " << named;
}

class Shared : public HandOverTest {
protected:
    /// As many sockets of one address.
    void leaveMany(unsigned count) {
        UniqueFd first = bound(SOCK_STREAM);
        address = addressOf(first);
        sockets.push_back(leave(std::move(first), true));
        while (sockets.size() < count)
            sockets.push_back(leave(bound(SOCK_STREAM, address)));
    }
    Address address;
    std::vector<ino_t> sockets;
};

TEST_F(Shared, AsManyReactorsGetOneEach) {
    leaveMany(2);
    EXPECT_THAT(take(Address::loopback(0), 0, 2), ElementsAre(sockets[0]));
    EXPECT_THAT(take(address, 1, 2), ElementsAre(sockets[1]));
    EXPECT_THAT(handOver.takeOver(), IsEmpty());
}

TEST_F(Shared, FewerReactorsServeThemAll) {
    leaveMany(5);
    EXPECT_THAT(take(address, 0, 2), ElementsAre(sockets[0], sockets[2], sockets[4]));
    EXPECT_THAT(take(address, 1, 2), ElementsAre(sockets[1], sockets[3]));
    EXPECT_THAT(handOver.takeOver(), IsEmpty());
}

TEST_F(Shared, MoreReactorsShareThem) {
    leaveMany(2);
    for (unsigned i = 0; i < 5; ++i)
        EXPECT_THAT(take(address, i, 5), ElementsAre(sockets[i % 2]));
}

TEST_F(Shared, WhatNoneHasTakenIsClosedAndNamed) {
    leaveMany(2);
    take(address, 0, 2); // a service that lives on one reactor by now
    EXPECT_THAT(handOver.takeOver(), ElementsAre(address.toString() + " (1 sockets of several)"));
}

TEST_F(HandOverTest, DatagramSocketsComeOneAtATime) {
    UniqueFd fd = bound(SOCK_DGRAM);
    const Address address = addressOf(fd);
    leave(std::move(fd), false, Kind::datagram);
    leave(bound(SOCK_DGRAM, address), false, Kind::datagram);
    EXPECT_EQ(handOver.take(Kind::datagram, address, 0, 1).size(), 1U);
    EXPECT_EQ(handOver.takeOver().size(), 1U);
}

TEST_F(HandOverTest, RefusesWhatIsNotWhatItShouldBe) {
    EXPECT_FALSE(handOver.inherit(HandOver::Item(Kind::stream, bound(SOCK_DGRAM).release())));
    EXPECT_FALSE(handOver.inherit(HandOver::Item(Kind::datagram, bound(SOCK_STREAM).release())));
    EXPECT_FALSE(handOver.inherit(HandOver::Item(Kind::stream, 1 << 20)));
}

TEST_F(HandOverTest, ListsWhatIsOpenAsDuplicates) {
    const UniqueFd fd = bound(SOCK_STREAM);
    HandOver::Item item(Kind::stream, fd.get());
    item.chosen = true;
    auto entry = handOver.enter(std::move(item), false);
    auto moved = std::move(entry);
    auto items = handOver.items();
    ASSERT_TRUE(items);
    ASSERT_EQ(items->size(), 1U);
    EXPECT_NE(items->front().fd.get(), fd.get());
    EXPECT_EQ(items->front().item.fd, items->front().fd.get());
    EXPECT_EQ(identity(items->front().fd), identity(fd));
    EXPECT_TRUE(items->front().item.chosen);
    moved = {};
    EXPECT_TRUE(handOver.items()->empty());
}

TEST_F(HandOverTest, ADescriptorThatIsClosedIsAnError) {
    const auto entry = handOver.enter(HandOver::Item(Kind::stream, 1 << 20), false);
    EXPECT_FALSE(handOver.items());
}

TEST_F(HandOverTest, PathsAreOnesOwnOnlyAsLongAsNoOtherProcessServesThem) {
    EXPECT_TRUE(HandOver::Entry().ours()) << "nothing is handed over";
    leave(bound(SOCK_STREAM));
    const auto inherited = handOver.enter(HandOver::Item(Kind::stream, 3), true);
    const auto fresh = handOver.enter(HandOver::Item(Kind::stream, 4), false);
    EXPECT_FALSE(inherited.ours()) << "if this start fails, the process before needs it";
    EXPECT_TRUE(fresh.ours());
    handOver.takeOver();
    EXPECT_TRUE(inherited.ours());
    handOver.leave();
    EXPECT_FALSE(inherited.ours());
    EXPECT_FALSE(fresh.ours());
}

TEST_F(HandOverTest, ALockGoesOverByItsPathOrItsFileGoes) {
    std::string folder = (std::filesystem::temp_directory_path() / "twistdpp-hand-over-XXXXXX").string();
    ASSERT_NE(::mkdtemp(folder.data()), nullptr);
    for (const char* name : {"/kept", "/gone"}) {
        HandOver::Item item(Kind::lock, ::open((folder + name).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
        item.path = folder + name;
        ASSERT_TRUE(handOver.inherit(std::move(item)));
    }
    EXPECT_FALSE(handOver.takeLock(folder + "/other"));
    EXPECT_TRUE(handOver.takeLock(folder + "/kept"));
    EXPECT_FALSE(handOver.takeLock(folder + "/kept")) << "once";
    handOver.takeOver();
    EXPECT_TRUE(std::filesystem::exists(folder + "/kept"));
    EXPECT_FALSE(std::filesystem::exists(folder + "/gone"));
    std::filesystem::remove_all(folder);
}

} // namespace
} // namespace twistdpp
