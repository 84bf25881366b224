#include "twistdpp/service_ftp/ftp_config.h"

#include "twistdpp/app/machine_name.h"
#include "twistdpp/app/start_folder.h"
#include "twistdpp/base/ascii.h"
#include "twistdpp/base/number.h"

#include <algorithm>

namespace twistdpp::ftp {

namespace {

bool isNumber(Bytes text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), ascii::isDigit);
}

Result<PortRange> parseRange(Bytes text) {
    Bytes rest = text;
    const auto first = parseUnsigned<std::uint16_t>(ascii::cut(rest, '-'));
    const auto last = parseUnsigned<std::uint16_t>(rest);
    if (!first || !last || *first == 0 || *last < *first)
        return Error("is not of the form FIRST-LAST, as 50000-50100");
    return PortRange{*first, *last};
}

Result<mode_t> parseMask(Bytes text) {
    mode_t out = 0;
    for (const char c : text) {
        if (c < '0' || c > '7' || text.size() > 4)
            return Error("is not octal digits, as 022");
        out = out * 8 + static_cast<mode_t>(c - '0');
    }
    return out & 0777;
}

} // namespace

void FtpConfig::declare(OptionSet& options) {
    options
        .add(
            "-p,--port", ports,
            "where to listen: a port, or an endpoint (tcp:2121:interface=127.0.0.1); may be given several "
            "times "
            "(default: 2121)"
        )
        .value("PORT")
        .group("Where");
    options
        .add(
            "--implicit-tls", implicitPorts,
            "the same for clients that speak TLS from the first byte, as on 990; may be given several times"
        )
        .value("PORT")
        .group("Where");
    options.add("--tls-cert", certificate, "a certificate in PEM: AUTH TLS is offered")
        .value("FILE")
        .group("Where");
    options.add("--tls-key", privateKey, "its key (default: in the same file)").value("FILE").group("Where");
    options.add("--require-tls", requireTls, "no logins and no data without TLS").group("Where");
    options
        .add(
            "--tls-reuse", tlsReuse,
            "data connections have to resume the TLS session of the control connection; --no-tls-reuse for "
            "clients that cannot, as Python's"
        )
        .group("Where");
    options
        .on(
            "--passive-ports",
            [this](Bytes text) -> Result<void> {
                auto range = parseRange(text);
                if (!range)
                    return std::move(range).error();
                passivePorts = *range;
                return {};
            },
            "ports for data connections, FIRST-LAST (default: any)"
        )
        .value("RANGE")
        .group("Where");
    options
        .on(
            "--public-address",
            [this](Bytes text) -> Result<void> {
                auto address = Address::parse(text, 0);
                if (!address)
                    return std::move(address).error();
                publicAddress = *address;
                return {};
            },
            "the address that clients are told for data connections, behind a translation"
        )
        .value("ADDRESS")
        .group("Where");
    options.add("--hostname", hostname, "this server's name in its greeting (default: the machine's)")
        .value("NAME")
        .group("Where");

    options.add("-r,--root", root, "what the anonymous see").value("FOLDER").group("Files");
    options
        .add(
            "--user-root", userRoot,
            "the folder of each user, with {user} for the name (default: the home of the system's users, and "
            "/home/{user})"
        )
        .value("FOLDER")
        .group("Files");
    options.add("--anonymous-write", anonymousWrite, "the anonymous may change files, too").group("Files");
    options
        .on(
            "--umask",
            [this](Bytes text) -> Result<void> {
                auto mask = parseMask(text);
                if (!mask)
                    return std::move(mask).error();
                umask = *mask;
                return {};
            },
            "permissions that new files and folders do not have, octal (default: 022)"
        )
        .value("MASK")
        .group("Files");
    options.add("--sync", sync, "what has come is on the disk before that is said").group("Files");

    options.add("--auth", auth, "who may log in, see --help-auth; may be given several times")
        .value("TYPE[:ARG]")
        .group("Who");
    options.add("--password-file", passwordFile, "the same as --auth file:FILE").value("FILE").group("Who");
    options.add("--userAnonymous", anonymousName, "the name of the anonymous; ftp is one, too")
        .value("NAME")
        .group("Who");
    options.add("--no-anonymous", noAnonymous, "nobody comes in without a password").group("Who");

    options.add("--max-clients", limits.all, "most sessions; 0: as many as come")
        .value("COUNT")
        .group("Limits");
    options.add("--max-per-address", limits.perAddress, "most from one address")
        .value("COUNT")
        .group("Limits");
    options.add("--max-per-user", limits.perUser, "most of one user").value("COUNT").group("Limits");
    options.add("--rate", rate, "most bytes a second of a user's session; 0: as many as come")
        .value("BYTES")
        .group("Limits");
    options.add("--anonymous-rate", anonymousRate, "the same for the anonymous")
        .value("BYTES")
        .group("Limits");
    options.add("--quota", quota, "most bytes of a user's files; 0: as many as there is room for")
        .value("BYTES")
        .group("Limits");
    options.add("--timeout", timeout, "how long a client may be silent").value("TIME").group("Limits");

    options.example("twistdpp ftp --port 2121 --root .", "give out this folder to anybody, to be read");
    options.example(
        "twistdpp ftp --port 2121 --no-anonymous --auth file:passwords.txt --user-root '/srv/ftp/{user}'",
        "a folder for each user"
    );
    options.example(
        "sudo twistdpp ftp --port 21 --auth unix --tls-cert cert.pem --require-tls",
        "the system's users and their homes, encrypted"
    );
}

std::vector<std::string> FtpConfig::endpoints() const {
    std::vector<std::string> out = ports;
    if (out.empty() && implicitPorts.empty())
        out.emplace_back("2121");
    for (std::string& each : out) {
        if (isNumber(each))
            each = "tcp:" + each;
    }
    return out;
}

Result<void> FtpConfig::validate() {
    if (hostname.empty())
        hostname = machineName();
    if (certificate.empty() && (!privateKey.empty() || requireTls || !implicitPorts.empty()))
        return Error(
            std::string("option ") +
            (!privateKey.empty() ? "--tls-key"
             : requireTls        ? "--require-tls"
                                 : "--implicit-tls") +
            ": --tls-cert names the certificate that it is for"
        );
    for (const auto* all : {&ports, &implicitPorts}) {
        for (const std::string& each : *all) {
            if (each.starts_with("ssl:") || each.starts_with("tls:"))
                return Error(
                    "option " + std::string(all == &ports ? "--port" : "--implicit-tls") + ": '" + each +
                    "': TLS on data connections has to have the certificate of this one: say --implicit-tls "
                    "PORT "
                    "and --tls-cert"
                );
        }
    }
    if (!passwordFile.empty())
        auth.push_back("file:" + passwordFile);
    if (noAnonymous && auth.empty())
        return Error("option --no-anonymous: nobody could log in; --auth says who may");
    if (noAnonymous && anonymousWrite)
        return Error("option --anonymous-write: there are none by --no-anonymous");
    if (!userRoot.empty() && userRoot.find("{user}") == std::string::npos)
        return Error("option --user-root: '" + userRoot + "' has no {user} in it, so all would share it");
    root = fromStartFolder(root);
    if (!userRoot.empty())
        userRoot = fromStartFolder(userRoot);
    return {};
}

} // namespace twistdpp::ftp
