#pragma once
#include "twistdpp/mail_server/domains.h"

#include "twistdpp/app/option_set.h"
#include "twistdpp/app/service_maker.h"

#include <cstdint>
#include <string>
#include <vector>

namespace twistdpp::mail {

/// The options of `twistdpp mail`: Twisted's and ours.
class MailConfig final : public ServiceConfig {
public:
    void declare(OptionSet& options) override;
    Result<void> validate() override;

    /// What to listen on, as endpoint strings.
    std::vector<std::string> smtpEndpoints() const;
    std::vector<std::string> pop3Endpoints() const;

    /// A user that --user makes, or gives a new password.
    struct User {
        std::size_t domain; // which of `domains`
        std::string name, password;
    };

    std::vector<std::string> smtp, pop3;
    bool noSmtp = false;
    bool noPop3 = false;
    std::vector<Domain> domains;
    std::vector<User> users;
    bool esmtp = true;
    std::string hostname;
    std::vector<std::string> auth;
    bool disableAnonymous = false;
    std::string certificate, privateKey;
    bool clearPasswords = false;
    std::uint64_t maxSize = 50U << 20U;
    std::uint32_t maxRecipients = 1000;
    Duration timeout = std::chrono::minutes(5);

private:
    Result<void> addDomain(Bytes text);
    Result<void> addUser(Bytes text);
    Result<Domain*> last();
};

} // namespace twistdpp::mail
