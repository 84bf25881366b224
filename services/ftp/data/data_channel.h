#pragma once
#include "twistdpp/ftp_data/data_link.h"

#include "twistdpp/base/result.h"
#include "twistdpp/reactor/reactor.h"

#include <cstdint>
#include <memory>
#include <optional>

namespace twistdpp::ftp {

/// Ports for data connections, of which PASV names one.
struct PortRange {
    std::uint16_t first = 0, last = 0; // 0: the system chooses
};

/// How the next data connection of a session comes about: we wait for it, or make it. One at a time; what was
/// arranged before is given up. A connection that we wait for has to come from the client's own address (RFC
/// 2577 section 5), and the first one counts. Belongs to the session.
class DataChannel {
public:
    DataChannel(Reactor& reactor, PortRange ports) : reactor_(reactor), ports_(ports) {}
    ~DataChannel() { close(); }
    DataChannel(const DataChannel&) = delete;
    DataChannel& operator=(const DataChannel&) = delete;

    /// Waits for the client, at the address by which it has come to us. Gives where that is.
    Result<Address> listen(const Address& local, const Address& peer);
    /// The client waits there.
    void target(Address there) {
        close();
        target_ = std::move(there);
    }
    /// Whether one of these was said.
    bool arranged() const noexcept { return port_ || target_ || arrived_; }

    /// The connection: fires when it is there, once. Fails when that is not soon.
    Deferred<std::shared_ptr<DataLink>> open(Duration limit);
    /// Ends what was arranged, and what waits.
    void close();

private:
    void accepted(const std::shared_ptr<DataLink>& link);

    Reactor& reactor_;
    PortRange ports_;
    std::unique_ptr<Port> port_;
    std::optional<Address> target_;
    std::shared_ptr<DataLink> arrived_; // before anybody asked for it
    std::optional<Promise<std::shared_ptr<DataLink>>> waiting_;
    Timer clock_;
    std::shared_ptr<int> alive_ = std::make_shared<int>(); // for what comes at the end of a turn
    unsigned arrangement_ = 0; // which one this is: an older one's connections are not wanted
};

} // namespace twistdpp::ftp
