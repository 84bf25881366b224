#include "twistdpp/service_mail/mail_config.h"

#include "twistdpp/app/machine_name.h"
#include "twistdpp/app/start_folder.h"
#include "twistdpp/base/ascii.h"
#include "twistdpp/mail_store/user_folder.h"

#include <algorithm>

namespace twistdpp::mail {

namespace {

Result<void> checkHostname(Bytes text) {
    if (!smtp::isDomain(text))
        return Error("is not a host name");
    return {};
}

} // namespace

Result<void> MailConfig::addDomain(Bytes text) {
    Bytes folder = text;
    const std::string name = ascii::toLower(ascii::cut(folder, '='));
    if (!smtp::isDomain(name) || folder.empty())
        return Error("is not of the form DOMAIN=FOLDER");
    const bool there =
        std::any_of(domains.begin(), domains.end(), [&](const Domain& each) { return each.name == name; });
    if (there)
        return Error("the domain " + name + " was given already");
    domains.emplace_back(name, fromStartFolder(std::string(folder)));
    return {};
}

Result<Domain*> MailConfig::last() {
    if (domains.empty())
        return Error("stands behind the --maildirdbmdomain that it is for");
    return &domains.back();
}

Result<void> MailConfig::addUser(Bytes text) {
    Bytes password = text;
    std::string name = ascii::toLower(ascii::cut(password, '='));
    if (password.empty())
        return Error("is not of the form NAME=PASSWORD");
    if (auto domain = last(); !domain)
        return std::move(domain).error();
    std::size_t index = domains.size() - 1;
    if (const auto at = name.rfind('@'); at != std::string::npos) {
        const auto found = std::find_if(domains.begin(), domains.end(), [&](const Domain& each) {
            return each.name == Bytes(name).substr(at + 1);
        });
        if (found == domains.end())
            return Error("the domain of " + name + " was not given before");
        index = static_cast<std::size_t>(found - domains.begin());
        name.resize(at);
    }
    if (!isUserName(name))
        return Error("the name of a user has 1 to 64 printable characters, and none of / @ : \" \\");
    users.push_back({index, name, std::string(password)});
    return {};
}

void MailConfig::declare(OptionSet& options) {
    domains.clear();
    users.clear();
    options
        .add(
            "-s,--smtp", smtp,
            "where to take mail: an endpoint; may be given several times (default: tcp:8025)"
        )
        .value("ENDPOINT")
        .group("Where");
    options
        .add(
            "-p,--pop3", pop3, "where to give it: an endpoint; may be given several times (default: tcp:8110)"
        )
        .value("ENDPOINT")
        .group("Where");
    options.add("--no-smtp", noSmtp, "take no mail").group("Where");
    options.add("--no-pop3", noPop3, "give none").group("Where");
    options
        .add(
            "-H,--hostname", hostname, "this server's name in greetings and headers (default: this machine's)"
        )
        .value("NAME")
        .check(checkHostname)
        .group("Where");
    options
        .add(
            "--tls-cert", certificate,
            "a certificate in PEM, with its key unless --tls-key names it: STARTTLS and STLS are offered then"
        )
        .value("FILE")
        .group("Where");
    options.add("--tls-key", privateKey, "its private key").value("FILE").group("Where");
    options.add("-E,--esmtp", esmtp, "speak ESMTP; --no-esmtp: HELO alone").group("Where");

    options
        .on(
            "-d,--maildirdbmdomain", [this](Bytes text) { return addDomain(text); },
            "keep the mail for a domain in a folder: passwd/ has its users, and each has a Maildir; may be "
            "given several times"
        )
        .value("DOMAIN=FOLDER")
        .group("For whom");
    options
        .on(
            "-u,--user", [this](Bytes text) { return addUser(text); },
            "a user of the domain before it, or of that in NAME@DOMAIN: made, or given this password, of "
            "which a hash is kept"
        )
        .value("NAME=PASSWORD")
        .group("For whom");
    options
        .onFlag(
            "-D,--default",
            [this]() -> Result<void> {
                auto domain = last();
                if (!domain)
                    return std::move(domain).error();
                for (Domain& each : domains)
                    each.isDefault = false;
                (*domain)->isDefault = true;
                return {};
            },
            "the domain before it takes the mail of all domains that are not given"
        )
        .group("For whom");
    options
        .onFlag(
            "-b,--bounce-to-postmaster",
            [this]() -> Result<void> {
                auto domain = last();
                if (!domain)
                    return std::move(domain).error();
                (*domain)->unknownToPostmaster = true;
                return {};
            },
            "the postmaster of the domain before it gets the mail for users whom there are not"
        )
        .group("For whom");

    options
        .add(
            "--auth", auth,
            "who may log in besides the domains' users: TYPE[:ARGUMENT], see --help-auth; may be given "
            "several times"
        )
        .value("TYPE[:ARG]")
        .group("Who");
    options.add("--disable-anonymous", disableAnonymous, "nobody sends without a login").group("Who");
    options
        .add(
            "--clear-passwords", clearPasswords,
            "take passwords on connections that are not encrypted, although there is a certificate"
        )
        .group("Who");

    options.add("--max-size", maxSize, "longest message, in bytes").value("BYTES").group("Limits");
    options.add("--max-recipients", maxRecipients, "most recipients of one message")
        .value("COUNT")
        .group("Limits");
    options.add("--timeout", timeout, "how long a client of SMTP may be silent")
        .value("TIME")
        .group("Limits");

    options.example(
        "twistdpp mail --maildirdbmdomain=example.com=mail --user=joe=password",
        "take mail for joe@example.com on port 8025, and give it on port 8110"
    );
    options.example(
        "twistdpp mail --smtp=tcp:25 --pop3=tcp:110 --pop3=ssl:995:privateKey=key.pem:certKey=cert.pem "
        "--tls-cert=cert.pem --tls-key=key.pem -d example.com=/var/mail/example.com",
        "with TLS"
    );
}

Result<void> MailConfig::validate() {
    if (noSmtp && noPop3)
        return Error("options --no-smtp and --no-pop3: nothing is left to do");
    if (domains.empty())
        return Error("option --maildirdbmdomain: say whose mail is kept, and where: -d example.com=FOLDER");
    if (!privateKey.empty() && certificate.empty())
        return Error("option --tls-key: --tls-cert names the certificate that it is for");
    if (maxSize < 64 * 1024)
        return Error("option --max-size: RFC 5321 asks for 65536 bytes at least");
    if (maxRecipients < 100)
        return Error("option --max-recipients: RFC 5321 asks for 100 at least");
    if (timeout <= Duration::zero())
        return Error("option --timeout: a time of 0 lets nobody in");
    if (hostname.empty())
        hostname = machineName();
    return {};
}

std::vector<std::string> MailConfig::smtpEndpoints() const {
    if (noSmtp)
        return {};
    return smtp.empty() ? std::vector<std::string>{"tcp:8025"} : smtp;
}

std::vector<std::string> MailConfig::pop3Endpoints() const {
    if (noPop3)
        return {};
    return pop3.empty() ? std::vector<std::string>{"tcp:8110"} : pop3;
}

} // namespace twistdpp::mail
