#pragma once
#include "twistdpp/pop3/drop.h"

#include "twistdpp/reactor/reactor.h"

#include <memory>
#include <set>
#include <string>

namespace twistdpp::mail {

/// Which Maildirs are open by POP3 now: one session has one for itself (RFC 1939 section 3).
class OpenDrops {
public:
    explicit OpenDrops(Reactor& reactor) : reactor_(reactor) {}
    /// The messages of a Maildir, made when it is not there. Fails with pop3::InUse, or with what the disk
    /// says.
    Deferred<std::unique_ptr<pop3::Drop>> open(const std::string& maildir);

private:
    Reactor& reactor_;
    std::shared_ptr<std::set<std::string>> open_ = std::make_shared<std::set<std::string>>();
};

} // namespace twistdpp::mail
