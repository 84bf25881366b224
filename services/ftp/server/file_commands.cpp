#include "twistdpp/ftp_server/ftp_server.h"
#include "twistdpp/ftp_server/pool_work.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/hex.h"
#include "twistdpp/base/number.h"
#include "twistdpp/cred/sha256.h"

#include <array>
#include <cerrno>
#include <unistd.h>

// What is done with files and folders without a data connection.

namespace twistdpp::ftp {

namespace {

using files::FileInfo;

constexpr mode_t kFolderMode = 0777; // less the umask

/// An operation that gives nothing, for onPool().
std::function<Result<bool>()> plain(std::function<Result<void>()> work) {
    return [work = std::move(work)]() -> Result<bool> {
        if (auto done = work(); !done)
            return std::move(done).error();
        return true;
    };
}

/// "20261127100000 path" and a shorter time of SITE UTIME.
std::pair<std::int64_t, std::string> timeAndPath(const std::string& argument) {
    const std::size_t space = argument.find(' ');
    if (space == std::string::npos)
        throw FtpError(501, "say a time, YYYYMMDDHHMMSS, and a name");
    std::string time = argument.substr(0, space);
    if (time.size() == 12)
        time += "00";
    const auto read = parseTime(time);
    if (!read)
        throw FtpError(501, "a time is YYYYMMDDHHMMSS");
    return {*read, argument.substr(space + 1)};
}

Result<std::string> digestOf(const files::FileTree& tree, const std::string& path, std::uint64_t& size) {
    auto file = tree.read(path);
    if (!file)
        return std::move(file).error();
    Sha256 digest;
    std::string block(256 * 1024, '\0');
    size = 0;
    while (true) {
        const ssize_t got = ::read(file->fd.get(), block.data(), block.size());
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return Error::fromErrno(errno, path);
        if (got == 0)
            return toHex(digest.finish());
        digest.add(Bytes(block).substr(0, static_cast<std::size_t>(got)));
        size += static_cast<std::uint64_t>(got);
    }
}

} // namespace

Deferred<void> FtpServer::pwd(std::string) {
    say(257, quotedPath(folder_) + " is the folder");
    return succeed();
}

Deferred<void> FtpServer::cwd(std::string argument) {
    const std::string path = pathOf(argument);
    return onPool<FileInfo>(
               transport().reactor(), [tree = tree(), path] { return tree->info(path); }
    ).addCallback([this, path](const FileInfo& info) {
        if (info.kind != FileInfo::Kind::folder)
            throw FtpError(550, "that is no folder");
        folder_ = path;
        say(250, "the folder is " + path);
    });
}

Deferred<void> FtpServer::cdup(std::string) {
    return cwd("..");
}

Deferred<void> FtpServer::mkd(std::string argument) {
    const std::string path = pathOf(argument);
    return onPool<bool>(
               transport().reactor(), plain([tree = tree(), path, mode = kFolderMode & ~home_->umask] {
                   return tree->makeFolder(path, mode);
               })
    ).addCallback([this, path](bool) { say(257, quotedPath(path) + " is made"); });
}

Deferred<void> FtpServer::rmd(std::string argument) {
    const std::string path = pathOf(argument);
    return onPool<bool>(
               transport().reactor(), plain([tree = tree(), path] { return tree->removeFolder(path); })
    ).addCallback([this](bool) { say(250, "it is gone"); });
}

Deferred<void> FtpServer::dele(std::string argument) {
    const std::string path = pathOf(argument);
    return onPool<bool>(
               transport().reactor(), plain([tree = tree(), path] { return tree->remove(path); })
    ).addCallback([this](bool) { say(250, "it is gone"); });
}

Deferred<void> FtpServer::rnfr(std::string argument) {
    const std::string path = pathOf(argument);
    return onPool<FileInfo>(
               transport().reactor(), [tree = tree(), path] { return tree->info(path); }
    ).addCallback([this, path](const FileInfo&) {
        renaming_ = path;
        say(350, "and its new name, by RNTO");
    });
}

Deferred<void> FtpServer::rnto(std::string argument) {
    const std::string from = std::exchange(renaming_, {});
    if (from.empty())
        throw FtpError(503, "say RNFR first");
    const std::string to = pathOf(argument);
    return onPool<bool>(
               transport().reactor(), plain([tree = tree(), from, to] { return tree->rename(from, to); })
    ).addCallback([this](bool) { say(250, "it has the new name"); });
}

Deferred<void> FtpServer::size(std::string argument) {
    const std::string path = pathOf(argument);
    // What goes over may be longer than the file (RFC 3659 section 4).
    if (text_)
        throw FtpError(550, "the size of a text on its way is not known; say TYPE I first");
    return onPool<FileInfo>(
               transport().reactor(), [tree = tree(), path] { return tree->info(path); }
    ).addCallback([this](const FileInfo& info) {
        if (info.kind != FileInfo::Kind::file)
            throw FtpError(550, "that is no file");
        say(213, std::to_string(info.size));
    });
}

Deferred<void> FtpServer::mdtm(std::string argument) {
    const std::string path = pathOf(argument);
    return onPool<FileInfo>(
               transport().reactor(), [tree = tree(), path] { return tree->info(path); }
    ).addCallback([this](const FileInfo& info) { say(213, timeText(info.modified)); });
}

Deferred<void> FtpServer::mfmt(std::string argument) {
    const auto [time, name] = timeAndPath(argument);
    const std::string path = pathOf(name);
    return onPool<bool>(
               transport().reactor(),
               plain([tree = tree(), path, time = time] { return tree->setModified(path, time); })
    ).addCallback([this, time = time, path](bool) { say(213, "Modify=" + timeText(time) + "; " + path); });
}

Deferred<void> FtpServer::mlst(std::string argument) {
    const std::string path = argument.empty() ? folder_ : pathOf(argument);
    return onPool<FileInfo>(
               transport().reactor(), [tree = tree(), path] { return tree->info(path); }
    ).addCallback([this, path](const FileInfo& info) {
        Reply reply(250, "this is what is known of it");
        reply.lines.push_back(factLine(path, info, facts_, home_->writable));
        reply.lines.emplace_back("end");
        say(reply);
    });
}

Deferred<void> FtpServer::hash(std::string argument) {
    const std::string path = pathOf(argument);
    const auto size = std::make_shared<std::uint64_t>(0);
    return onPool<std::string>(
               transport().reactor(),
               [tree = tree(), path, size, known = known_]() -> Result<std::string> {
                   const auto info = tree->info(path);
                   if (info && known && known->path == path && known->info == *info) {
                       *size = info->size;
                       return known->digest;
                   }
                   return digestOf(*tree, path, *size);
               }
    ).addCallback([this, path, size](const std::string& digest) {
        say(213, "SHA-256 0-" + std::to_string(*size) + " " + digest + " " + path);
    });
}

Deferred<void> FtpServer::site(std::string argument) {
    Bytes rest = argument;
    const std::string what = ascii::toLower(ascii::cut(rest, ' '));
    if (what == "help")
        return help("SITE");
    if (what != "chmod" && what != "utime")
        throw FtpError(504, "there are SITE CHMOD and SITE UTIME");
    if (!home_->writable)
        throw FtpError(550, "nothing may be changed here");
    if (what == "utime") {
        const auto [time, name] = timeAndPath(std::string(rest));
        const std::string path = pathOf(name);
        return onPool<bool>(
                   transport().reactor(),
                   plain([tree = tree(), path, time = time] { return tree->setModified(path, time); })
        ).addCallback([this](bool) { say(200, "done"); });
    }
    mode_t mode = 0;
    const Bytes digits = ascii::cut(rest, ' ');
    for (const char c : digits) {
        if (c < '0' || c > '7' || digits.size() > 4)
            throw FtpError(501, "permissions are octal digits, as 644");
        mode = mode * 8 + static_cast<mode_t>(c - '0');
    }
    if (digits.empty())
        throw FtpError(501, "say SITE CHMOD mode path");
    const std::string path = pathOf(std::string(rest));
    return onPool<bool>(
               transport().reactor(), plain([tree = tree(), path, mode] { return tree->chmod(path, mode); })
    ).addCallback([this](bool) { say(200, "done"); });
}

} // namespace twistdpp::ftp
