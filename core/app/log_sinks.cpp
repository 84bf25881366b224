#include "twistdpp/app/log_sinks.h"

#include "twistdpp/app/reopenable_file.h"
#include "twistdpp/app/text_escape.h"

#include <array>
#include <atomic>
#include <cstring>
#include <ctime>
#include <mutex>
#include <spdlog/async_logger.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/syslog_sink.h>
#include <syslog.h>
#include <unistd.h>
#include <vector>

namespace twistdpp {

namespace {

using spdlog::details::log_msg;

Bytes bytes(spdlog::string_view_t text) noexcept {
    return {text.data(), text.size()};
}
spdlog::string_view_t view(Bytes text) noexcept {
    return {text.data(), text.size()};
}

spdlog::level::level_enum toSpdlog(LogLevel level) noexcept {
    constexpr std::array map{
        spdlog::level::debug, spdlog::level::info, spdlog::level::warn, spdlog::level::err,
        spdlog::level::critical};
    return map[static_cast<std::size_t>(level)];
}

LogLevel fromSpdlog(spdlog::level::level_enum level) noexcept {
    return static_cast<LogLevel>(std::max(0, static_cast<int>(level) - static_cast<int>(spdlog::level::debug))
    );
}

/// Local time by the second; strftime runs once a second.
class Stamp {
public:
    const std::string& at(std::time_t second, const char* format) {
        if (second != second_ || text_.empty()) {
            std::tm local{};
            ::localtime_r(&second, &local);
            char text[64];
            text_.assign(text, std::strftime(text, sizeof text, format, &local));
            second_ = second;
        }
        return text_;
    }

private:
    std::time_t second_ = 0;
    std::string text_;
};

class TextFormatter final : public spdlog::formatter {
public:
    void format(const log_msg& message, spdlog::memory_buf_t& to) override {
        line_ = stamp_.at(spdlog::log_clock::to_time_t(message.time), "%Y-%m-%dT%H:%M:%S%z");
        line_.append(" [").append(bytes(message.logger_name)).append("#");
        line_.append(logLevelName(fromSpdlog(message.level))).append("] ");
        appendEscaped(line_, bytes(message.payload));
        line_.push_back('\n');
        to.append(line_.data(), line_.data() + line_.size());
    }
    std::unique_ptr<spdlog::formatter> clone() const override { return std::make_unique<TextFormatter>(); }

private:
    Stamp stamp_;
    std::string line_;
};

class JsonFormatter final : public spdlog::formatter {
public:
    void format(const log_msg& message, spdlog::memory_buf_t& to) override {
        const LogLevel level = fromSpdlog(message.level);
        const auto sinceEpoch = message.time.time_since_epoch();
        const auto milliseconds =
            std::chrono::duration_cast<std::chrono::milliseconds>(sinceEpoch).count() % 1000;
        const std::string& day = stamp_.at(spdlog::log_clock::to_time_t(message.time), "%Y-%m-%dT%H:%M:%S%z");
        // strftime writes the zone as +0100, RFC 3339 wants +01:00.
        line_ = "{\"time\":\"" + day.substr(0, 19) + "." + std::to_string(1000 + milliseconds).substr(1) +
                day.substr(19, 3) + ":" + day.substr(22) + "\",\"level\":\"";
        line_.append(logLevelName(level)).append("\",\"severity\":");
        line_.append(std::to_string((static_cast<int>(level) + 1) * 10)).append(",\"namespace\":");
        appendJsonString(line_, bytes(message.logger_name));
        line_.append(",\"message\":");
        appendJsonString(line_, bytes(message.payload));
        line_.append(",\"pid\":").append(std::to_string(::getpid())).append("}\n");
        to.append(line_.data(), line_.data() + line_.size());
    }
    std::unique_ptr<spdlog::formatter> clone() const override { return std::make_unique<JsonFormatter>(); }

private:
    Stamp stamp_;
    std::string line_;
};

/// What syslog adds itself (time, level) is left out.
class SyslogFormatter final : public spdlog::formatter {
public:
    void format(const log_msg& message, spdlog::memory_buf_t& to) override {
        line_.assign("[").append(bytes(message.logger_name)).append("] ");
        appendEscaped(line_, bytes(message.payload));
        to.append(line_.data(), line_.data() + line_.size());
    }
    std::unique_ptr<spdlog::formatter> clone() const override { return std::make_unique<SyslogFormatter>(); }

private:
    std::string line_;
};

class FileSink final : public spdlog::sinks::base_sink<std::mutex> {
public:
    explicit FileSink(ReopenableFile file) : file_(std::move(file)) {}

    Result<void> reopen() {
        const std::lock_guard lock(mutex_);
        return file_.reopen();
    }
    Result<void> giveTo(uid_t user, gid_t group) {
        const std::lock_guard lock(mutex_);
        return file_.giveTo(user, group);
    }
    bool isStandardOutput() const noexcept { return file_.isStandardOutput(); }

private:
    void sink_it_(const log_msg& message) override {
        text_.clear();
        formatter_->format(message, text_);
        switch (file_.write({text_.data(), text_.size()})) {
        case ReopenableFile::Outcome::failed:
            complain();
            break;
        case ReopenableFile::Outcome::recovered:
            sayWhatIsMissing();
            break;
        default:
            break;
        }
    }
    void flush_() override {}

    void complain() {
        const std::string line = "twistdpp: the log " + file_.path() +
                                 " cannot be written, lines are lost: " + std::strerror(file_.lastError()) +
                                 "\n";
        [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
        ::syslog(LOG_DAEMON | LOG_ERR, "%.*s", static_cast<int>(line.size() - 1), line.data());
    }
    void sayWhatIsMissing() {
        const std::string text =
            std::to_string(file_.lost()) + " lines could not be written and are missing here";
        file_.clearLost();
        text_.clear();
        formatter_->format(log_msg("log", spdlog::level::warn, text), text_);
        file_.write({text_.data(), text_.size()});
    }

    ReopenableFile file_;
    spdlog::memory_buf_t text_;
};

class Output final : public LogOutput {
public:
    Output(LogSettings settings, std::shared_ptr<FileSink> file)
        : queueSize_(settings.queue), file_(std::move(file)) {
        setLevels(std::move(settings.levels));
        spdlog::sink_ptr sink = file_;
        if (!file_) {
            sink = std::make_shared<spdlog::sinks::syslog_sink_mt>(
                settings.syslogPrefix, LOG_PID | LOG_NDELAY, LOG_DAEMON, true
            );
            sink->set_formatter(std::make_unique<SyslogFormatter>());
        } else if (settings.json) {
            sink->set_formatter(std::make_unique<JsonFormatter>());
        } else {
            sink->set_formatter(std::make_unique<TextFormatter>());
        }
        sink_ = std::move(sink);
    }
    ~Output() override { drain(); }

    bool wants(LogLevel level, Bytes name) const noexcept override {
        return levels_.load(std::memory_order_acquire)->wants(level, name);
    }

    void write(LogLevel level, Bytes name, Bytes text) noexcept override {
        const log_msg message(view(name), toSpdlog(level), view(text));
        try {
            if (!async_.load(std::memory_order_acquire)) {
                sink_->log(message);
                return;
            }
            const std::lock_guard lock(poolMutex_);
            if (!pool_)
                startPool();
            pool_->post_log(
                std::shared_ptr<spdlog::async_logger>(queueEnd_), message,
                spdlog::async_overflow_policy::overrun_oldest
            );
            if (++posted_ % kLossCheck == 0)
                tellOfLoss();
        } catch (const std::exception&) {
            // Out of memory or of threads: the line is lost, the program goes on.
            lostInMemory_.fetch_add(1, std::memory_order_relaxed);
        }
    }

    void goAsync() noexcept override { async_.store(true, std::memory_order_release); }

    void drain() noexcept override {
        async_.store(false, std::memory_order_release);
        std::shared_ptr<spdlog::details::thread_pool> pool;
        {
            const std::lock_guard lock(poolMutex_);
            if (pool_)
                overrunBefore_.fetch_add(pool_->overrun_counter(), std::memory_order_relaxed);
            pool = std::move(pool_);
            queueEnd_.reset();
        }
        pool.reset();
        if (const std::size_t lines = dropped(); lines > toldDropped_)
            write(LogLevel::warn, "log", lossText(lines - std::exchange(toldDropped_, lines)));
    }

    void setLevels(LogLevels levels) override {
        const std::lock_guard lock(levelMutex_);
        publish(std::move(levels));
    }
    LogLevel shiftLevels(int steps) override {
        const std::lock_guard lock(levelMutex_);
        LogLevels next = *levels_.load(std::memory_order_relaxed);
        next.shift(steps);
        return publish(std::move(next)).fallback;
    }

    std::size_t dropped() const noexcept override {
        const std::lock_guard lock(poolMutex_);
        return overrunBefore_.load(std::memory_order_relaxed) +
               lostInMemory_.load(std::memory_order_relaxed) + (pool_ ? pool_->overrun_counter() : 0);
    }
    bool isStandardOutput() const noexcept override { return file_ && file_->isStandardOutput(); }

    Result<void> reopen() override { return file_ ? file_->reopen() : Result<void>{}; }
    Result<void> giveTo(uid_t user, gid_t group) override {
        return file_ ? file_->giveTo(user, group) : Result<void>{};
    }

private:
    static constexpr unsigned kLossCheck = 256; // lines between two looks at how many were lost

    static std::string lossText(std::size_t lines) {
        return std::to_string(lines) + " lines were dropped: the queue was full";
    }

    void tellOfLoss() {
        const std::size_t lines = overrunBefore_.load(std::memory_order_relaxed) + pool_->overrun_counter();
        if (lines <= toldDropped_)
            return;
        const std::string text = lossText(lines - std::exchange(toldDropped_, lines));
        pool_->post_log(
            std::shared_ptr<spdlog::async_logger>(queueEnd_), log_msg("log", spdlog::level::warn, text),
            spdlog::async_overflow_policy::overrun_oldest
        );
    }

    void startPool() {
        pool_ = std::make_shared<spdlog::details::thread_pool>(queueSize_, 1);
        queueEnd_ = std::make_shared<spdlog::async_logger>(
            "twistdpp", sink_, pool_, spdlog::async_overflow_policy::overrun_oldest
        );
        queueEnd_->set_level(spdlog::level::trace);
    }

    /// Readers take no lock, so an old table is kept for those that are just reading it: levels change a few
    /// times in the life of a process.
    const LogLevels& publish(LogLevels levels) {
        const auto& kept = levelTables_.emplace_back(std::make_unique<const LogLevels>(std::move(levels)));
        levels_.store(kept.get(), std::memory_order_release);
        return *kept;
    }

    const std::size_t queueSize_;
    std::shared_ptr<FileSink> file_;
    spdlog::sink_ptr sink_;
    std::atomic<bool> async_{false};
    mutable std::mutex poolMutex_;
    std::shared_ptr<spdlog::details::thread_pool> pool_;
    std::shared_ptr<spdlog::async_logger> queueEnd_;
    std::atomic<std::size_t> overrunBefore_{0}, lostInMemory_{0};
    unsigned posted_ = 0;
    std::size_t toldDropped_ = 0;
    std::mutex levelMutex_;
    std::vector<std::unique_ptr<const LogLevels>> levelTables_;
    std::atomic<const LogLevels*> levels_{nullptr};
};

} // namespace

Result<std::unique_ptr<LogOutput>> LogOutput::open(LogSettings settings) {
    ::tzset();
    std::shared_ptr<FileSink> sink;
    if (!settings.syslog) {
        auto file = ReopenableFile::open(settings.file);
        if (!file)
            return std::move(file).error();
        sink = std::make_shared<FileSink>(std::move(*file));
    }
    return std::unique_ptr<LogOutput>(std::make_unique<Output>(std::move(settings), std::move(sink)));
}

} // namespace twistdpp
