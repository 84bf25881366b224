#pragma once
#include "twistdpp/base/result.h"
#include "twistdpp/cred/secret.h"
#include "twistdpp/reactor/address.h"

#include <string>

namespace twistdpp::words {

/// What others see in place of a client's address: names made of it with a key, which nobody without the key
/// can lead back. Addresses of one network share the end of the name, so that a channel can ban
/// "*!*@*.end" as it would ban the network. A value; may be shared by threads.
class Cloak {
public:
    explicit Cloak(Secret key) : key_(std::move(key)) {}
    /// With the key in that file, of 16 to 4096 bytes. Where there is none a new one is written, which only
    /// this user may read.
    static Result<Cloak> fromFile(const std::string& path);

    /// "6kqd3m2x.v7f2nyhs.c4w5ra7t.ip": of IPv4 the address, its /24 and its /16; of IPv6 the /64 (one
    /// subscriber), the /48 and the /32. What has no IP address stays "localhost".
    std::string of(const Address& peer) const;

private:
    Secret key_;
};

} // namespace twistdpp::words
