#include "twistdpp/endpoints/stdio_pump.h"
#include "unit/endpoints/fixture.h"

#include <array>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace twistdpp {

namespace {

struct Pipe {
    Pipe() {
        int ends[2];
        EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
        out.reset(ends[0]);
        in.reset(ends[1]);
    }
    UniqueFd out;
    UniqueFd in;
};

/// Blocks, as a test of threads must, until something or the end is there.
std::string readSome(int fd) {
    pollfd one{fd, POLLIN, 0};
    EXPECT_EQ(::poll(&one, 1, 10000), 1);
    std::array<char, 100> block;
    const ssize_t got = ::read(fd, block.data(), block.size());
    return got > 0 ? std::string(block.data(), static_cast<std::size_t>(got)) : "<end>";
}

} // namespace

using Stdio = test::EndpointTest;

TEST_F(Stdio, TakesNoArguments) {
    EXPECT_EQ(serverError("stdio:"), "none");
    EXPECT_EQ(serverError("stdio"), "none");
    EXPECT_EQ(
        serverError("stdio:1"), "one value too many, '1', for stdio (it has none) in endpoint 'stdio:1'"
    );
}

TEST(StdioPump, TwoPipesBecomeOneSocket) {
    Pipe input;
    Pipe output;
    auto socket = detail::makeSocketOf(std::move(input.out), std::move(output.in));
    ASSERT_TRUE(socket);
    ASSERT_EQ(::write(input.in.get(), "question", 8), 8);
    EXPECT_EQ(readSome(socket->get()), "question");
    ASSERT_EQ(::write(socket->get(), "answer", 6), 6);
    EXPECT_EQ(readSome(output.out.get()), "answer");
    input.in.reset();
    EXPECT_EQ(readSome(socket->get()), "<end>");
    ASSERT_EQ(::write(socket->get(), "last", 4), 4) << "the other direction goes on";
    EXPECT_EQ(readSome(output.out.get()), "last");
    socket->reset();
    EXPECT_EQ(readSome(output.out.get()), "<end>");
}

TEST(StdioPump, TheInputGoesOnAfterTheLastThatIsWritten) {
    Pipe input;
    Pipe output;
    auto socket = detail::makeSocketOf(std::move(input.out), std::move(output.in));
    ASSERT_TRUE(socket);
    ASSERT_EQ(::shutdown(socket->get(), SHUT_WR), 0);
    EXPECT_EQ(readSome(output.out.get()), "<end>");
    ASSERT_EQ(::write(input.in.get(), "more", 4), 4);
    EXPECT_EQ(readSome(socket->get()), "more");
    input.in.reset();
    EXPECT_EQ(readSome(socket->get()), "<end>");
}

TEST(StdioPump, AnOutputThatNobodyReadsEndsBoth) {
    Pipe input;
    Pipe output;
    auto socket = detail::makeSocketOf(std::move(input.out), std::move(output.in));
    ASSERT_TRUE(socket);
    output.out.reset();
    ASSERT_EQ(::write(socket->get(), "nobody", 6), 6);
    EXPECT_EQ(readSome(socket->get()), "<end>");
}

TEST(StdioPump, ClosingTheSocketLetsGoOfAnInputThatIsSilent) {
    Pipe input;
    Pipe output;
    auto socket = detail::makeSocketOf(std::move(input.out), std::move(output.in));
    ASSERT_TRUE(socket);
    socket->reset();
    pollfd one{input.in.get(), 0, 0};
    EXPECT_EQ(::poll(&one, 1, 10000), 1) << "the reading end is closed";
}

TEST(StdioPump, AFileCanBeTheInput) {
    const test::ScratchFolder folder;
    UniqueFd file(::open(folder.write("in", "text").c_str(), O_RDONLY | O_CLOEXEC));
    Pipe output;
    auto socket = detail::makeSocketOf(std::move(file), std::move(output.in));
    ASSERT_TRUE(socket);
    EXPECT_EQ(readSome(socket->get()), "text");
    EXPECT_EQ(readSome(socket->get()), "<end>");
}

} // namespace twistdpp
