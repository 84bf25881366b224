#pragma once
#include "twistdpp/files/file_tree.h"
#include "twistdpp/ftp_data/data_channel.h"

#include "twistdpp/app/metrics.h"
#include "twistdpp/base/time.h"
#include "twistdpp/cred/authenticator.h"
#include "twistdpp/reactor/context_factory.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace twistdpp::ftp {

/// What somebody who has logged in has.
struct Home {
    std::shared_ptr<const files::FileTree> tree;
    bool writable = false;
    std::uint64_t quota = 0; // bytes of all its files; 0: as many as there is room for
    double rate = 0;         // bytes a second, of all transfers of the session; 0: as many as come
    mode_t umask = 022;      // that new files and folders do not have
    std::string notice;      // that is told at the login; may be empty
};

/// How a server is set up. Shared by its connections; does not change.
struct ServerOptions {
    ServerOptions() = default;
    std::string hostname = "localhost";
    Duration loginTime = std::chrono::minutes(1);
    Duration idleTime = std::chrono::minutes(10); // Twisted's
    Duration dataTime = std::chrono::seconds(30); // for a data connection to come about
    Duration stallTime = std::chrono::minutes(2); // for one over which nothing goes
    std::shared_ptr<const ContextFactory> tls;    // for AUTH TLS; nullptr: not offered
    bool requireTls = false;                      // for logins and data
    bool requireReuse = true; // data connections resume the control connection's TLS session
    bool sync = false;        // an upload is on the disk before it is answered
    std::string anonymousName = "anonymous";
    bool anonymous = true;
    std::optional<Authenticator> accounts; // nothing: nobody but the anonymous
    PortRange passivePorts;
    std::optional<Address>
        publicAddress; // that clients are told, for those behind a translation of addresses
    /// Where the files of someone are, or of the anonymous (nullptr). Fails with FtpError.
    std::function<Deferred<Home>(const AvatarId* who)> open;
    Counter* received = nullptr; // bytes of files
    Counter* sent = nullptr;
};

} // namespace twistdpp::ftp
