#include "twistdpp/service_mail/mail_config.h"

#include "twistdpp/service_mail/queue_answers.h"

#include "twistdpp/app/machine_name.h"
#include "twistdpp/app/start_folder.h"
#include "twistdpp/base/ascii.h"
#include "twistdpp/base/number.h"
#include "twistdpp/mail_proof/dkim_key.h"
#include "twistdpp/mail_sink/faults.h"
#include "twistdpp/mail_store/user_folder.h"

#include <algorithm>

namespace twistdpp::mail {

namespace {

/// Lines for the zones of the domains that sign.
Result<std::string> dkimRecords(const MailConfig& config) {
    constexpr std::size_t kString = 255; // bytes of one string of a TXT record
    std::string out;
    for (const MailConfig::Signer& each : config.signers) {
        const auto key = DkimKey::load(each.file);
        if (!key)
            return Error(key.error()).within("option --dkim");
        out += each.selector + "._domainkey." + each.domain + ". IN TXT";
        const std::string record = key->record();
        for (std::size_t at = 0; at < record.size(); at += kString)
            out += " \"" + record.substr(at, kString) + "\"";
        out += "\n";
    }
    return out;
}

/// "192.0.2.1", "192.0.2.1:5353", "[2001:db8::1]:53", "2001:db8::1".
Result<Address> addressWithPort(Bytes text, std::uint16_t port) {
    Bytes host = text;
    if (text.starts_with('[') && text.find(']') != Bytes::npos) {
        host = text.substr(1, text.find(']') - 1);
        text.remove_prefix(text.find(']') + 1);
    } else if (std::count(text.begin(), text.end(), ':') == 1) {
        host = text.substr(0, text.find(':'));
        text.remove_prefix(text.find(':'));
    } else {
        return Address::parse(host, port);
    }
    if (text.empty())
        return Address::parse(host, port);
    const auto given = parseUnsigned<std::uint16_t>(text.substr(1));
    if (text.front() != ':' || !given || *given == 0)
        return Error("'" + std::string(text) + "' is no port");
    return Address::parse(host, *given);
}

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
    options
        .add(
            "--submission", submission,
            "where users hand mail in, who have to log in, as on 587 and by TLS on 465: an endpoint; may be "
            "given several times (default: none)"
        )
        .value("ENDPOINT")
        .group("Where");
    options
        .add(
            "--imap", imap,
            "where mail is read by IMAP: an endpoint; may be given several times (default: tcp:8143)"
        )
        .value("ENDPOINT")
        .group("Where");
    options.add("--no-smtp", noSmtp, "take no mail").group("Where");
    options.add("--no-pop3", noPop3, "give none by POP3").group("Where");
    options.add("--no-imap", noImap, "nor by IMAP").group("Where");
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
        .on(
            "-A,--aliases",
            [this](Bytes text) -> Result<void> {
                auto domain = last();
                if (!domain)
                    return std::move(domain).error();
                (*domain)->aliases = fromStartFolder(std::string(text));
                return {};
            },
            "a file of aliases(5) for the domain before it: names that stand for users, addresses, files and "
            "programs"
        )
        .value("FILE")
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
    options.add("--quota", quota, "most that a mailbox holds, in bytes; more has to wait (default: no limit)")
        .value("BYTES")
        .group("Limits");
    options.add("--timeout", timeout, "how long a client of SMTP may be silent")
        .value("TIME")
        .group("Limits");

    declareRelay(options);
    declareProofs(options);

    options
        .add(
            "--sink", sink,
            "catch all mail, whoever it is for, in memory, and show it: for those who write what sends mail. "
            "Nothing leaves, and every login is taken"
        )
        .group("Sink");
    options
        .add(
            "--http", http,
            "where the sink's page is, and its paths for programs: an endpoint; may be given several times "
            "(default: tcp:8080:interface=127.0.0.1)"
        )
        .value("ENDPOINT")
        .group("Sink");
    options
        .add(
            "--fault", faults,
            "an answer that is wrong on purpose: \"451 at RCPT for *@slow.test\", \"delay 5s at DATA\", "
            "\"drop "
            "at END times 1\"; may be given several times"
        )
        .value("RULE")
        .group("Sink");
    options.add("--keep", keep, "how many mails the sink keeps").value("COUNT").group("Sink");
    options.add("--keep-bytes", keepBytes, "and of how many bytes together").value("BYTES").group("Sink");

    options.example(
        "twistdpp mail --maildirdbmdomain=example.com=mail --user=joe=password",
        "take mail for joe@example.com on port 8025, and give it on ports 8110 (POP3) and 8143 (IMAP)"
    );
    options.example(
        "twistdpp mail --smtp=tcp:25 --imap=tcp:143 --imap=ssl:993:privateKey=key.pem:certKey=cert.pem "
        "--no-pop3 "
        "--submission=tcp:587 --tls-cert=cert.pem --tls-key=key.pem -d example.com=/var/mail/example.com",
        "with TLS"
    );
    options.example(
        "twistdpp mail --relay=queue --relay-for=192.0.2.0/24",
        "send on what is handed in from that network, or with a login, and keep it in queue/ until it is "
        "taken"
    );
    options.example("twistdpp mail --relay=queue queue", "what waits there, and why");
    options.example(
        "twistdpp mail --sink", "catch what is sent to port 8025, and show it on http://127.0.0.1:8080"
    );
    options.example(
        "twistdpp mail --sink --fault=\"451 at RCPT for *@slow.test\" --fault=\"drop at END chance 10%\"",
        "and see what the sender makes of trouble"
    );
}

Result<void> MailConfig::validate() {
    if (noSmtp && noPop3 && noImap && submission.empty())
        return Error("options --no-smtp, --no-pop3 and --no-imap: nothing is left to do");

    if (auto good = validateProofs(); !good)
        return good;
    if (auto good = validateRelay(); !good)
        return good;
    if (sink && !domains.empty())
        return Error("options --sink and --maildirdbmdomain: a sink keeps no mail for anyone");
    if (sink && (disableAnonymous || !auth.empty()))
        return Error(
            "options --sink and " + std::string(auth.empty() ? "--disable-anonymous" : "--auth") +
            ": a sink takes mail from everyone, and every login"
        );
    if (sink && quota > 0)
        return Error("options --sink and --quota: --keep and --keep-bytes say how much a sink keeps");
    for (const std::string& text : faults) {
        if (auto fault = Fault::parse(text); !fault)
            return std::move(fault).error().within("option --fault: \"" + text + "\"");
    }
    if (!sink && (!http.empty() || !faults.empty()))
        return Error(std::string("option ") + (http.empty() ? "--fault" : "--http") + ": is for --sink");
    if (keep == 0)
        return Error("option --keep: one mail at least is kept");
    if (domains.empty() && !sink && relay.empty() && words.empty())
        return Error("option --maildirdbmdomain: say whose mail is kept, and where: -d example.com=FOLDER; "
                     "or send it on with --relay; or catch all with --sink");
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

void MailConfig::declareProofs(OptionSet& options) {
    options
        .add(
            "--dkim", dkim,
            "sign what is sent on for this domain, by the key in the file, in PEM; may be given several "
            "times. "
            "`twistdpp mail --dkim ... dkim` prints what the domain has to have in its zone"
        )
        .value("DOMAIN:SELECTOR:FILE")
        .group("Forgery");
    options
        .add(
            "--check-senders", checkSenders,
            "ask whether mail comes from whom it says (SPF, DKIM, DMARC), and write that in front of it"
        )
        .group("Forgery");
    options
        .add(
            "--refuse-forged", refuseForged,
            "and refuse what is not proved and whose domain wants that to be refused"
        )
        .group("Forgery");
}

Result<void> MailConfig::validateProofs() {
    checkSenders = checkSenders || refuseForged;
    signers.clear();
    for (const std::string& each : dkim) {
        Bytes file = each;
        const std::string domain = ascii::toLower(ascii::cut(file, ':'));
        const std::string selector = ascii::toLower(ascii::cut(file, ':'));
        if (!smtp::isDomain(domain) || !smtp::isDomain(selector) || domain.front() == '[' || file.empty())
            return Error("option --dkim: '" + each + "' is not of the form DOMAIN:SELECTOR:FILE");
        signers.push_back({domain, selector, fromStartFolder(std::string(file))});
    }
    if (sink && (checkSenders || !dkim.empty()))
        return Error(
            std::string("options --sink and ") + (checkSenders ? "--check-senders" : "--dkim") +
            ": a sink takes mail as it comes"
        );
    return {};
}

void MailConfig::declareRelay(OptionSet& options) {
    options.words("[queue | trace ID | flush [ID] | drop ID | dkim]", words);
    options
        .add(
            "-R,--relay", relay,
            "send mail for other domains on, for who has logged in or is in --relay-for; it waits in this "
            "folder "
            "until it is taken"
        )
        .value("FOLDER")
        .group("Relay");
    options
        .add(
            "--relay-for", relayFor,
            "a network whose clients may send anywhere without a login, as 192.0.2.0/24, or none; may be "
            "given "
            "several times (default: this machine)"
        )
        .value("NETWORK")
        .group("Relay");
    options
        .add(
            "--relay-via", relayVia,
            "a server that gets all of it, in place of each domain's own; HOST or HOST:PORT"
        )
        .value("HOST[:PORT]")
        .group("Relay");
    options
        .add(
            "--relay-login", relayLogin,
            "a file with NAME:PASSWORD, to log in at the server of --relay-via, which has to be encrypted "
            "and "
            "to prove who it is"
        )
        .value("FILE")
        .group("Relay");
    options.add("--relay-port", relayPort, "the port of the domains' servers").value("PORT").group("Relay");
    options
        .add(
            "--relay-ca", relayAuthorities,
            "certificate authorities in PEM, a file or a folder, of servers that have to prove who they are "
            "(default: the system's)"
        )
        .value("FILE")
        .group("Relay");
    options
        .add(
            "--mta-sts", mtaSts,
            "send mail for domains that have an MTA-STS policy to the servers that it names, and by TLS "
            "alone; --no-mta-sts: as for all others"
        )
        .group("Relay");
    options.add("--mta-sts-port", mtaStsPort, "the port of the servers that have the policies")
        .value("PORT")
        .group("Relay");
    options.add("--relay-connections", sending.perDestination, "most connections to one domain at a time")
        .value("COUNT")
        .group("Relay");
    options.add("--retry", sending.retry, "until the second try; twice as long behind each, up to 4 hours")
        .value("TIME")
        .group("Relay");
    options.add("--warn-after", sending.warnAfter, "when a sender is told that it takes long; 0: never")
        .value("TIME")
        .group("Relay");
    options.add("--expire", sending.expire, "behind which mail goes back to its sender")
        .value("TIME")
        .group("Relay");
    options
        .add(
            "--dns", dns,
            "a name server to ask for mail exchangers, ADDRESS or ADDRESS:PORT; may be given several times "
            "(default: the system's)"
        )
        .value("ADDRESS[:PORT]")
        .group("Relay");
}

Result<std::string> MailConfig::answer() const {
    if (words.empty())
        return std::string();
    if (words.front() == "dkim")
        return dkimRecords(*this);
    return answerWords(relay, words);
}

Result<void> MailConfig::validateRelay() {
    if (!words.empty()) {
        if (auto good = checkWords(words); !good)
            return good;
        if (words.front() == "dkim" && dkim.empty())
            return Error("'dkim' needs --dkim, which says for which domains");
        if (words.front() != "dkim" && relay.empty())
            return Error("'" + words.front() + "' needs --relay, which says where the queue is");
    }
    if (sink && !relay.empty())
        return Error("options --sink and --relay: nothing leaves a sink");
    if (relay.empty() && (!relayFor.empty() || !relayVia.empty()))
        return Error(
            std::string("option ") + (!relayFor.empty() ? "--relay-for" : "--relay-via") + ": is for --relay"
        );
    if (relay.empty() && !checkSenders && !dns.empty())
        return Error("option --dns: is for --relay and --check-senders");
    if (relay.empty() && !relayAuthorities.empty())
        return Error("option --relay-ca: is for --relay");
    if (relayVia.empty() && !relayLogin.empty())
        return Error("option --relay-login: is for the server that --relay-via names");
    for (std::string* path : {&relay, &relayAuthorities, &relayLogin}) {
        if (!path->empty())
            *path = fromStartFolder(*path);
    }
    relayNetworks.clear();
    for (const std::string& each :
         relayFor.empty() ? std::vector<std::string>{"127.0.0.0/8", "::1"} : relayFor) {
        if (each == "none")
            continue;
        auto prefix = Prefix::parse(each);
        if (!prefix)
            return std::move(prefix).error().within("option --relay-for");
        relayNetworks.push_back(*std::move(prefix));
    }
    dnsServers.clear();
    for (const std::string& each : dns) {
        auto server = addressWithPort(each, 53);
        if (!server)
            return std::move(server).error().within("option --dns");
        dnsServers.push_back(*std::move(server));
    }
    if (!relayVia.empty()) {
        Bytes host = relayVia;
        sending.viaPort = relayPort;
        if (const auto colon = host.rfind(':'); colon != Bytes::npos && host.find(':') == colon) {
            sending.viaPort = parseUnsigned<std::uint16_t>(host.substr(colon + 1)).value_or(0);
            host = host.substr(0, colon);
        }
        sending.via = host;
        if (sending.viaPort == 0 || (!smtp::isDomain(sending.via) && !Address::parse(host, 25)))
            return Error("option --relay-via: '" + relayVia + "' is no HOST or HOST:PORT");
    }
    if (sending.perDestination == 0)
        return Error("option --relay-connections: nothing would be sent without one");
    if (sending.retry <= Duration::zero())
        return Error("option --retry: a time of 0 is no pause");
    if (sending.expire <= Duration::zero())
        return Error("option --expire: a time of 0 leaves no time to send it");
    return {};
}

std::vector<std::string> MailConfig::smtpEndpoints() const {
    if (noSmtp)
        return {};
    return smtp.empty() ? std::vector<std::string>{"tcp:8025"} : smtp;
}

std::vector<std::string> MailConfig::httpEndpoints() const {
    return http.empty() ? std::vector<std::string>{"tcp:8080:interface=127.0.0.1"} : http;
}

std::vector<std::string> MailConfig::imapEndpoints() const {
    if (noImap || (imap.empty() && !keepsMail()))
        return {};
    return imap.empty() ? std::vector<std::string>{"tcp:8143"} : imap;
}

std::vector<std::string> MailConfig::pop3Endpoints() const {
    if (noPop3 || (pop3.empty() && !keepsMail()))
        return {};
    return pop3.empty() ? std::vector<std::string>{"tcp:8110"} : pop3;
}

} // namespace twistdpp::mail
