#include "twistdpp/daemon/upgrade.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/number.h"
#include "twistdpp/daemon/hand_over_memo.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

extern char** environ;

namespace twistdpp {

namespace {

constexpr std::size_t kLongestReport = 64 << 10;
constexpr std::size_t kLongestComplaint = 4 << 10;
/// For what a process has written before its end.
constexpr Duration kLastWords = std::chrono::milliseconds(300);

UniqueFd duplicate(int fd) {
    return UniqueFd(::fcntl(fd, F_DUPFD_CLOEXEC, 3));
}

/// A file that has no name, with `text` in it.
Result<UniqueFd> nameless(const std::string& text) {
    UniqueFd file(::memfd_create("twistdpp-handover", MFD_CLOEXEC));
    if (!file || ::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
        return Error::fromErrno(errno, "the list of what is handed over");
    return file;
}

/// As this process is now: another user perhaps than at its start.
Result<void> checkReach(const StartedAs& start) {
    if (::faccessat(AT_FDCWD, start.folder.c_str(), X_OK, AT_EACCESS) != 0)
        return Error::fromErrno(errno, "the folder it was started in, " + start.folder);
    if (::faccessat(AT_FDCWD, start.executable.c_str(), X_OK, AT_EACCESS) != 0)
        return Error::fromErrno(errno, start.executable);
    return {};
}

} // namespace

Result<std::unique_ptr<Upgrade>> Upgrade::begin(
    Reactor& reactor, const StartedAs& start, const HandOver& handOver, Duration limit, Done done
) {
    std::unique_ptr<Upgrade> made(new Upgrade(reactor, limit, std::move(done)));
    if (auto started = made->start(start, handOver); !started)
        return std::move(started).error();
    return made;
}

Result<void> Upgrade::start(const StartedAs& start, const HandOver& handOver) {
    if (auto reached = checkReach(start); !reached)
        return reached;
    auto items = handOver.items();
    if (!items)
        return std::move(items).error();
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return Error::fromErrno(errno, "a socket for its report");
    report_.reset(ends[0]);
    const UniqueFd theirs(ends[1]);

    ProcessSpec spec(start.executable, start.arguments);
    spec.directory = start.folder;
    spec.keep = start.descriptors();
    HandOverMemo memo;
    memo.from = ::getpid();
    memo.report = theirs.get();
    spec.keep.push_back(theirs.get());
    std::vector<UniqueFd> standard;
    for (int i = 0; i < 3; ++i) {
        // Until the new program puts these back, what it writes (its loader, say) comes to this process.
        if (UniqueFd copy = duplicate(i)) {
            memo.standard[static_cast<std::size_t>(i)] = copy.get();
            spec.keep.push_back(copy.get());
            standard.push_back(std::move(copy));
        }
    }
    for (const HandOver::Left& left : *items) {
        memo.items.push_back(left.item);
        spec.keep.push_back(left.fd.get());
    }
    auto file = nameless(memo.encode());
    if (!file)
        return std::move(file).error();
    spec.keep.push_back(file->get());
    spec.environment.emplace();
    for (char** entry = environ; *entry; ++entry)
        spec.environment->emplace_back(*entry);
    spec.environment->push_back(std::string(HandOverMemo::variable) + "=" + std::to_string(file->get()));

    FdWatch* const fds = reactor_.fds();
    if (!fds)
        return Error("this reactor cannot wait for another process");
    auto process = reactor_.spawn(std::move(spec), *this);
    if (!process)
        return std::move(process).error();
    process_ = std::move(*process);
    process_->closeStdin();
    auto watch = fds->watch(report_.get(), FdEvents::readable, [this](unsigned) { readReport(); });
    if (!watch)
        return std::move(watch).error();
    watch_ = std::move(*watch);
    timer_ = reactor_.callLater(limit_, [this] {
        const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(limit_).count();
        reason_ = "not ready within " + std::to_string(milliseconds) + " ms (--upgrade-timeout), killed";
        process_->signalProcess(SIGKILL);
    });
    return {};
}

Upgrade::~Upgrade() {
    if (process_ && !letGo_)
        process_->signalProcess(SIGKILL);
}

void Upgrade::letGo() noexcept {
    letGo_ = true;
    [[maybe_unused]] const auto told = ::send(report_.get(), "y", 1, MSG_NOSIGNAL);
    report_.reset();
}

void Upgrade::readReport() {
    char block[4096];
    while (true) {
        const auto got = ::recv(report_.get(), block, sizeof block, MSG_DONTWAIT);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && errno == EAGAIN)
            return;
        if (got <= 0 || reported_.size() > kLongestReport)
            break;
        reported_.append(block, static_cast<std::size_t>(got));
    }
    watch_.reset();
    Bytes message = reported_;
    const Bytes code = ascii::cut(message, '\n');
    if (reason_ || code.empty())
        return; // its end says the rest
    if (parseUnsigned<std::uint32_t>(code) == 0U)
        conclude(std::string(message));
    else
        reason_ = std::string(message);
}

void Upgrade::conclude(Result<std::string> result) {
    timer_.cancel();
    watch_.reset();
    if (!done_)
        return;
    auto done = std::move(done_);
    done_ = {};
    done(std::move(result));
}

std::string Upgrade::endText() const {
    std::string text = "the new process ";
    if (status_.signal) {
        const char* name = ::sigabbrev_np(status_.signal);
        text += "was killed by signal " + std::to_string(status_.signal) +
                (name ? std::string(" (SIG") + name + ")" : "");
    } else {
        text += "ended with status " + std::to_string(status_.code);
    }
    text += " without being ready";
    Bytes last = ascii::trim(complaint_, " \r\n");
    if (const auto line = last.rfind('\n'); line != Bytes::npos)
        last.remove_prefix(line + 1);
    return last.empty() ? text : text + ": " + std::string(last);
}

void Upgrade::errReceived(Bytes data) {
    complaint_.append(data.substr(0, kLongestComplaint - complaint_.size()));
}

void Upgrade::processExited(ProcessStatus status) {
    status_ = status;
    if (watch_)
        readReport();
    timer_ = reactor_.callLater(kLastWords, [this] { conclude(Error(reason_ ? *reason_ : endText())); });
}

void Upgrade::processEnded(ProcessStatus) {
    conclude(Error(reason_ ? *reason_ : endText()));
}

} // namespace twistdpp
