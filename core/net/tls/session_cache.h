#pragma once
#include "twistdpp/tls/openssl_handles.h"

#include <cstddef>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace twistdpp::detail {

/// A client's sessions by host, a few for each, for at most `hosts` hosts; the one not used for longest goes
/// first. For any thread.
class SessionCache {
public:
    static constexpr std::size_t kPerHost = 4;

    explicit SessionCache(std::size_t hosts = 1024) noexcept : hosts_(hosts) {}

    void put(const std::string& host, SessionHandle session);
    /// The newest one for that host, or nothing. A ticket of TLS 1.3 is given once only (RFC 8446 appendix
    /// C.4: used twice it would let a listener connect the two connections).
    SessionHandle take(const std::string& host);

private:
    struct Entry {
        std::vector<SessionHandle> sessions;
        std::list<std::string>::iterator use;
    };
    std::size_t hosts_;
    std::mutex mutex_;
    std::list<std::string> uses_; // last used first
    std::map<std::string, Entry> entries_;
};

} // namespace twistdpp::detail
