#pragma once
#include "twistdpp/ftp_data/data_channel.h"
#include "twistdpp/ftp_server/visitors.h"

#include "twistdpp/app/option_set.h"
#include "twistdpp/app/service_maker.h"
#include "twistdpp/base/time.h"
#include "twistdpp/reactor/address.h"

#include <cstdint>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace twistdpp::ftp {

/// The options of `twistdpp ftp`: Twisted's and ours.
class FtpConfig final : public ServiceConfig {
public:
    void declare(OptionSet& options) override;
    Result<void> validate() override;

    /// What to listen on, as endpoint strings.
    std::vector<std::string> endpoints() const;

    std::vector<std::string> ports; // numbers or endpoints
    std::vector<std::string> implicitPorts;
    std::string root = "/usr/local/ftp";
    std::string userRoot; // with "{user}"; empty: homes::folderOf()
    std::string anonymousName = "anonymous";
    bool noAnonymous = false;
    bool anonymousWrite = false;
    std::vector<std::string> auth;
    std::string passwordFile;
    std::string certificate, privateKey;
    bool requireTls = false;
    bool tlsReuse = true;
    PortRange passivePorts;
    std::optional<Address> publicAddress;
    VisitorLimits limits;
    std::uint64_t rate = 0, anonymousRate = 0; // bytes a second; 0: as many as come
    std::uint64_t quota = 0;                   // bytes of a user's files; 0: as many as there is room for
    mode_t umask = 022;
    bool sync = false;
    Duration timeout = std::chrono::minutes(10);
    std::string hostname;
};

} // namespace twistdpp::ftp
