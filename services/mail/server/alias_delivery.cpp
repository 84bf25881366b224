#include "twistdpp/mail_server/alias_delivery.h"

#include "twistdpp/base/bytes.h"
#include "twistdpp/defer/promise.h"
#include "twistdpp/mail_store/message_spool.h"
#include "twistdpp/reactor/process.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <thread>
#include <unistd.h>

namespace twistdpp::mail {

namespace {

constexpr Duration kProgramTime = std::chrono::minutes(5);
constexpr std::size_t kMostSaid = 500; // of a program, that is logged
constexpr int kLockTries = 100;        // of 100 ms each
constexpr std::size_t kBlock = 64 * 1024;

bool lockFile(int fd) {
    struct flock whole {};
    whole.l_type = F_WRLCK;
    whole.l_whence = SEEK_SET;
    for (int i = 0; i < kLockTries; ++i) {
        if (::flock(fd, LOCK_EX | LOCK_NB) == 0 && ::fcntl(fd, F_SETLK, &whole) == 0)
            return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    return false;
}

/// Marks the lines that a reader would take for the beginning of a message.
class FromQuoter {
public:
    std::string next(Bytes data) {
        std::string out;
        for (const char c : data) {
            if (line_) {
                begin_ += c;
                const Bytes mark = "From ";
                const std::size_t arrows = std::min(begin_.find_first_not_of('>'), begin_.size());
                const Bytes word = Bytes(begin_).substr(arrows);
                if (word == mark)
                    out += '>';
                if (word != mark && mark.starts_with(word))
                    continue;
                out += begin_;
                begin_.clear();
                line_ = false;
            } else {
                out += c;
            }
            line_ = line_ || c == '\n';
        }
        return out;
    }
    std::string end() { return begin_; }

private:
    std::string begin_; // of a line, while it may be such a one
    bool line_ = true;
};

Result<void> copyQuoted(int from, int to, const std::string& path) {
    FromQuoter quoter;
    std::array<char, kBlock> block{};
    off_t at = 0;
    while (true) {
        const ssize_t got = ::pread(from, block.data(), block.size(), at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return Error::fromErrno(errno, "cannot read a message");
        if (got == 0)
            return writeAll(to, quoter.end() + "\n", path);
        at += got;
        if (auto written =
                writeAll(to, quoter.next(Bytes(block.data(), static_cast<std::size_t>(got))), path);
            !written)
            return written;
    }
}

/// A program that is running. Keeps itself until it has ended.
class Running final : public ProcessProtocol, public std::enable_shared_from_this<Running> {
public:
    explicit Running(Logger log) : log_(std::move(log)) {}

    Deferred<ProgramEnd> start(Reactor& reactor, const std::string& line, std::shared_ptr<UniqueFd> message) {
        ProcessSpec spec(
            "/bin/sh", {"sh", "-c", "exec </dev/fd/" + std::to_string(message->get()) + "\n" + line}
        );
        spec.keep = {message->get()};
        spec.directory = "/";
        line_ = line;
        message_ = std::move(message);
        auto process = reactor.spawn(std::move(spec), *this);
        if (!process) {
            log_.error("aliases: {}: {}", line, process.error().message());
            return ProgramEnd::notNow;
        }
        process_ = *std::move(process);
        process_->closeStdin();
        self_ = shared_from_this();
        clock_ = reactor.callLater(kProgramTime, [this] {
            log_.error("aliases: {}: takes too long", line_);
            process_->signalProcess(SIGKILL);
        });
        return ended_.deferred();
    }

    void outReceived(Bytes data) override { said_.append(data.substr(0, kMostSaid - said_.size())); }
    void errReceived(Bytes data) override { outReceived(data); }
    void processEnded(ProcessStatus status) override {
        clock_.cancel();
        const auto self = std::move(self_);
        if (!status.success())
            log_.warn(
                "aliases: {}: ended with {}: {}", line_, status.signal != 0 ? -status.signal : status.code,
                said_
            );
        const bool refused = status.signal == 0 && status.code != EX_TEMPFAIL && status.code != EX_OSERR &&
                             status.code != EX_IOERR && status.code != ProcessStatus::kUnknown;
        Promise<ProgramEnd> ended = std::move(ended_);
        ended.callback(
            status.success() ? ProgramEnd::took
            : refused        ? ProgramEnd::refused
                             : ProgramEnd::notNow
        );
    }

private:
    Logger log_;
    std::string line_;
    std::shared_ptr<UniqueFd> message_;
    std::unique_ptr<Process> process_;
    std::shared_ptr<Running> self_;
    Promise<ProgramEnd> ended_;
    std::string said_;
    Timer clock_;
};

} // namespace

Result<void> appendMbox(const std::string& path, int message, const std::string& from) {
    const UniqueFd file(
        ::open(path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600)
    );
    struct stat status {};
    if (!file || ::fstat(file.get(), &status) != 0)
        return Error::fromErrno(errno, "cannot write " + path);
    if (S_ISCHR(status.st_mode) && path == "/dev/null")
        return {};
    if (!S_ISREG(status.st_mode))
        return Error(path + " is no file");
    if (!lockFile(file.get()))
        return Error("somebody holds a lock on " + path);
    const off_t before = ::lseek(file.get(), 0, SEEK_END);
    std::array<char, 32> date{};
    const std::time_t now = std::time(nullptr);
    struct tm parts {};
    ::gmtime_r(&now, &parts);
    std::strftime(date.data(), date.size(), "%a %b %e %H:%M:%S %Y", &parts);
    auto written = writeAll(
        file.get(), "From " + (from.empty() ? "MAILER-DAEMON" : from) + " " + date.data() + "\n", path
    );
    if (written)
        written = copyQuoted(message, file.get(), path);
    if (written && ::fdatasync(file.get()) != 0)
        written = Error::fromErrno(errno, "cannot write " + path);
    if (!written && ::ftruncate(file.get(), before) != 0)
        return Error::fromErrno(errno, "cannot take back what was written in part to " + path);
    return written;
}

Deferred<ProgramEnd>
runProgram(Reactor& reactor, const std::string& line, std::shared_ptr<UniqueFd> message, Logger log) {
    return std::make_shared<Running>(std::move(log))->start(reactor, line, std::move(message));
}

} // namespace twistdpp::mail
