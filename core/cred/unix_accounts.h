#pragma once
#include <memory>
#include <optional>
#include <string>

namespace twistdpp {

/// A user of the operating system.
struct UnixAccount {
    std::string name;
    unsigned uid = 0;
    unsigned gid = 0;
    std::string home;
    std::string shell;
    std::string passwordHash; // as crypt(3) writes it; empty when it cannot be read or there is none
    bool expired = false;     // the account, or a password that was not changed in time (shadow(5))
};

/// The operating system's users, or a test's. The members block and are called on the threads of a pool,
/// several at once.
class UnixAccounts {
public:
    virtual ~UnixAccounts() = default;
    virtual std::optional<UnixAccount> byName(const std::string& name) const = 0;
    virtual std::optional<UnixAccount> byUid(unsigned uid) const = 0;
};

/// passwd(5) and shadow(5) by way of the name service switch. The hash is there only for root, or who may
/// read shadow.
std::shared_ptr<const UnixAccounts> systemAccounts();

} // namespace twistdpp
