#include "twistdpp/ftp_server/ftp_server.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/defer/errors.h"
#include "twistdpp/files/tree_path.h"

#include <algorithm>
#include <array>
#include <utility>

namespace twistdpp::ftp {

namespace {

constexpr std::size_t kMostWaiting = 64; // commands that have come and are not done yet
constexpr std::size_t kMostErrors = 20;

std::string upper(Bytes text) {
    std::string out(text);
    for (char& c : out)
        c = ascii::upper(c);
    return out;
}

/// "RETR a b" is RETR with "a b": one space, and all others are the name's.
std::pair<std::string, std::string> taken(const std::string& line) {
    const std::size_t space = std::min(line.find(' '), line.size());
    return {upper(Bytes(line).substr(0, space)), line.substr(std::min(space + 1, line.size()))};
}

} // namespace

FtpServer::FtpServer(
    std::shared_ptr<const ServerOptions> options, std::shared_ptr<Visitors> visitors, Logger log
)
    : options_(std::move(options)), visitors_(std::move(visitors)), log_(std::move(log)),
      reader_(
          [this](std::string line) { lineReceived(std::move(line)); }, [this] { lineReceived(std::nullopt); }
      ) {}

FtpServer::~FtpServer() {
    if (auto running = std::exchange(running_, std::nullopt))
        running->cancel();
}

const std::vector<FtpServer::Verb>& FtpServer::verbs() {
    using F = FtpServer;
    static const std::vector<Verb> all{
        {"USER", &F::user, Needs::nothing, "name"},
        {"PASS", &F::pass, Needs::nothing, "password"},
        {"ACCT", &F::acct, Needs::nothing, "account (means nothing here)"},
        {"REIN", &F::rein, Needs::nothing, ""},
        {"QUIT", &F::quit, Needs::nothing, ""},
        {"AUTH", &F::auth, Needs::nothing, "TLS"},
        {"PBSZ", &F::pbsz, Needs::nothing, "0"},
        {"PROT", &F::prot, Needs::nothing, "P|C"},
        {"CCC", &F::ccc, Needs::nothing, "(is refused)"},
        {"FEAT", &F::feat, Needs::nothing, ""},
        {"OPTS", &F::opts, Needs::nothing, "UTF8 ON | MLST facts | HASH SHA-256"},
        {"HELP", &F::help, Needs::nothing, "[command]"},
        {"NOOP", &F::noop, Needs::nothing, ""},
        {"SYST", &F::syst, Needs::nothing, ""},
        {"STAT", &F::stat, Needs::login, "[path]"},
        {"TYPE", &F::type, Needs::login, "A|I|L 8"},
        {"MODE", &F::mode, Needs::login, "S"},
        {"STRU", &F::stru, Needs::login, "F"},
        {"ALLO", &F::allo, Needs::writing, "bytes"},
        {"PWD", &F::pwd, Needs::login, ""},
        {"XPWD", &F::pwd, Needs::login, ""},
        {"CWD", &F::cwd, Needs::login, "path"},
        {"XCWD", &F::cwd, Needs::login, "path"},
        {"CDUP", &F::cdup, Needs::login, ""},
        {"XCUP", &F::cdup, Needs::login, ""},
        {"MKD", &F::mkd, Needs::writing, "path"},
        {"XMKD", &F::mkd, Needs::writing, "path"},
        {"RMD", &F::rmd, Needs::writing, "path"},
        {"XRMD", &F::rmd, Needs::writing, "path"},
        {"DELE", &F::dele, Needs::writing, "path"},
        {"RNFR", &F::rnfr, Needs::writing, "path"},
        {"RNTO", &F::rnto, Needs::writing, "path"},
        {"SIZE", &F::size, Needs::login, "path"},
        {"MDTM", &F::mdtm, Needs::login, "path"},
        {"MFMT", &F::mfmt, Needs::writing, "YYYYMMDDHHMMSS path"},
        {"MLST", &F::mlst, Needs::login, "[path]"},
        {"HASH", &F::hash, Needs::login, "path"},
        {"SITE", &F::site, Needs::login, "CHMOD mode path | UTIME YYYYMMDDhhmm path | HELP"},
        {"PASV", &F::pasv, Needs::login, ""},
        {"EPSV", &F::epsv, Needs::login, "[1|2|ALL]"},
        {"PORT", &F::port, Needs::login, "h1,h2,h3,h4,p1,p2"},
        {"EPRT", &F::eprt, Needs::login, "|family|address|port|"},
        {"REST", &F::rest, Needs::login, "offset"},
        {"ABOR", &F::abor, Needs::nothing, ""},
        {"LIST", &F::list, Needs::login, "[path]"},
        {"NLST", &F::nlst, Needs::login, "[path]"},
        {"MLSD", &F::mlsd, Needs::login, "[path]"},
        {"RETR", &F::retr, Needs::login, "path"},
        {"STOR", &F::stor, Needs::writing, "path"},
        {"APPE", &F::appe, Needs::writing, "path"},
        {"STOU", &F::stou, Needs::writing, ""}};
    return all;
}

// The connection.

void FtpServer::connectionMade() {
    encrypted_ = bufferSaid_ = transport().tls() != nullptr;
    protectData_ = encrypted_ && options_->tls;
    data_ = std::make_unique<DataChannel>(transport().reactor(), options_->passivePorts);
    place_ = visitors_->enter(transport().peer().host());
    if (!place_)
        return sayLast(Reply(421, "there are too many sessions, come back later"));
    say(220, options_->hostname + " FTP");
    startClock(options_->loginTime);
}

void FtpServer::handshakeCompleted(const TlsInfo&) {
    encrypted_ = true;
}

void FtpServer::connectionLost(const Failure&) {
    clock_.reset();
    sayingHeld_.cancel();
    if (auto running = std::exchange(running_, std::nullopt))
        running->cancel();
    if (transfer_ && transfer_->link)
        transfer_->link->abort();
    transfer_.reset();
    data_.reset();
    forgetUser();
    place_.reset();
}

void FtpServer::drain() {
    draining_ = true;
    if (!running_ && connected() && !transport().closing())
        sayLast(Reply(421, "the server closes"));
}

void FtpServer::abort() {
    if (connected())
        transport().abortConnection();
}

void FtpServer::startClock(Duration limit) {
    if (!clock_)
        clock_.emplace(transport().reactor().timers(), [this] { timedOut(); });
    limit_ = limit;
    clock_->start(limit);
}

void FtpServer::timedOut() {
    if (transport().closing())
        return transport().abortConnection();
    if (transfer_ && transfer_->link) {
        // Whoever neither takes nor sends anything for too long is cut, of which the transfer tells.
        const std::uint64_t now = gone();
        if (std::exchange(transfer_->seen, now) == now)
            return transfer_->link->abort();
        return clock_->start(limit_);
    }
    sayLast(Reply(421, "nothing came for too long"));
}

void FtpServer::say(const Reply& reply) {
    if (!connected())
        return;
    sayingHeld_.cancel();
    transport().write(Bytes(std::exchange(held_, {}) + reply.toString()));
}

void FtpServer::saySoon(const Reply& reply) {
    held_ += reply.toString();
    sayingHeld_ = transport().reactor().callLater(Duration::zero(), [this] {
        if (connected())
            transport().write(Bytes(std::exchange(held_, {})));
    });
}

void FtpServer::sayLast(const Reply& reply) {
    say(reply);
    transport().loseConnection();
    // Whoever does not take it in is cut.
    startClock(std::chrono::seconds(30));
}

// Commands.

void FtpServer::dataReceived(Bytes data) {
    const Corked together(transport());
    reader_.read(data);
}

void FtpServer::lineReceived(std::optional<std::string> line) {
    if (transport().closing())
        return;
    // These two are for what goes over now (RFC 959 section 4.1.3), or is about to.
    const std::string verb = running_ && line ? taken(*line).first : std::string();
    if (transfer_ && verb == "STAT" && line->size() <= 5)
        return say(213, transferText());
    if (verb == "ABOR") {
        abortWanted_ = true;
        if (transfer_ && transfer_->link)
            transfer_->link->abort();
        else if (transfer_)
            data_->close();
        queue_.push_front(std::move(line));
        return;
    }
    queue_.push_back(std::move(line));
    if (queue_.size() > kMostWaiting && !std::exchange(paused_, true))
        transport().pauseProducing();
    next();
}

void FtpServer::next() {
    if (std::exchange(looping_, true))
        return;
    while (!running_ && !queue_.empty() && connected() && !transport().closing()) {
        std::optional<std::string> line = std::move(queue_.front());
        queue_.pop_front();
        if (clock_)
            clock_->stop();
        auto doing = execute(std::move(line)).addBoth([this](const Outcome<void>& outcome) {
            if (!outcome.ok() && outcome.failure().check<CancelledError>())
                return;
            running_.reset();
            if (!connected())
                return;
            if (!transport().closing())
                startClock(home_ ? options_->idleTime : options_->loginTime);
            if (draining_ && !transport().closing())
                return sayLast(Reply(421, "the server closes"));
            const Corked together(transport());
            next();
        });
        if (!doing.called())
            running_.emplace(std::move(doing));
    }
    looping_ = false;
    if (queue_.size() <= kMostWaiting / 2 && connected() && std::exchange(paused_, false))
        transport().resumeProducing();
}

Deferred<void> FtpServer::execute(std::optional<std::string> line) {
    const auto [name, argument] = taken(line.value_or(std::string()));
    const auto found = std::find_if(verbs().begin(), verbs().end(), [name = name](const Verb& each) {
        return each.name == name;
    });
    if (found == verbs().end()) {
        if (++errors_ >= kMostErrors)
            sayLast(Reply(421, "too many commands that are none"));
        else
            say(500, line ? "this command is not known" : "the command is too long");
        co_return;
    }
    if (name != "RNTO")
        renaming_.clear();
    auto doing = perform(*found, argument);
    const Outcome<void> outcome = co_await std::move(doing).outcome();
    if (outcome.ok())
        co_return;
    const Failure& why = outcome.failure();
    if (why.check<CancelledError>())
        why.raise();
    const auto* const said = why.as<FtpError>();
    if (!said)
        log_.error("{}: {}: {}", transport().peer().toString(), name, why.message());
    say(said ? said->reply() : Reply(451, "it cannot be done now, try again later"));
}

Deferred<void> FtpServer::perform(const Verb& verb, std::string argument) {
    constexpr std::array<Bytes, 13> kKeepOffset{"RETR", "STOR", "APPE", "STOU", "PASV", "EPSV", "PORT",
                                                "EPRT", "TYPE", "REST", "NOOP", "SIZE", "MDTM"};
    if (std::find(kKeepOffset.begin(), kKeepOffset.end(), verb.name) == kKeepOffset.end())
        restart_ = 0;
    if (verb.needs != Needs::nothing && !home_)
        throw FtpError(530, "log in first");
    if (verb.needs == Needs::writing && !home_->writable)
        throw FtpError(550, "nothing may be changed here");
    auto doing = (this->*verb.run)(std::move(argument));
    co_await std::move(doing);
}

// For all commands.

std::string FtpServer::pathOf(const std::string& argument) const {
    if (argument.empty())
        throw FtpError(501, "a name is missing");
    auto path = files::resolvePath(folder_, argument);
    if (!path)
        throw FtpError(553, "that cannot be a name");
    return *std::move(path);
}

} // namespace twistdpp::ftp
