#include "twistdpp/daemon/notify.h"

#include "twistdpp/base/number.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>

namespace twistdpp {

Notifier::~Notifier() {
    if (socket_ >= 0)
        ::close(socket_);
}

void Notifier::connect() {
    const char* path = std::getenv("NOTIFY_SOCKET");
    sockaddr_un address{};
    if (!path || (path[0] != '/' && path[0] != '@') || std::strlen(path) >= sizeof address.sun_path)
        return;
    address.sun_family = AF_UNIX;
    std::strcpy(address.sun_path, path);
    if (path[0] == '@')
        address.sun_path[0] = '\0';
    socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + std::strlen(path));
    if (socket_ >= 0 && ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), length) != 0) {
        ::close(socket_);
        socket_ = -1;
    }
}

void Notifier::send(const std::string& text) const {
    if (socket_ >= 0) {
        // A manager that does not read must not stop the daemon.
        [[maybe_unused]] const auto sent =
            ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    }
}

void Notifier::ready(const std::string& status) {
    send("READY=1\nMAINPID=" + std::to_string(::getpid()) + "\nSTATUS=" + status);
}

void Notifier::reloading() {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    const auto microseconds = std::uint64_t(now.tv_sec) * 1'000'000 + std::uint64_t(now.tv_nsec) / 1000;
    send("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(microseconds));
}

void Notifier::stopping(const std::string& status) {
    send("STOPPING=1\nSTATUS=" + status);
}

void Notifier::watchdog() {
    send("WATCHDOG=1");
}

void Notifier::handOver(int pid) {
    send("MAINPID=" + std::to_string(pid));
    if (socket_ >= 0)
        ::close(std::exchange(socket_, -1));
}

std::optional<Duration> Notifier::watchdogInterval() {
    const char* interval = std::getenv("WATCHDOG_USEC");
    const auto microseconds = interval ? parseUnsigned<std::uint32_t>(interval) : std::nullopt;
    if (!microseconds || *microseconds == 0)
        return std::nullopt;
    return std::chrono::microseconds(*microseconds / 2);
}

} // namespace twistdpp
