#include "twistdpp/ftp_server/ftp_server.h"
#include "twistdpp/ftp_server/incoming_file.h"
#include "twistdpp/ftp_server/pool_work.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/hex.h"
#include "twistdpp/base/number.h"
#include "twistdpp/cred/password_digest.h"
#include "twistdpp/files/list_line.h"
#include "twistdpp/files/tree_path.h"
#include "twistdpp/ftp/host_port.h"
#include "twistdpp/ftp/line_ends.h"
#include "twistdpp/reactor/errors.h"
#include "twistdpp/reactor/sleep.h"
#include "twistdpp/tls/start_tls.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <fnmatch.h>
#include <sys/uio.h>
#include <unistd.h>

// Data connections, and what goes over them.

namespace twistdpp::ftp {

namespace {

using files::FileEntry;
using files::FileInfo;

constexpr std::uint64_t kTaken =
    4 * 1024 * 1024; // of a file that comes, by a thread, before others may have it
constexpr std::uint64_t kWindow = 16 * 1024 * 1024; // of a file that is sent, before it is looked at again
constexpr std::size_t kBlock = 256 * 1024;          // of a text that is translated
constexpr std::size_t kSmall = 32 * 1024;           // what a new connection takes at once
constexpr WriteLimits kBulk{2048 * 1024, 512 * 1024};
constexpr std::uint16_t kFirstPort = 1024; // RFC 2577 section 3: below it are other services

using OpenedFile = std::shared_ptr<files::ReadableFile>;

/// At once where no disk has to be asked, which a hop to the pool would take longer than.
Deferred<OpenedFile>
openFile(Reactor& reactor, std::shared_ptr<const files::FileTree> tree, std::string path) {
    const auto shared = [](Result<files::ReadableFile> file) -> Result<OpenedFile> {
        if (!file)
            return std::move(file).error();
        return std::make_shared<files::ReadableFile>(*std::move(file));
    };
    if (auto known = tree->readCached(path)) {
        auto file = shared(*std::move(known));
        if (!file)
            throw FtpError(replyTo(file.error()));
        return succeed(*std::move(file));
    }
    return onPool<OpenedFile>(reactor, [tree = std::move(tree), path = std::move(path), shared] {
        return shared(tree->read(path));
    });
}

/// "-la" in front of a path, which clients send to LIST as if it were ls.
std::string withoutOptions(const std::string& argument) {
    std::size_t at = 0;
    while (at < argument.size() && argument[at] == '-') {
        at = std::min(argument.find(' ', at), argument.size());
        at = std::min(argument.find_first_not_of(' ', at), argument.size());
    }
    return argument.substr(at);
}

bool isPattern(Bytes name) {
    return name.find_first_of("*?[") != Bytes::npos;
}

/// What a path of LIST and NLST stands for: a folder's files, one file, or those that fit a pattern in its
/// last part.
Result<std::vector<FileEntry>>
look(const files::FileTree& tree, const std::string& path, const std::string& pattern) {
    if (pattern.empty()) {
        const auto info = tree.info(path);
        if (!info)
            return info.error();
        if (info->kind != FileInfo::Kind::folder)
            return std::vector<FileEntry>{{files::splitPath(path).name, *info}};
        return tree.list(path);
    }
    auto all = tree.list(path);
    if (all)
        std::erase_if(*all, [&](const FileEntry& each) {
            return ::fnmatch(pattern.c_str(), each.name.c_str(), FNM_PERIOD) != 0;
        });
    return all;
}

/// A block of a file from a place on; empty at its end.
Result<std::string> readBlock(int fd, std::uint64_t offset) {
    std::string out(kBlock, '\0');
    ssize_t got = 0;
    do
        got = ::pread(fd, out.data(), out.size(), static_cast<off_t>(offset));
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return Error::fromErrno(errno, "a file");
    out.resize(static_cast<std::size_t>(got));
    return out;
}

/// All of a small one, where that needs no disk.
std::optional<std::string> readCached(int fd, std::uint64_t offset, std::uint64_t size) {
    if (size > kSmall)
        return std::nullopt;
    std::string out(static_cast<std::size_t>(size), '\0');
    const iovec to{out.data(), out.size()};
    ssize_t got = size == 0 ? 0 : ::preadv2(fd, &to, 1, static_cast<off_t>(offset), RWF_NOWAIT);
    // A file system that cannot tell: sendfile() would wait for it as well.
    if (got < 0 && errno == EOPNOTSUPP)
        got = ::pread(fd, out.data(), out.size(), static_cast<off_t>(offset));
    return got == static_cast<ssize_t>(size) ? std::optional(std::move(out)) : std::nullopt;
}

} // namespace

// Where the two meet.

void FtpServer::passive(bool extended) {
    const Address local = transport().host();
    const bool publicPort = options_->publicAddress && options_->publicAddress->kind() == local.kind();
    auto where = data_->listen(local, transport().peer());
    if (!where) {
        log_.error("no port for data connections: {}", where.error().message());
        throw FtpError(425, "there is no port for a data connection now");
    }
    const Address told = publicPort ? options_->publicAddress->withPort(where->port()) : *where;
    if (extended)
        say(229, "come to (|||" + std::to_string(where->port()) + "|)");
    else
        say(227, "come to (" + hostPortText(told) + ")");
}

Deferred<void> FtpServer::pasv(std::string) {
    if (extendedOnly_)
        throw FtpError(503, "after EPSV ALL there is EPSV alone");
    if (transport().host().kind() != Address::Kind::ipv4)
        throw FtpError(522, "say EPSV: PASV cannot tell this address");
    passive(false);
    return succeed();
}

Deferred<void> FtpServer::epsv(std::string argument) {
    const bool six = transport().host().kind() == Address::Kind::ipv6;
    if (ascii::equalsIgnoreCase(argument, "ALL")) {
        extendedOnly_ = true;
        say(200, "EPSV alone from here on");
        return succeed();
    }
    if (!argument.empty() && argument != (six ? "2" : "1"))
        throw FtpError(522, std::string("that is another network, use (") + (six ? "2)" : "1)"));
    passive(true);
    return succeed();
}

void FtpServer::target(const Address& there) {
    // Whoever could name any host would have us knock at others' doors (RFC 2577 section 3).
    if (there.host() != transport().peer().host() || there.port() < kFirstPort)
        throw FtpError(504, "data goes to the address that you come from, to a port from 1024 on");
    data_->target(there);
    say(200, "there it is");
}

Deferred<void> FtpServer::port(std::string argument) {
    const auto there = parseHostPort(argument);
    if (extendedOnly_)
        throw FtpError(503, "after EPSV ALL there is EPSV alone");
    if (!there)
        throw FtpError(501, "an address is h1,h2,h3,h4,p1,p2");
    target(*there);
    return succeed();
}

Deferred<void> FtpServer::eprt(std::string argument) {
    const ExtendedPort there = parseExtendedPort(argument);
    if (extendedOnly_)
        throw FtpError(503, "after EPSV ALL there is EPSV alone");
    if (!there.knownFamily)
        throw FtpError(522, "that is another network, use (1,2)");
    if (!there.address)
        throw FtpError(501, "an address is |1|192.0.2.1|1025| or |2|2001:db8::1|1025|");
    target(*there.address);
    return succeed();
}

Deferred<void> FtpServer::rest(std::string argument) {
    const auto offset = parseUnsigned<std::uint64_t>(argument);
    if (!offset || *offset > static_cast<std::uint64_t>(INT64_MAX))
        throw FtpError(501, "say REST and a number of bytes");
    if (text_ && *offset > 0)
        throw FtpError(504, "a text has no such places; say TYPE I first");
    restart_ = *offset;
    say(350, "the next transfer begins at " + std::to_string(restart_));
    return succeed();
}

Deferred<void> FtpServer::abor(std::string) {
    // What went over has been told of (426) by now.
    abortWanted_ = false;
    data_->close();
    say(226, "nothing goes over any more");
    return succeed();
}

std::string FtpServer::transferText() const {
    return transfer_->what + ": " + std::to_string(gone()) + " bytes so far";
}

// Every transfer.

/// Whether a data connection goes on with the TLS session of the control connection, and not with one that
/// another client has of this server.
bool FtpServer::ownSession(const Transport& data) const {
    const TlsInfo& its = *data.tls();
    return its.resumed && !its.origin.empty() && its.origin == transport().tls()->origin;
}

Deferred<std::shared_ptr<DataLink>> FtpServer::openData(std::string what, bool brief) {
    if (options_->requireTls && !protectData_)
        throw FtpError(521, "say PROT P first: data does not go over in clear here");
    if (abortWanted_)
        throw FtpError(426, "it was broken off, as you said");
    if (!data_->arranged())
        throw FtpError(425, "say PASV, EPSV, PORT or EPRT first");
    transfer_.emplace();
    transfer_->what = what;
    transfer_->begun = transport().reactor().now();
    auto opening = data_->open(options_->dataTime);
    const Outcome<std::shared_ptr<DataLink>> opened = co_await std::move(opening).outcome();
    if (!opened.ok()) {
        if (opened.failure().check<CancelledError>())
            co_return opened.failure();
        transfer_.reset();
        const auto* const said = opened.failure().as<FtpError>();
        throw said ? *said : FtpError(425, "no data connection: " + opened.failure().message());
    }
    std::shared_ptr<DataLink> link = opened.value();
    transfer_->link = link;
    // Clients take 150 and nothing else, though 125 were right for one that has come already.
    if (brief && !protectData_)
        saySoon(Reply(150, what));
    else
        say(150, what);
    if (protectData_) {
        auto securing = link->secureAsServer(options_->tls);
        const Outcome<void> secured = co_await std::move(securing).outcome();
        if (!secured.ok() && secured.failure().check<CancelledError>())
            co_return secured.failure();
        const bool own = secured.ok() && link->transport() && ownSession(*link->transport());
        if (!secured.ok() || (options_->requireReuse && !own)) {
            if (Transport* const to = link->transport())
                to->loseConnection();
            transfer_.reset();
            // RFC 4217 section 10.2: it is who has logged in that comes, and nobody who was quicker.
            throw FtpError(
                522, secured.ok() ? "a data connection has to resume the session of this one"
                                  : "no TLS on the data connection: " + secured.failure().message()
            );
        }
        giveTlsTicket(transport());
    }
    startClock(options_->stallTime);
    co_return link;
}

std::uint64_t FtpServer::gone() const {
    const Transport* const to = transfer_->link ? transfer_->link->transport() : nullptr;
    const std::uint64_t waiting = to ? to->queued() : 0;
    return transfer_->bytes - std::min(waiting, transfer_->bytes);
}

/// Waits as long as the rate has it.
Deferred<void> FtpServer::pace(std::size_t bytes) {
    transfer_->bytes += bytes;
    if (!bucket_)
        return succeed();
    const TimePoint now = transport().reactor().now();
    bucket_->take(bytes, now);
    const Duration wait = bucket_->untilAvailable(1, now);
    return wait > Duration::zero() ? sleep(transport().reactor(), wait) : succeed();
}

void FtpServer::endTransfer(const Outcome<void>& end) {
    const Transfer over = std::move(*transfer_);
    transfer_.reset();
    const auto took =
        std::chrono::duration_cast<std::chrono::milliseconds>(transport().reactor().now() - over.begun);
    log_.info(
        "{}: {}: {}: {} bytes in {} ms{}", transport().peer().toString(), name_, over.what, over.bytes,
        took.count(), end.ok() ? std::string() : ", broken off: " + end.failure().message()
    );
    if (end.ok())
        say(226, std::to_string(over.bytes) + " bytes have gone over");
    else
        say(426, abortWanted_ ? "it was broken off, as you said" : "the data connection broke");
}

// To the client.

Deferred<void> FtpServer::sendText(std::string what, std::string text) {
    auto opening = openData(std::move(what), text.size() <= kSmall);
    const std::shared_ptr<DataLink> link = co_await std::move(opening);
    if (Transport* const to = link->transport())
        to->write(Bytes(text));
    transfer_->bytes = text.size();
    auto finishing = link->finish();
    const Outcome<void> finished = co_await std::move(finishing).outcome();
    if (!finished.ok() && finished.failure().check<CancelledError>())
        finished.failure().raise();
    endTransfer(finished);
}

Deferred<void> FtpServer::sendList(std::string argument, std::string what, LineOf lineOf) {
    const std::string name = withoutOptions(argument);
    const std::string whole = name.empty() ? folder_ : pathOf(name);
    const files::SplitPath split = files::splitPath(whole);
    const bool pattern = isPattern(split.name);
    auto looking = onPool<std::string>(
        transport().reactor(),
        [tree = tree(), path = pattern ? split.folder : whole, names = pattern ? split.name : std::string(),
         lineOf]() -> Result<std::string> {
            const auto all = look(*tree, path, names);
            if (!all)
                return all.error();
            std::string out;
            for (const FileEntry& each : *all)
                out += lineOf(each) + "\r\n";
            return out;
        }
    );
    std::string text = co_await std::move(looking);
    auto sending = sendText(what + whole, std::move(text));
    co_await std::move(sending);
}

Deferred<void> FtpServer::list(std::string argument) {
    return sendList(std::move(argument), "a list of ", [](const FileEntry& each) {
        return files::listLine(each.name, each.info, static_cast<std::int64_t>(std::time(nullptr)));
    });
}

Deferred<void> FtpServer::nlst(std::string argument) {
    return sendList(std::move(argument), "the names in ", [](const FileEntry& each) { return each.name; });
}

Deferred<void> FtpServer::mlsd(std::string argument) {
    const std::string path = argument.empty() ? folder_ : pathOf(argument);
    auto looking = onPool<std::string>(
        transport().reactor(),
        [tree = tree(), path, facts = facts_, writable = home_->writable]() -> Result<std::string> {
            const auto info = tree->info(path);
            if (!info)
                return info.error();
            if (info->kind != FileInfo::Kind::folder)
                throw FtpError(501, "that is no folder; MLST tells of files");
            const auto all = tree->list(path);
            if (!all)
                return all.error();
            std::string out = factLine(".", *info, facts, writable, "cdir") + "\r\n";
            for (const FileEntry& each : *all)
                out += factLine(each.name, each.info, facts, writable) + "\r\n";
            return out;
        }
    );
    std::string text = co_await std::move(looking);
    auto sending = sendText("the facts of " + path, std::move(text));
    co_await std::move(sending);
}

Deferred<void> FtpServer::retr(std::string argument) {
    const std::string path = pathOf(argument);
    std::uint64_t at = std::exchange(restart_, 0);
    auto reading = openFile(transport().reactor(), tree(), path);
    const OpenedFile file = co_await std::move(reading);
    const std::uint64_t size = file->info.size;
    if (at > size)
        throw FtpError(554, "the file ends before that place");
    const bool text = text_;
    const std::optional<std::string> whole =
        text || bucket_ ? std::nullopt : readCached(file->fd.get(), at, size - at);
    auto opening = openData(path + ", " + std::to_string(size - at) + " bytes", whole.has_value());
    const std::shared_ptr<DataLink> link = co_await std::move(opening);
    const auto shared = std::make_shared<const UniqueFd>(std::move(file->fd));
    Outcome<void> end = Outcome<void>();
    if (Transport* const to = link->transport()) {
        if (whole)
            to->write(Bytes(*whole));
        else
            to->setWriteLimits(kBulk);
    }
    if (whole) {
        transfer_->bytes = whole->size();
        at = size;
    }
    ToNetwork translation;
    while (end.ok() && (text || at < size)) {
        std::size_t bytes = 0;
        if (text) {
            auto block = onPool<std::string>(transport().reactor(), [shared, at] {
                return readBlock(shared->get(), at);
            });
            const std::string piece = co_await std::move(block);
            if (piece.empty())
                break;
            at += piece.size();
            std::string translated;
            translation.read(piece, translated);
            bytes = translated.size();
            if (Transport* const to = link->transport())
                to->write(Bytes(translated));
        } else {
            const std::uint64_t most = bucket_ ? kBlock : kWindow;
            bytes = static_cast<std::size_t>(std::min(most, size - at));
            if (Transport* const to = link->transport())
                to->writeFile(FileRange(shared, at, bytes));
            at += bytes;
        }
        auto pacing = pace(bytes);
        co_await std::move(pacing);
        auto draining = link->drained();
        end = co_await std::move(draining).outcome();
    }
    if (end.ok()) {
        auto finishing = link->finish();
        end = co_await std::move(finishing).outcome();
    }
    if (!end.ok() && end.failure().check<CancelledError>())
        end.failure().raise();
    if (options_->sent)
        options_->sent->add(transfer_->bytes);
    endTransfer(end);
}

// From the client.

Deferred<std::uint64_t> FtpServer::roomFor(std::string path) {
    if (home_->quota == 0)
        return UINT64_MAX;
    return onPool<std::uint64_t>(
        transport().reactor(),
        [tree = tree(), path, quota = home_->quota]() -> Result<std::uint64_t> {
            const auto used = tree->usage();
            if (!used)
                return used.error();
            const auto info = tree->info(path);
            const std::uint64_t before = info ? info->size : 0;
            return quota - std::min(quota, *used - std::min(before, *used));
        }
    );
}

Deferred<void> FtpServer::stor(std::string argument) {
    const std::string path = pathOf(argument);
    const std::uint64_t offset = std::exchange(restart_, 0);
    auto asking = roomFor(path);
    files::UploadOptions how;
    how.most = co_await std::move(asking);
    how.sync = options_->sync;
    how.mode = 0666 & ~home_->umask;
    auto beginning = beginUpload(
        transport().reactor(), tree(), path, offset > 0 ? std::optional(offset) : std::nullopt, how
    );
    std::unique_ptr<files::Upload> upload = co_await std::move(beginning);
    auto receiving = receive(path, std::move(upload), digests_ && offset == 0);
    co_await std::move(receiving);
}

Deferred<void> FtpServer::appe(std::string argument) {
    const std::string path = pathOf(argument);
    restart_ = 0;
    auto asking = roomFor(path);
    files::UploadOptions how;
    how.most = co_await std::move(asking);
    how.sync = options_->sync;
    how.mode = 0666 & ~home_->umask;
    auto beginning = beginUpload(transport().reactor(), tree(), path, files::Upload::kEnd, how);
    std::unique_ptr<files::Upload> upload = co_await std::move(beginning);
    auto receiving = receive(path, std::move(upload), false);
    co_await std::move(receiving);
}

Deferred<void> FtpServer::stou(std::string) {
    // RFC 1123 section 4.1.2.9: the client is told the name in the answer to the command.
    return stor("stou-" + toHex(randomBytes(8)));
}

/// By the hands of the pool alone, where there is a socket for them.
Deferred<FtpServer::Taken>
FtpServer::takeAll(std::shared_ptr<DataLink> link, std::shared_ptr<IncomingFile> file) {
    const std::shared_ptr<RawSocket> socket = link->takeSocket();
    if (!socket) {
        auto taking = takeBlocks(std::move(link), std::move(file));
        co_return co_await std::move(taking);
    }
    SocketWaiter waiter(transport().reactor(), socket->fd());
    while (true) {
        auto receiving = file->receive(socket, bucket_ ? kBlock : kTaken);
        const IncomingFile::Received got = co_await std::move(receiving);
        if (options_->received)
            options_->received->add(got.bytes);
        auto pacing = pace(got.bytes);
        co_await std::move(pacing);
        if (got.error != 0)
            co_return Taken{ConnectionLost(std::error_code(got.error, std::generic_category()))};
        if (got.ended)
            co_return Taken();
        auto waiting = waiter.readable();
        co_await std::move(waiting);
    }
}

/// What the engine has read or decrypted, translated where it is a text.
Deferred<FtpServer::Taken>
FtpServer::takeBlocks(std::shared_ptr<DataLink> link, std::shared_ptr<IncomingFile> file) {
    const bool text = text_;
    FromNetwork translation;
    for (bool more = true; more;) {
        auto reading = link->read();
        Outcome<std::string> got = co_await std::move(reading).outcome();
        if (!got.ok()) {
            if (got.failure().check<CancelledError>())
                got.failure().raise();
            co_return Taken{got.failure()};
        }
        std::string block = std::move(got).value();
        more = !block.empty();
        if (options_->received)
            options_->received->add(block.size());
        auto pacing = pace(block.size());
        co_await std::move(pacing);
        if (text) {
            std::string translated;
            translation.read(block, translated);
            if (!more)
                translation.end(translated);
            block = std::move(translated);
        }
        auto writing = more || !block.empty() ? file->write(std::move(block)) : succeed();
        co_await std::move(writing);
    }
    co_return Taken();
}

Deferred<void> FtpServer::receive(std::string path, std::unique_ptr<files::Upload> upload, bool digests) {
    const auto file = std::make_shared<IncomingFile>(transport().reactor(), std::move(upload), digests);
    auto opening = openData("FILE: " + files::splitPath(path).name);
    const std::shared_ptr<DataLink> link = co_await std::move(opening);
    auto taking = text_ ? takeBlocks(link, file) : takeAll(link, file);
    const Outcome<Taken> taken = co_await std::move(taking).outcome();
    if (!taken.ok()) {
        if (taken.failure().check<CancelledError>())
            taken.failure().raise();
        // Without room a half is of no use to anybody.
        link->abort();
        transfer_.reset();
        taken.failure().raise();
    }
    if (const std::optional<Failure>& broken = taken.value().broken) {
        auto keeping = file->keepHalf();
        co_await std::move(keeping);
        endTransfer(Outcome<void>(*broken));
        co_return;
    }
    auto finishing = file->finish();
    const Outcome<void> finished = co_await std::move(finishing).outcome();
    if (!finished.ok()) {
        link->abort();
        transfer_.reset();
        finished.failure().raise();
    }
    if (digests) {
        auto looking =
            onPool<FileInfo>(transport().reactor(), [tree = tree(), path] { return tree->info(path); });
        const Outcome<FileInfo> info = co_await std::move(looking).outcome();
        if (!info.ok() && info.failure().check<CancelledError>())
            info.failure().raise();
        if (info.ok())
            known_ = Known{path, file->digest(), info.value()};
    }
    auto closing = link->finish();
    const Outcome<void> closed = co_await std::move(closing).outcome();
    if (!closed.ok() && closed.failure().check<CancelledError>())
        closed.failure().raise();
    endTransfer(Outcome<void>());
}

} // namespace twistdpp::ftp
