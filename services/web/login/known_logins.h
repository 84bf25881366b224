#pragma once
#include "twistdpp/service_web/login/basic_credentials.h"

#include "twistdpp/base/time.h"
#include "twistdpp/http/resource.h"

#include <cstddef>
#include <map>
#include <memory>
#include <string>

namespace twistdpp::web {

/// Who has logged in lately, and to what. Browsers send name and password with every request, and a look at
/// a well-kept password takes a processor for a tenth of a second. Keeps no passwords: a keyed digest tells
/// them apart. On one thread.
class KnownLogins {
public:
    struct Login {
        std::string user;
        std::shared_ptr<http::Resource> site;
    };
    /// How long a login is good for: a password that was changed, and a folder that was moved, are noticed
    /// after that time.
    static constexpr Duration kGoodFor = std::chrono::seconds(60);
    static constexpr std::size_t kMost = 256; // the one that ends first is forgotten then

    KnownLogins();
    /// nullptr: not known, or no more. Good until the next call.
    const Login* find(const BasicCredentials& credentials, TimePoint now);
    void add(const BasicCredentials& credentials, Login login, TimePoint now);
    std::size_t size() const noexcept { return logins_.size(); }

private:
    struct Entry {
        Login login;
        TimePoint until;
    };
    std::string digest(const BasicCredentials& credentials) const;

    std::string key_; // random
    std::map<std::string, Entry> logins_;
};

} // namespace twistdpp::web
