#include "twistdpp/service_words/words_config.h"

#include "twistdpp/app/machine_name.h"
#include "twistdpp/app/start_folder.h"
#include "twistdpp/base/ascii.h"
#include "twistdpp/irc/names.h"
#include "twistdpp/irc/utf8.h"
#include "twistdpp/net/prefix.h"

#include <algorithm>
#include <array>
#include <fstream>

namespace twistdpp::words {

namespace {

constexpr std::size_t kMotdLine = 400;
constexpr std::size_t kMotdLines = 1000;

/// A name that can stand in front of a line and between its words.
Result<void> checkHostname(Bytes text) {
    const bool good = text.size() <= 63 && std::all_of(text.begin(), text.end(), [](char c) {
                          return ascii::isAlpha(c) || ascii::isDigit(c) || c == '.' || c == '-' || c == '_';
                      });
    if (!good)
        return Error("is not a host name (letters, digits, '.', '-', at most 63)");
    return {};
}

Result<void> checkNetwork(Bytes text) {
    const bool good =
        !text.empty() && text.size() <= 64 && std::none_of(text.begin(), text.end(), [](char c) {
            return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
        });
    if (!good)
        return Error("is not a name of 1 to 64 bytes without control characters");
    return {};
}

std::string channelName(Bytes group) {
    return irc::looksLikeChannel(group) ? std::string(group) : "#" + std::string(group);
}

Result<void> checkGroup(Bytes text) {
    if (!irc::isChannel(channelName(text), NameLimits().channel))
        return Error("cannot be a channel's name (no spaces, commas or control characters, at most 64 bytes)"
        );
    return {};
}

Result<void> checkOperator(Bytes text) {
    const auto colon = text.find(':');
    if (colon == Bytes::npos || colon == 0)
        return Error("is not of the form NAME:HASH");
    auto hash = PasswordHash::parse(text.substr(colon + 1));
    return hash ? Result<void>() : std::move(hash).error();
}

Result<void> checkOrigin(Bytes text) {
    const auto at = text.find("://");
    if (at == Bytes::npos || at == 0 || text.find('/', at + 3) != Bytes::npos || text.size() == at + 3)
        return Error("is not of the form https://HOST or https://HOST:PORT");
    return {};
}

Result<void> checkPrefix(Bytes text) {
    auto prefix = Prefix::parse(text);
    return prefix ? Result<void>() : std::move(prefix).error();
}

/// "PREFIX=HASH".
Result<Gateway> parseGateway(Bytes text) {
    const auto sign = text.find('=');
    if (sign == Bytes::npos || sign == 0)
        return Error("is not of the form NETWORK=HASH");
    auto prefix = Prefix::parse(text.substr(0, sign));
    if (!prefix)
        return std::move(prefix).error();
    auto hash = PasswordHash::parse(text.substr(sign + 1));
    if (!hash)
        return std::move(hash).error();
    return Gateway(*std::move(prefix), *std::move(hash));
}

Result<void> checkGateway(Bytes text) {
    auto gateway = parseGateway(text);
    return gateway ? Result<void>() : std::move(gateway).error();
}

Result<void> checkPassword(Bytes text) {
    auto hash = PasswordHash::parse(text);
    return hash ? Result<void>() : std::move(hash).error();
}

Result<std::vector<std::string>> readMotd(const std::string& path) {
    std::ifstream file(fromStartFolder(path));
    if (!file)
        return Error::fromErrno(errno, "option --motd: cannot read " + path);
    std::vector<std::string> lines;
    for (std::string line; lines.size() < kMotdLines && std::getline(file, line);) {
        if (!line.empty() && line.back() == '\r')
            line.pop_back();
        line.resize(irc::utf8Boundary(line, kMotdLine));
        lines.push_back(line);
    }
    if (file.bad())
        return Error::fromErrno(errno, "option --motd: cannot read " + path);
    return lines;
}

} // namespace

void WordsConfig::declare(OptionSet& options) {
    options
        .add(
            "--irc-port", ircPorts,
            "where to listen: an endpoint (tcp:6667, ssl:6697:privateKey=FILE:certKey=FILE, unix:PATH); may "
            "be "
            "given several times (default: tcp:6667)"
        )
        .value("ENDPOINT")
        .group("Where");
    options
        .add(
            "--websocket-port", webSocketPorts,
            "where web pages connect: an endpoint, spoken to by WebSocket; may be given several times"
        )
        .value("ENDPOINT")
        .group("Where");
    options
        .add(
            "--websocket-origin", webSocketOrigins,
            "a site whose pages may (https://chat.example.org); may be given several times (default: all)"
        )
        .value("ORIGIN")
        .check(checkOrigin)
        .group("Where");
    options.add("--hostname", hostname, "the server's name in its lines (default: this machine's)")
        .value("NAME")
        .check(checkHostname)
        .group("Where");
    options
        .add(
            "--sts-port", stsPort,
            "the port of TLS, which clients that come without are told to use from then on"
        )
        .value("PORT")
        .group("Where");
    options
        .add(
            "--sts-duration", stsDuration,
            "how long a client that came over TLS shall use nothing else; 0: not told"
        )
        .value("TIME")
        .group("Where");
    options.add("--network", network, "the network's name that clients show")
        .value("NAME")
        .check(checkNetwork)
        .group("Where");

    options
        .add(
            "--auth", auth,
            "who may log in: TYPE[:ARGUMENT], see --help-auth; may be given several times. Without it nobody "
            "needs an account"
        )
        .value("TYPE[:ARG]")
        .group("Who");
    options
        .add(
            "--no-registration", noRegistration,
            "without --auth: people may not make accounts of their own (NickServ)"
        )
        .group("Who");
    options.add("--passwd", passwordFile, "the same as --auth file:FILE").value("FILE").group("Who");
    options.add("--open", open, "with --auth: let in people without an account too").group("Who");
    options
        .add(
            "--password", password,
            "the server's password, which clients send with PASS: its hash, or the password itself"
        )
        .value("HASH")
        .check(checkPassword)
        .group("Who");
    options.add("--oper", operators, "who may say OPER NAME and the password; may be given several times")
        .value("NAME:HASH")
        .check(checkOperator)
        .group("Who");

    options
        .add(
            "--webirc", gateways,
            "a web gateway in that network, which says with this password where its clients come from "
            "(WEBIRC); may be given several times"
        )
        .value("NETWORK=HASH")
        .check(checkGateway)
        .group("Who");
    options
        .add(
            "--cloak", cloak,
            "show names in place of addresses, made with the key in FILE, which is made when it is not there"
        )
        .value("FILE")
        .group("Who");

    options
        .add(
            "--group", groups,
            "a channel that stands from the start and stays; '#' may be left out; may be given several times"
        )
        .value("NAME")
        .check(checkGroup)
        .group("What");
    options
        .add(
            "--database", database,
            "a file for accounts, registered channels and history, made when it is not there; without one "
            "they last "
            "until the server stops"
        )
        .value("FILE")
        .group("What");
    options
        .add(
            "--history", history,
            "messages to keep of each channel and private conversation; 0: none (default: 10000 with a "
            "database, "
            "200 without)"
        )
        .value("MESSAGES")
        .group("What");
    options.add("--history-age", historyAge, "forget what is older; 0: never").value("TIME").group("What");
    options.add("--any-bytes", anyBytes, "take lines that are no UTF-8 too").group("What");
    options.add("--motd", motd, "a text file, the message of the day").value("FILE").group("What");
    options.add("--admin", admin, "a line for ADMIN: place, organisation, mail; up to three times")
        .value("TEXT")
        .group("What");

    options
        .add(
            "--per-address", perAddress,
            "connections that one address may have (of IPv6: one /64); 0: any number"
        )
        .value("CONNECTIONS")
        .group("Limits");
    options.add("--per-minute", perMinute, "and how many of them may come within a minute; 0: any number")
        .value("CONNECTIONS")
        .group("Limits");
    options
        .add(
            "--accounts-per-hour", accountsPerHour,
            "accounts that may be made from one address within an hour; 0: any number"
        )
        .value("ACCOUNTS")
        .group("Limits");
    options
        .add(
            "--exempt", exempt,
            "a network that these three do not hold for, as they never do for this machine; may be given "
            "several times"
        )
        .value("PREFIX")
        .check(checkPrefix)
        .group("Limits");
    options
        .add(
            "--send-queue", limits.sendQueue,
            "bytes that may wait for a client that does not read; then it is cut"
        )
        .value("BYTES")
        .group("Limits");
    options.add("--flood-rate", floodRate, "lines a second that a client may send for long; 0: any number")
        .value("LINES")
        .group("Limits");
    options.add("--flood-burst", floodBurst, "lines that a client may send at once after a quiet time")
        .value("LINES")
        .group("Limits");
    options.add("--ping-interval", limits.pingInterval, "how long a client may be quiet before it is asked")
        .value("TIME")
        .group("Limits");
    options.add("--ping-timeout", limits.pingTimeout, "and how long it may take to answer")
        .value("TIME")
        .group("Limits");
    options
        .add("--registration-timeout", limits.registrationTime, "how long a client may take to say who it is")
        .value("TIME")
        .group("Limits");

    options.refuse(
        "--pb-port", "use --irc-port; the wire format of Perspective Broker is Python's own", true
    );

    options.example(
        "twistdpp words --irc-port tcp:6667 --auth file:passwords.txt --group channel",
        "users with passwords, and one channel"
    );
    options.example(
        "twistdpp -n words --irc-port tcp:6667:interface=127.0.0.1", "for everyone on this machine"
    );
    options.example(
        "twistdpp words --irc-port ssl:6697:privateKey=key.pem:certKey=cert.pem --passwd passwords.txt",
        "over TLS alone"
    );
}

Result<void> WordsConfig::validate() {
    if (open && checkers().empty())
        open = false; // it is open anyway
    if (stsPort != 0 && stsDuration <= Duration::zero())
        return Error("option --sts-port: say with --sts-duration how long clients shall remember it");
    if (admin.size() > 3)
        return Error("option --admin: at most three lines are shown");
    if (floodRate > 0 && floodBurst == 0)
        return Error("option --flood-burst: at least one line must be allowed (or --flood-rate 0)");
    if (limits.pingInterval <= Duration::zero() || limits.pingTimeout <= Duration::zero() ||
        limits.registrationTime <= Duration::zero())
        return Error(
            "options --ping-interval, --ping-timeout, --registration-timeout: a time of 0 lets nobody in"
        );
    if (limits.sendQueue < 64 * 1024)
        return Error("option --send-queue: less than 65536 bytes would cut clients that read");
    return {};
}

HistoryLimits WordsConfig::historyLimits() const {
    HistoryLimits kept;
    kept.messages = history != kUnset ? history : database.empty() ? 200 : 10'000;
    kept.seconds = std::chrono::duration_cast<std::chrono::seconds>(historyAge).count();
    return kept;
}

std::vector<std::string> WordsConfig::endpoints() const {
    return ircPorts.empty() ? std::vector<std::string>{"tcp:6667"} : ircPorts;
}

std::vector<std::string> WordsConfig::checkers() const {
    std::vector<std::string> out = auth;
    if (!passwordFile.empty())
        out.push_back("file:" + fromStartFolder(passwordFile));
    return out;
}

Result<ServerOptions> WordsConfig::serverOptions() const {
    ServerOptions out;
    out.hostname = hostname.empty() ? machineName() : hostname;
    out.network = network;
    out.version = "twistdpp-words";
    if (!motd.empty()) {
        auto lines = readMotd(motd);
        if (!lines)
            return std::move(lines).error();
        out.motd = *std::move(lines);
    }
    out.admin = admin;
    for (const std::string& group : groups)
        out.groups.push_back(channelName(group));
    out.accountNeeded = !checkers().empty() && !open;
    out.registration = checkers().empty() && !noRegistration;
    out.history = historyLimits();
    out.utf8Only = !anyBytes;
    out.stsPort = stsPort;
    out.stsDuration = stsDuration;
    if (!password.empty())
        out.password = *PasswordHash::parse(password);
    for (const std::string& text : operators) {
        const auto colon = text.find(':');
        out.operators.emplace(text.substr(0, colon), *PasswordHash::parse(Bytes(text).substr(colon + 1)));
    }
    for (const std::string& text : gateways)
        out.gateways.push_back(*parseGateway(text));
    if (!cloak.empty()) {
        auto made = Cloak::fromFile(fromStartFolder(cloak));
        if (!made)
            return std::move(made).error().within("option --cloak");
        out.cloak = *std::move(made);
    }
    out.arrivals.atOnce = perAddress;
    out.arrivals.aMinute = perMinute;
    out.arrivals.accountsAnHour = accountsPerHour;
    for (const std::string& text : exempt)
        out.arrivals.exempt.push_back(*Prefix::parse(text));
    out.connections = limits;
    out.connections.linesPerSecond = floodRate;
    out.connections.lineBurst = floodBurst;
    return out;
}

} // namespace twistdpp::words
