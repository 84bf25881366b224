#include "twistdpp/ftp_server/ftp_server.h"
#include "twistdpp/ftp_server/pool_work.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/number.h"
#include "twistdpp/files/list_line.h"
#include "twistdpp/tls/start_tls.h"

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <utility>

// Who somebody is, by which rules the two talk, and what there is to be said.

namespace twistdpp::ftp {

namespace {

constexpr std::size_t kMostGuesses = 5; // of passwords, on one connection
constexpr std::size_t kMostTold = 1000; // files, by STAT

bool is(Bytes text, Bytes word) {
    return ascii::equalsIgnoreCase(ascii::trim(text), word);
}

} // namespace

// Logins.

void FtpServer::forgetUser() {
    home_.reset();
    userPlace_.reset();
    name_.clear();
    folder_ = "/";
    bucket_.reset();
    renaming_.clear();
    restart_ = 0;
    text_ = true;
    extendedOnly_ = false;
}

Deferred<void> FtpServer::user(std::string argument) {
    if (needsTls())
        throw FtpError(530, "say AUTH TLS first: nobody logs in here without it");
    if (argument.empty())
        throw FtpError(501, "a name is missing");
    forgetUser();
    name_ = std::move(argument);
    const bool anonymous = options_->anonymous && (name_ == options_->anonymousName || name_ == "ftp");
    // The same words for those whom there are and those whom there are not.
    say(331, anonymous ? "any password will do" : "the password, please");
    return succeed();
}

Deferred<void> FtpServer::pass(std::string argument) {
    if (name_.empty() || home_)
        throw FtpError(503, "say USER first");
    const std::string name = name_;
    if (options_->anonymous && (name == options_->anonymousName || name == "ftp"))
        return logIn(nullptr, name);
    if (!options_->accounts) {
        name_.clear();
        throw FtpError(530, "name and password do not fit");
    }
    const UsernamePassword credentials(name, Bytes(argument));
    return options_->accounts->login(credentials, LoginSource(transport().peer(), "ftp"))
        .addErrback([this](const Failure& why) -> Deferred<AvatarId> {
            const bool refused = why.check<UnauthorizedLogin>() || why.check<UnhandledCredentials>();
            if (!refused)
                return why;
            name_.clear();
            if (++errors_ >= kMostGuesses)
                sayLast(Reply(421, "that was one guess too many"));
            return Failure(FtpError(530, "name and password do not fit"));
        })
        .addCallback([this, name](const AvatarId& who) { return logIn(&who, name); });
}

Deferred<void> FtpServer::logIn(const AvatarId* who, std::string name) {
    // What the pointer is to may be gone when the folder is found.
    const AvatarId id = who ? *who : AvatarId::anonymous();
    const bool anonymous = !who;
    // Those whom nobody knows are many.
    auto place = anonymous ? nullptr : visitors_->logIn(id.name());
    if (!anonymous && !place)
        throw FtpError(530, "there are too many sessions of that user");
    auto opening = options_->open(anonymous ? nullptr : &id);
    Home home = co_await std::move(opening);
    userPlace_ = std::move(place);
    bucket_.reset();
    if (home.rate > 0)
        bucket_.emplace(home.rate);
    Reply reply(230, "welcome, " + (anonymous ? std::string("guest") : name));
    if (!home.notice.empty()) {
        reply.lines.push_back(home.notice);
        reply.lines.emplace_back("that is all");
    }
    home_ = std::move(home);
    log_.info("{}: {} is here", transport().peer().toString(), anonymous ? "a guest" : name);
    say(reply);
}

Deferred<void> FtpServer::acct(std::string) {
    say(202, "accounts mean nothing here");
    return succeed();
}

Deferred<void> FtpServer::rein(std::string) {
    forgetUser();
    data_->close();
    say(220, "as at the beginning");
    return succeed();
}

Deferred<void> FtpServer::quit(std::string) {
    sayLast(Reply(221, "goodbye"));
    return succeed();
}

// TLS (RFC 4217).

Deferred<void> FtpServer::auth(std::string argument) {
    if (!options_->tls || encrypted_)
        throw FtpError(
            encrypted_ ? 503 : 534, encrypted_ ? "it is encrypted already" : "there is no certificate here"
        );
    if (!is(argument, "TLS") && !is(argument, "TLS-C") && !is(argument, "SSL"))
        throw FtpError(504, "say AUTH TLS");
    say(234, "go on");
    // What came along with it was not protected, and may be somebody else's.
    reader_.stop();
    queue_.clear();
    forgetUser();
    protectData_ = false;
    startTlsServer(transport(), options_->tls);
    return succeed();
}

Deferred<void> FtpServer::pbsz(std::string) {
    if (!encrypted_)
        throw FtpError(503, "say AUTH TLS first");
    bufferSaid_ = true;
    say(200, "PBSZ=0");
    return succeed();
}

Deferred<void> FtpServer::prot(std::string argument) {
    if (!encrypted_ || !bufferSaid_)
        throw FtpError(503, encrypted_ ? "say PBSZ 0 first" : "say AUTH TLS first");
    if (is(argument, "C") && options_->requireTls)
        throw FtpError(534, "data does not go over in clear here");
    if (is(argument, "S") || is(argument, "E"))
        throw FtpError(536, "TLS has P and C alone");
    if (!is(argument, "P") && !is(argument, "C"))
        throw FtpError(504, "say PROT P or PROT C");
    protectData_ = is(argument, "P");
    say(200, protectData_ ? "data is protected from here on" : "data goes over in clear from here on");
    return succeed();
}

Deferred<void> FtpServer::ccc(std::string) {
    throw FtpError(533, "this connection stays encrypted");
}

// What there is to know.

Deferred<void> FtpServer::feat(std::string) {
    Reply reply(211, "what there is besides:");
    if (options_->tls || encrypted_)
        reply.lines.insert(reply.lines.end(), {"AUTH TLS", "PBSZ", "PROT"});
    for (const char* each : {"EPRT", "EPSV", "HASH SHA-256*", "MDTM", "MFMT"})
        reply.lines.emplace_back(each);
    reply.lines.push_back("MLST " + factFeature(facts_));
    for (const char* each : {"REST STREAM", "SIZE", "TVFS", "UTF8", "end"})
        reply.lines.emplace_back(each);
    say(reply);
    return succeed();
}

Deferred<void> FtpServer::opts(std::string argument) {
    Bytes rest = argument;
    const Bytes what = ascii::cut(rest, ' ');
    if (is(what, "UTF8")) {
        if (!rest.empty() && !is(rest, "ON"))
            throw FtpError(504, "names are UTF-8 here");
        say(200, "names are UTF-8");
    } else if (is(what, "MLST")) {
        facts_ = parseFacts(rest);
        say(200, "MLST OPTS " + factNames(facts_));
    } else if (is(what, "HASH")) {
        if (!rest.empty() && !is(rest, "SHA-256"))
            throw FtpError(504, "there is SHA-256");
        digests_ = true;
        say(200, "SHA-256");
    } else {
        throw FtpError(501, "there are options for UTF8, MLST and HASH");
    }
    return succeed();
}

Deferred<void> FtpServer::help(std::string argument) {
    Reply reply(214, "the commands are:");
    if (is(argument, "SITE")) {
        reply = Reply(214, "SITE CHMOD mode path; SITE UTIME YYYYMMDDhhmm path; SITE HELP");
    } else if (!argument.empty()) {
        const auto found = std::find_if(verbs().begin(), verbs().end(), [&](const Verb& each) {
            return is(argument, each.name);
        });
        if (found == verbs().end())
            throw FtpError(502, "there is no such command");
        reply = Reply(214, std::string(found->name) + " " + std::string(found->help));
    } else {
        for (const Verb& each : verbs()) {
            if (reply.lines.back().size() > 60 || reply.lines.size() == 1)
                reply.lines.emplace_back();
            reply.lines.back().append(reply.lines.back().empty() ? "" : " ").append(each.name);
        }
        reply.lines.emplace_back("HELP and a command says more");
    }
    say(reply);
    return succeed();
}

Deferred<void> FtpServer::noop(std::string) {
    say(200, "done");
    return succeed();
}

Deferred<void> FtpServer::syst(std::string) {
    say(215, "UNIX Type: L8");
    return succeed();
}

Deferred<void> FtpServer::stat(std::string argument) {
    if (argument.empty()) {
        Reply reply(211, options_->hostname + " FTP");
        reply.lines.push_back("you are " + transport().peer().host() + ", logged in as " + name_);
        reply.lines.push_back(
            std::string("TYPE ") + (text_ ? "A" : "I") + ", MODE S, STRU F; " +
            (encrypted_ ? "encrypted" : "in clear") + ", data " + (protectData_ ? "encrypted" : "in clear")
        );
        reply.lines.emplace_back("nothing goes over");
        say(reply);
        return succeed();
    }
    const std::string path = pathOf(argument);
    return onPool<Reply>(
               transport().reactor(),
               [tree = tree(), path]() -> Result<Reply> {
                   const auto info = tree->info(path);
                   if (!info)
                       return info.error();
                   const auto now = static_cast<std::int64_t>(std::time(nullptr));
                   if (info->kind != files::FileInfo::Kind::folder)
                       return Reply(213, files::listLine(path, *info, now));
                   const auto all = tree->list(path);
                   if (!all)
                       return all.error();
                   if (all->size() > kMostTold)
                       throw FtpError(552, "there is too much in it for this connection, say LIST");
                   Reply reply(212, path);
                   for (const files::FileEntry& each : *all)
                       reply.lines.push_back(files::listLine(each.name, each.info, now));
                   reply.lines.emplace_back("end");
                   return reply;
               }
    ).addCallback([this](const Reply& reply) { say(reply); });
}

// How files go over (RFC 959 section 3).

Deferred<void> FtpServer::type(std::string argument) {
    const bool text = is(argument, "A") || is(argument, "A N");
    if (!text && !is(argument, "I") && !is(argument, "L 8"))
        throw FtpError(504, "there are TYPE A and TYPE I");
    text_ = text;
    say(200, text_ ? "texts, whose lines end with CR LF on their way" : "bytes as they are");
    return succeed();
}

Deferred<void> FtpServer::mode(std::string argument) {
    if (!is(argument, "S"))
        throw FtpError(504, "there is MODE S");
    say(200, "as a stream");
    return succeed();
}

Deferred<void> FtpServer::stru(std::string argument) {
    if (!is(argument, "F"))
        throw FtpError(504, "there is STRU F");
    say(200, "as files");
    return succeed();
}

Deferred<void> FtpServer::allo(std::string argument) {
    Bytes rest = argument;
    const auto bytes = parseUnsigned<std::uint64_t>(ascii::cut(rest, ' '));
    if (!bytes)
        throw FtpError(501, "say ALLO and a number of bytes");
    return onPool<bool>(
               transport().reactor(),
               [tree = tree(), bytes = *bytes, quota = home_->quota]() -> Result<bool> {
                   const auto room = tree->room();
                   if (!room)
                       return room.error();
                   if (*room < bytes)
                       return Error::fromErrno(ENOSPC, "/");
                   if (quota == 0)
                       return true;
                   const auto used = tree->usage();
                   if (!used)
                       return used.error();
                   if (*used + bytes > quota)
                       return Error::fromErrno(EDQUOT, "/");
                   return true;
               }
    ).addCallback([this](bool) { say(200, "there is room for it"); });
}

} // namespace twistdpp::ftp
