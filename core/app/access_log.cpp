#include "twistdpp/app/access_log.h"

#include "twistdpp/app/logger.h"
#include "twistdpp/app/reopenable_file.h"

#include <condition_variable>
#include <cstring>
#include <deque>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

namespace twistdpp {

namespace {

constexpr std::size_t kMostWaiting = 8 << 20;
constexpr std::size_t kHandOver = 64 << 10;
constexpr auto kInterval = std::chrono::seconds(1);

const Logger& log() {
    static const Logger logger("app.access");
    return logger;
}

class ThreadedFile final : public AccessLogFile {
public:
    explicit ThreadedFile(ReopenableFile file) : file_(std::move(file)) {}

    ~ThreadedFile() override {
        {
            const std::lock_guard lock(mutex_);
            ending_ = true;
        }
        wake_.notify_one();
        if (thread_.joinable())
            thread_.join();
    }

    void submit(std::string lines, std::uint64_t count) override {
        const std::lock_guard lock(mutex_);
        if (waitingBytes_ + lines.size() > kMostWaiting) {
            if (std::exchange(overflowing_, true) == false)
                log().warn("{}: the disk is too slow, lines are dropped", file_.path());
            dropped_ += count;
            return;
        }
        overflowing_ = false;
        waitingBytes_ += lines.size();
        waiting_.emplace_back(std::move(lines), count);
        if (!thread_.joinable())
            thread_ = std::thread([this] { work(); });
        else
            wake_.notify_one();
    }

    std::uint64_t dropped() const override {
        const std::lock_guard lock(mutex_);
        return dropped_;
    }

    Result<void> reopen() override {
        const std::lock_guard lock(fileMutex_);
        return file_.reopen();
    }
    Result<void> giveTo(uid_t user, gid_t group) override {
        const std::lock_guard lock(fileMutex_);
        return file_.giveTo(user, group);
    }

private:
    void work() {
        std::unique_lock lock(mutex_);
        while (true) {
            wake_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
            if (waiting_.empty())
                return;
            auto [lines, count] = std::move(waiting_.front());
            waiting_.pop_front();
            lock.unlock();
            const std::uint64_t lost = write(lines, count);
            lock.lock();
            waitingBytes_ -= lines.size();
            dropped_ += lost;
        }
    }

    /// How many of the lines were lost.
    std::uint64_t write(const std::string& lines, std::uint64_t count) {
        const std::lock_guard lock(fileMutex_);
        switch (file_.write(lines, count)) {
        case ReopenableFile::Outcome::written:
            return 0;
        case ReopenableFile::Outcome::failed:
            log().error(
                "{} cannot be written, lines are lost: {}", file_.path(), std::strerror(file_.lastError())
            );
            return count;
        case ReopenableFile::Outcome::stillFailing:
            return count;
        case ReopenableFile::Outcome::recovered:
            log().warn("{} can be written again; {} lines are missing", file_.path(), file_.lost());
            file_.clearLost();
            return 0;
        }
        return 0;
    }

    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::pair<std::string, std::uint64_t>> waiting_;
    std::size_t waitingBytes_ = 0;
    std::uint64_t dropped_ = 0;
    bool ending_ = false, overflowing_ = false;
    std::mutex fileMutex_;
    ReopenableFile file_;
    std::thread thread_;
};

} // namespace

Result<std::shared_ptr<AccessLogFile>> AccessLogFile::open(const std::string& path) {
    static std::mutex mutex;
    static std::map<std::string, std::weak_ptr<AccessLogFile>> open;
    const std::lock_guard lock(mutex);
    std::weak_ptr<AccessLogFile>& known = open[path];
    if (auto shared = known.lock())
        return shared;
    auto file = ReopenableFile::open(path);
    if (!file)
        return std::move(file).error();
    auto made = std::make_shared<ThreadedFile>(std::move(*file));
    known = made;
    return std::shared_ptr<AccessLogFile>(std::move(made));
}

AccessLog::AccessLog(Reactor& reactor, std::shared_ptr<AccessLogFile> file)
    : file_(std::move(file)), timer_(reactor.timers(), [this] { flush(); }) {}

AccessLog::~AccessLog() {
    flush();
}

void AccessLog::lineDone() {
    buffer_.push_back('\n');
    ++lines_;
    if (buffer_.size() >= kHandOver)
        flush();
    else if (!timer_.active())
        timer_.start(kInterval);
}

void AccessLog::flush() {
    timer_.stop();
    if (buffer_.empty())
        return;
    file_->submit(std::exchange(buffer_, {}), std::exchange(lines_, 0));
}

} // namespace twistdpp
