#pragma once
#include "twistdpp/mail_relay/relay_options.h"
#include "twistdpp/mail_server/domains.h"
#include "twistdpp/net/prefix.h"
#include "twistdpp/reactor/address.h"

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
    Result<std::string> answer() const override;

    /// What to listen on, as endpoint strings.
    std::vector<std::string> smtpEndpoints() const;
    std::vector<std::string> pop3Endpoints() const;
    std::vector<std::string> imapEndpoints() const;
    const std::vector<std::string>& submissionEndpoints() const noexcept { return submission; }

    /// A user that --user makes, or gives a new password.
    struct User {
        std::size_t domain; // which of `domains`
        std::string name, password;
    };

    std::vector<std::string> smtp, pop3, imap, submission;
    bool noSmtp = false;
    bool noPop3 = false;
    bool noImap = false;
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
    std::uint64_t quota = 0; // bytes of one mailbox; 0: none
    Duration timeout = std::chrono::minutes(5);

    /// The relay: mail for other domains is sent on.
    std::string relay;                 // its folder; empty: there is none
    std::vector<std::string> relayFor; // networks, or "none"
    std::vector<Prefix> relayNetworks; // the same, read
    std::string relayVia;
    std::uint16_t relayPort = 25;
    std::string relayLogin;       // a file; empty: nobody logs in
    std::string relayAuthorities; // certificates, a file or a folder; empty: the system's
    bool mtaSts = true;
    std::uint16_t mtaStsPort = 443;
    std::vector<std::string> dns; // servers to ask, or the system's
    std::vector<Address> dnsServers;
    RelayOptions sending; // times and numbers
    std::vector<std::string> words;

    /// Whether mail comes from whom it says.
    std::vector<std::string> dkim; // DOMAIN:SELECTOR:FILE
    struct Signer {
        std::string domain, selector, file;
    };
    std::vector<Signer> signers; // the same, read
    bool checkSenders = false;
    bool refuseForged = false;

    /// The sink: everything is caught, and no domain is needed.
    bool sink = false;
    std::vector<std::string> http;
    std::vector<std::string> faults; // Fault::parse() takes each
    std::uint32_t keep = 1000;       // mails
    std::uint64_t keepBytes = 256U << 20U;
    std::vector<std::string> httpEndpoints() const;
    /// Whether there is mail that could be read here.
    bool keepsMail() const noexcept { return sink || !domains.empty(); }

private:
    Result<void> addDomain(Bytes text);
    Result<void> addUser(Bytes text);
    Result<Domain*> last();
    void declareRelay(OptionSet& options);
    Result<void> validateRelay();
    void declareProofs(OptionSet& options);
    Result<void> validateProofs();
};

} // namespace twistdpp::mail
