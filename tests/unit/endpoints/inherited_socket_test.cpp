#include "twistdpp/base/unique_fd.h"
#include "twistdpp/endpoints/inherited_socket.h"
#include "unit/endpoints/fixture.h"

#include <cstdlib>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace twistdpp {

namespace {

/// A listening socket that nobody can find: bound to a name the system chose.
UniqueFd listening() {
    UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM, 0));
    sockaddr name{};
    name.sa_family = AF_UNIX;
    EXPECT_EQ(::bind(fd.get(), &name, sizeof name.sa_family), 0);
    EXPECT_EQ(::listen(fd.get(), 1), 0);
    return fd;
}

class InheritedSockets : public test::EndpointTest {
protected:
    /// Sets what systemd sets, for this process, and takes it back.
    struct Activation {
        Activation(const char* fds, const char* names) {
            ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
            ::setenv("LISTEN_FDS", fds, 1);
            ::setenv("LISTEN_FDNAMES", names, 1);
        }
        ~Activation() {
            for (const char* name : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"})
                ::unsetenv(name);
        }
    };
};

using Named = std::vector<std::pair<int, std::string>>;

} // namespace

TEST_F(InheritedSockets, FdListensOnACopy) {
    const UniqueFd fd = listening();
    const ListenSpec& spec = listen("fd:" + std::to_string(fd.get()));
    EXPECT_TRUE(spec.fd);
    EXPECT_NE(spec.fd.get(), fd.get()) << "every reactor may listen on it";
    EXPECT_NE(::fcntl(fd.get(), F_GETFD) & FD_CLOEXEC, 0);
}

TEST_F(InheritedSockets, FdMistakes) {
    const UniqueFd plain(::socket(AF_UNIX, SOCK_STREAM, 0));
    const UniqueFd file(::open("/", O_RDONLY));
    const std::string socket = std::to_string(plain.get());
    const std::string folder = std::to_string(file.get());
    EXPECT_EQ(serverError("fd:999"), "descriptor 999 is not open in endpoint 'fd:999'");
    EXPECT_EQ(
        serverError("fd:" + folder),
        "descriptor " + folder + " is not a socket in endpoint 'fd:" + folder + "'"
    );
    EXPECT_EQ(
        serverError("fd:" + socket),
        "descriptor " + socket + " is not a listening socket in endpoint 'fd:" + socket + "'"
    );
    EXPECT_EQ(serverError("fd:"), "the number of a descriptor is missing (number) in endpoint 'fd:'");
    EXPECT_EQ(serverError("fd:x"), "number: 'x' is not a number from 0 to 2147483647 in endpoint 'fd:x'");
}

TEST_F(InheritedSockets, ReadsTheEnvironmentOfSystemd) {
    EXPECT_EQ(*detail::listenFds("7", "2", "web:mail", 7), (Named{{3, "web"}, {4, "mail"}}));
    EXPECT_EQ(*detail::listenFds("7", "2", "web", 7), (Named{{3, "web"}, {4, "unknown"}}));
    EXPECT_EQ(*detail::listenFds("7", "1", nullptr, 7), (Named{{3, "unknown"}}));
    EXPECT_EQ(*detail::listenFds("7", "0", nullptr, 7), Named());
    EXPECT_EQ(
        detail::listenFds(nullptr, nullptr, nullptr, 7).error().message(),
        "no sockets were passed on by systemd (LISTEN_PID and LISTEN_FDS are not set)"
    );
    EXPECT_EQ(
        detail::listenFds("8", "1", nullptr, 7).error().message(),
        "the sockets of systemd are for process 8 (LISTEN_PID), not for this one"
    );
    EXPECT_FALSE(detail::listenFds("7", "many", nullptr, 7));
    EXPECT_FALSE(detail::listenFds("7", "4000000000", nullptr, 7));
}

TEST_F(InheritedSockets, SystemdMistakes) {
    EXPECT_NE(
        serverError("systemd:domain=INET:index=0").find("no sockets were passed on"), std::string::npos
    );
    EXPECT_EQ(
        serverError("systemd:domain=IPX:index=0"),
        "domain: 'IPX' is none of INET, INET6 and UNIX in endpoint 'systemd:domain=IPX:index=0'"
    );
    EXPECT_EQ(
        serverError("systemd:domain=INET"),
        "an index or a name of the socket is missing (index) in endpoint 'systemd:domain=INET'"
    );
    const Activation active("0", "");
    EXPECT_EQ(
        serverError("systemd:INET:0"),
        "systemd passed on 0 socket(s), none of index 0 in endpoint 'systemd:INET:0'"
    );
    EXPECT_EQ(
        serverError("systemd:domain=INET:name=web"),
        "systemd passed on 0 socket(s) of the name 'web' in endpoint 'systemd:domain=INET:name=web'"
    );
}

TEST_F(InheritedSockets, SystemdGivesSocketsByIndexAndName) {
    // The descriptors begin at 3; what stands there is put aside for the test.
    const UniqueFd aside(::fcntl(3, F_DUPFD_CLOEXEC, 50));
    const UniqueFd socket = listening();
    ASSERT_EQ(::dup2(socket.get(), 3), 3);
    {
        const Activation active("1", "web");
        EXPECT_TRUE(listen("systemd:domain=UNIX:index=0").fd);
        EXPECT_TRUE(listen("systemd:domain=UNIX:name=web").fd);
        EXPECT_EQ(
            serverError("systemd:domain=INET:index=0"),
            "descriptor 3 is of another domain, asked for INET, in endpoint "
            "'systemd:domain=INET:index=0'"
        );
        EXPECT_NE(
            serverError("systemd:UNIX:name=web:index=1").find("1 socket(s) of the name"), std::string::npos
        );
    }
    if (aside)
        ::dup2(aside.get(), 3);
    else
        ::close(3);
}

} // namespace twistdpp
