#pragma once
#include "twistdpp/base/time.h"

#include <optional>
#include <string>

namespace twistdpp {

/// Tells the service manager how the daemon is: the datagrams of sd_notify(3), without its library. Does
/// nothing when NOTIFY_SOCKET is not set. The socket is opened by the first call of connect(), before a
/// chroot hides its path.
class Notifier {
public:
    Notifier() = default;
    ~Notifier();
    Notifier(const Notifier&) = delete;
    Notifier& operator=(const Notifier&) = delete;

    void connect();
    void ready(const std::string& status);
    void reloading();
    void stopping(const std::string& status);
    void watchdog();
    /// Process `pid` is the daemon from here on, and speaks for itself: nothing more is said here.
    void handOver(int pid);
    /// How often watchdog() has to be called: half of WATCHDOG_USEC; unset when no one asks for it.
    static std::optional<Duration> watchdogInterval();

private:
    void send(const std::string& text) const;

    int socket_ = -1;
};

} // namespace twistdpp
