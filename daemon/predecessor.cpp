#include "twistdpp/daemon/predecessor.h"

#include "twistdpp/base/number.h"
#include "twistdpp/daemon/daemonize.h"
#include "twistdpp/daemon/hand_over_memo.h"

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace twistdpp {

namespace {

constexpr off_t kLongestMemo = 16 << 20;

/// The whole file, or "" when the descriptor is none, or longer than any memo.
std::string contentOf(int fd) {
    struct stat info {};
    if (::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode) || info.st_size > kLongestMemo)
        return {};
    std::string text(static_cast<std::size_t>(info.st_size), '\0');
    std::size_t got = 0;
    while (got < text.size()) {
        const auto count = ::pread(fd, text.data() + got, text.size() - got, static_cast<off_t>(got));
        if (count <= 0 && errno != EINTR)
            return {};
        got += count > 0 ? static_cast<std::size_t>(count) : 0;
    }
    return text;
}

void restoreStandard(const std::array<int, 3>& standard) {
    for (int i = 0; i < 3; ++i) {
        if (standard[i] < 0) {
            ::close(i);
            continue;
        }
        ::dup2(standard[i], i);
        ::close(standard[i]);
    }
}

} // namespace

Result<std::unique_ptr<Predecessor>, StartFailure> Predecessor::find(HandOver& handOver) {
    const char* variable = std::getenv(HandOverMemo::variable);
    const auto number = variable ? parseUnsigned<std::uint16_t>(variable) : std::nullopt;
    // It is for this process alone, not for the programs that it starts.
    ::unsetenv(HandOverMemo::variable);
    if (!number || *number < 3)
        return std::unique_ptr<Predecessor>();
    const int file = *number;
    auto memo = HandOverMemo::decode(contentOf(file));
    if (!memo)
        return StartFailure(ExitCode::software, memo.error().message());
    if (!*memo)
        return std::unique_ptr<Predecessor>();
    ::close(file);
    HandOverMemo& left = **memo;
    std::unique_ptr<Predecessor> made(new Predecessor(left.from, left.report));
    ::fcntl(left.report, F_SETFD, FD_CLOEXEC);
    restoreStandard(left.standard);
    adoptListenFds(left.from);
    for (HandOver::Item& item : left.items) {
        if (auto done = handOver.inherit(std::move(item)); !done) {
            StartFailure failure(ExitCode::software, done.error().message());
            made->failed(failure);
            return failure;
        }
    }
    return made;
}

void Predecessor::tell(ExitCode code, const std::string& message) noexcept {
    const std::string text = std::to_string(static_cast<int>(code)) + "\n" + message;
    std::size_t sent = 0;
    while (report_ && sent < text.size()) {
        const auto count = ::send(report_.get(), text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
        if (count < 0 && errno != EINTR)
            return;
        sent += count > 0 ? static_cast<std::size_t>(count) : 0;
    }
    ::shutdown(report_.get(), SHUT_WR);
}

void Predecessor::failed(const StartFailure& failure) noexcept {
    tell(failure.code, failure.message);
    report_.reset();
}

Result<void>
Predecessor::ready(Reactor& reactor, const std::string& message, UniqueFunction<void(bool)> letGo) {
    FdWatch* const fds = reactor.fds();
    if (!fds)
        return Error("this reactor cannot take over from another process");
    letGo_ = std::move(letGo);
    auto watch = fds->watch(report_.get(), FdEvents::readable, [this](unsigned) { answered(); });
    if (!watch)
        return std::move(watch).error();
    watch_ = std::move(*watch);
    tell(ExitCode::ok, message);
    return {};
}

void Predecessor::answered() {
    char answer = 0;
    const auto got = ::recv(report_.get(), &answer, 1, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    watch_.reset();
    report_.reset();
    auto letGo = std::move(letGo_);
    letGo(got == 1);
}

} // namespace twistdpp
