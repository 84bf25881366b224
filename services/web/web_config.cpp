#include "twistdpp/service_web/web_config.h"

#include "twistdpp/app/start_folder.h"
#include "twistdpp/base/ascii.h"
#include "twistdpp/base/number.h"
#include "twistdpp/http/header_list.h"
#include "twistdpp/http/media_types.h"

namespace twistdpp::web {

namespace {

/// "Name: value" taken to pieces.
std::pair<Bytes, Bytes> splitHeader(Bytes line) {
    const auto colon = line.find(':');
    if (colon == Bytes::npos)
        return {line, {}};
    return {line.substr(0, colon), ascii::trim(line.substr(colon + 1))};
}

} // namespace

void WebConfig::declare(OptionSet& options) {
    options
        .add(
            "-p,--port,--listen", listen,
            "where to serve: an endpoint (tcp:8080, ssl:443:privateKey=FILE, unix:PATH), "
            "a port, or ADDRESS:PORT; may be given several times (default: tcp:8080)"
        )
        .value("ENDPOINT")
        .group("Where");
    options.add("--https", https, "also serve over TLS on this port")
        .value("PORT")
        .group("Where")
        .check([](Bytes text) -> Result<void> {
            if (!text.empty() && !parseUnsigned<std::uint16_t>(text))
                return Error("is not a port number (0 to 65535)");
            return {};
        });
    options.add("-c,--certificate", certificate, "the certificate for --https, in PEM form")
        .value("FILE")
        .group("Where");
    options.add("-k,--privkey", privateKey, "its private key, in PEM form").value("FILE").group("Where");

    options.add("--path", path, "the folder, or the one file, to serve; without it a demo page is shown")
        .value("PATH")
        .group("What");
    options.add("-u,--user", users, "serve /NAME/ from public_html in the home of user NAME").group("What");
    options
        .add(
            "-i,--index", indexNames,
            "name of a folder's index page, in place of index, index.html and index.htm; "
            "may be given several times"
        )
        .value("NAME")
        .group("What");
    options
        .add(
            "--ignore-ext", ignoredExtensions, "serve /foo from foo.EXT; may be given several times, * is any"
        )
        .value("EXT")
        .group("What");
    options.add("--allow-ignore-ext", allowIgnoreExtension, "the same as --ignore-ext '*'").group("What");
    options.add("-m,--mime-type", mimeType, "media type of files whose name does not tell")
        .value("TYPE")
        .group("What")
        .check([](Bytes text) -> Result<void> {
            if (!http::MediaTypes::isMediaType(text))
                return Error("is not of the form 'type/subtype'");
            return {};
        });
    options.add("--add-header", headers, "send this field with every answer; may be given several times")
        .value("'NAME: VALUE'")
        .group("What")
        .check([](Bytes text) -> Result<void> {
            const auto [name, value] = splitHeader(text);
            if (text.find(':') == Bytes::npos || !http::HeaderList().add(name, value))
                return Error("is not of the form 'Name: value'");
            if (!http::Site::mayAddHeader(name, value))
                return Error("names a field that the server sets for each answer itself");
            return {};
        });
    options.add("--server-name", serverName, "the value of the Server field; empty leaves it out")
        .value("NAME")
        .group("What")
        .check([](Bytes text) -> Result<void> {
            http::HeaderList list;
            if (!text.empty() && !list.add("Server", text))
                return Error("cannot be the value of a header field");
            return {};
        });
    options.add("--no-listing", noListing, "do not list folders that have no index").group("What");
    options.add("--hidden", hidden, "also serve names that begin with a dot").group("What");
    options
        .add(
            "--links", links,
            "symbolic links that are followed: those that stay beneath the root, none, or all"
        )
        .value("WHICH")
        .oneOf({"beneath", "none", "follow"})
        .group("What");
    options
        .add(
            "--no-compression", noCompression,
            "send files as they are, neither compressed here nor from FILE.gz, .br, .zst"
        )
        .group("What");

    options.add("--auth", auth, "who may log in, see --help-auth; nobody else sees anything then")
        .value("TYPE[:ARG]")
        .group("Who");
    options
        .add(
            "--user-root", userRoot,
            "where the files of those are who log in, with {user} in it; each sees his own"
        )
        .value("FOLDER")
        .group("Who");

    options.add("-l,--logfile", logFile, "write an access log in the combined form; - is the standard output")
        .value("FILE")
        .group("How");
    options.add("--header-timeout", headTime, "how long a client may take to send a request's head")
        .value("TIME")
        .group("How");
    options.add("--idle-timeout", idleTime, "how long a connection may wait for its next request")
        .value("TIME")
        .group("How");
    options.add("--stall-timeout", stallTime, "how long a client may let a body or an answer stand still")
        .value("TIME")
        .group("How");

    options.refuse("--processor", "write a resource in C++ and load it with --plugin", true);
    options.refuse("--class", "write a resource in C++ and load it with --plugin", true);
    options.refuse("--resource-script", "write a resource in C++ and load it with --plugin", true);
    options.refuse("--wsgi", "run the application in a server of its own", true);
    options.refuse("--personal", "use --listen unix:PATH with --path", false);
    options.refuse(
        "--display-tracebacks", "errors are in the log; raise it with --log-level web=debug", false
    );
    options.refuse("-n,--notracebacks", "traces are never shown to clients, so this needs no option", false);

    options.example("twistdpp web --port tcp:8080 --path .", "serve the current folder on port 8080");
    options.example(
        "twistdpp web --port 127.0.0.1:8080 --path site --logfile access.log",
        "on one address, with an access log"
    );
    options.example(
        "twistdpp web --https 443 --certificate cert.pem --privkey key.pem --path /srv/www", "over TLS"
    );
    options.example(
        "twistdpp web --https 8443 --auth file:passwords.txt --user-root '/srv/ftp/{user}'",
        "each user's own folder, the same as by `twistdpp ftp`"
    );
    options.example(
        "twistdpp web --port unix:/run/web.sock --path report.html", "one file, on a unix socket"
    );
}

Result<void> WebConfig::validate() {
    if (!path.empty() && users)
        return Error("--path and --user exclude each other: one says what / is, the other too");
    if (!userRoot.empty()) {
        if (auth.empty())
            return Error("option --user-root: --auth says who logs in");
        if (!path.empty() || users)
            return Error(
                "option --user-root: it says what / is, and so does " +
                std::string(users ? "--user" : "--path")
            );
        if (userRoot.find("{user}") == std::string::npos)
            return Error(
                "option --user-root: '" + userRoot +
                "' has no {user} in it, so all would share it; say --path"
            );
        userRoot = fromStartFolder(userRoot);
    }
    if (allowIgnoreExtension)
        ignoredExtensions.emplace_back("*");
    return {};
}

std::vector<std::string> WebConfig::endpoints() const {
    std::vector<std::string> out = listen;
    if (!https.empty()) {
        const auto quoted = [](const std::string& text) {
            std::string result;
            for (const char c : text) {
                if (c == ':' || c == '=' || c == '\\')
                    result += '\\';
                result += c;
            }
            return result;
        };
        out.push_back(
            "ssl:" + https + ":privateKey=" + quoted(privateKey) + ":certKey=" + quoted(certificate)
        );
    }
    if (out.empty())
        out.emplace_back("tcp:8080");
    return out;
}

FileOptions WebConfig::fileOptions() const {
    FileOptions out;
    if (!indexNames.empty())
        out.indexNames = indexNames;
    out.ignoredExtensions = ignoredExtensions;
    out.listings = !noListing;
    out.compression = !noCompression;
    return out;
}

VisibilityPolicy WebConfig::visibility() const {
    VisibilityPolicy out;
    out.hidden = hidden;
    out.links = links == "none"     ? VisibilityPolicy::Links::none
                : links == "follow" ? VisibilityPolicy::Links::follow
                                    : VisibilityPolicy::Links::beneath;
    return out;
}

http::SiteLimits WebConfig::limits() const {
    http::SiteLimits out;
    out.headTime = headTime;
    out.idleTime = idleTime;
    out.stallTime = stallTime;
    return out;
}

} // namespace twistdpp::web
