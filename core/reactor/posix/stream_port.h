#pragma once
#include "twistdpp/posix/posix_reactor.h"
#include "twistdpp/reactor/hand_over.h"
#include "twistdpp/reactor/transport.h"

#include <memory>
#include <optional>
#include <string>

namespace twistdpp {

/// A listening stream socket: accepts in bursts, and when the process is out of descriptors waits, says so
/// once, and goes on by itself.
class StreamPort final : public Port, private Poller::Handler, private HandOverSeat::Waiting {
public:
    /// Without an entry the socket was made by somebody else, whose path in the file system it stays.
    StreamPort(
        PosixReactor& reactor, UniqueFd socket, std::shared_ptr<Factory> factory,
        std::optional<HandOver::Entry> entry
    );
    ~StreamPort() override;

    const Address& address() const noexcept override { return address_; }
    void stopListening() override;
    void pauseAccepting() override;
    void resumeAccepting() override;

private:
    void ready(unsigned events) override;
    void serve() override;
    bool acceptOne();
    void acceptFailed(int error);
    void watch(bool on);

    PosixReactor& reactor_;
    UniqueFd fd_;
    Address address_;
    std::shared_ptr<Factory> factory_;
    Poller::Entry* entry_ = nullptr;
    TimerNode retry_;
    Duration retryAfter_{};
    // How many it accepts when it is woken. Asking for one more than there is costs a system call for
    // nothing.
    int burst_ = 1;
    int fullBursts_ = 0; // since the last that came short
    std::shared_ptr<bool> gone_ =
        std::make_shared<bool>(false); // a factory may drop this port while it accepts
    std::optional<HandOver::Entry> handOver_;
    bool waits_ = false; // the process before still accepts here
    bool paused_ = false;
    bool starved_ = false; // out of descriptors or memory
};

} // namespace twistdpp
