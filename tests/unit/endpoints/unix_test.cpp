#include "twistdpp/reactor/errors.h"
#include "twistdpp/reactor/file_lock.h"
#include "unit/endpoints/fixture.h"

#include <optional>

namespace twistdpp {

namespace {

class UnixEndpoints : public test::EndpointTest {
protected:
    test::ScratchFolder folder;
    std::string path = folder / "sock";
    std::string lock = path + ".lock";
};

} // namespace

TEST_F(UnixEndpoints, TheServerTakesPathModeAndBacklog) {
    EXPECT_EQ(listen("unix:" + path).address.path(), path);
    EXPECT_EQ(reactor.listened.back().unixMode, 0660);
    port.reset();
    EXPECT_EQ(listen("unix:address=" + path + ":mode=600:backlog=5").unixMode, 0600);
    EXPECT_EQ(reactor.listened.back().backlog, 5);
    port.reset();
    EXPECT_EQ(listen("unix:" + path + ":666:50:0").unixMode, 0666) << "by position, as Twisted takes them";
}

TEST_F(UnixEndpoints, AnAtSignIsTheAbstractNamespace) {
    EXPECT_EQ(listen("unix:@name").address.path(), Bytes("\0name", 5));
}

TEST_F(UnixEndpoints, OneServerAtATimeHoldsTheLock) {
    listen("unix:" + path);
    EXPECT_TRUE(std::filesystem::exists(lock));
    auto second = server("unix:" + path)->listen(factory());
    EXPECT_EQ(
        std::move(second).take().failure().message(),
        "cannot listen on unix:" + path + ": another process holds '" + lock + "': Address already in use"
    );
    port.reset();
    EXPECT_FALSE(std::filesystem::exists(lock));
    listen("unix:" + path);
    EXPECT_TRUE(std::filesystem::exists(lock));
}

TEST_F(UnixEndpoints, ALockThatADeadServerLeftIsTaken) {
    folder.write("sock.lock", "");
    listen("unix:" + path);
    EXPECT_TRUE(FileLock::held(lock));
}

TEST_F(UnixEndpoints, StoppingGivesTheLockBack) {
    listen("unix:" + path);
    port->stopListening();
    EXPECT_FALSE(FileLock::held(lock));
}

TEST_F(UnixEndpoints, WithoutLockfileThereIsNone) {
    listen("unix:" + path + ":lockfile=0");
    EXPECT_FALSE(std::filesystem::exists(lock));
}

TEST_F(UnixEndpoints, ALockOfTwistedsIsNamed) {
    std::filesystem::create_symlink("12345", lock);
    auto opening = server("unix:" + path)->listen(factory());
    EXPECT_NE(std::move(opening).take().failure().message().find("is a symbolic link"), std::string::npos);
}

TEST_F(UnixEndpoints, AListenErrorGivesTheLockBack) {
    reactor.listenError = Error("cannot listen on unix:" + path);
    EXPECT_FALSE(server("unix:" + path)->listen(factory()).take().ok());
    EXPECT_FALSE(FileLock::held(lock));
}

TEST_F(UnixEndpoints, Mistakes) {
    EXPECT_EQ(serverError("unix:"), "the path of the socket is missing (address) in endpoint 'unix:'");
    EXPECT_EQ(
        serverError("unix:/x:mode=999"),
        "mode: '999' is not an octal number from 0 to 777 in endpoint 'unix:/x:mode=999'"
    );
    EXPECT_NE(
        serverError("unix:" + std::string(108, 'x')).find("longer than the 107 bytes"), std::string::npos
    );
    EXPECT_EQ(clientError("unix"), "the path of the socket is missing (path) in endpoint 'unix'");
    EXPECT_EQ(
        clientError("unix:/x:mode=600"),
        "unix has no argument 'mode' (it has path, lockfile, timeout) in endpoint 'unix:/x:mode=600'"
    );
}

TEST_F(UnixEndpoints, TheClientConnects) {
    auto connecting = client("unix:path=" + path + ":timeout=9")->connect(factory());
    EXPECT_EQ(reactor.connected.at(0).address.path(), path);
    EXPECT_EQ(reactor.connected.at(0).timeout, std::chrono::seconds(9));
    connecting.cancel();
    EXPECT_TRUE(connecting.called());
    auto abstract = client("unix:@name")->connect(factory());
    EXPECT_EQ(reactor.connected.at(1).address.path(), Bytes("\0name", 5));
    abstract.cancel();
}

TEST_F(UnixEndpoints, TheClientMayAskForTheLock) {
    const auto endpoint = client("unix:" + path + ":lockfile=1");
    auto refused = endpoint->connect(factory());
    ASSERT_TRUE(refused.called());
    EXPECT_TRUE(std::move(refused).take().failure().check<ConnectionRefusedError>());
    const auto held = FileLock::acquire(lock);
    auto connecting = endpoint->connect(factory());
    EXPECT_FALSE(connecting.called());
    connecting.cancel();
}

} // namespace twistdpp
