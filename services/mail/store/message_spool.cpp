#include "twistdpp/mail_store/message_spool.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace twistdpp::mail {

Result<void> writeAll(int fd, Bytes data, const std::string& path) {
    while (!data.empty()) {
        const ssize_t done = ::write(fd, data.data(), data.size());
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return Error::fromErrno(errno, "cannot write " + path);
        data.remove_prefix(static_cast<std::size_t>(done));
    }
    return {};
}

Result<void> MessageSpool::append(Bytes data) {
    const std::size_t before = memory_.size();
    // CR stands nowhere but before LF: who brought the message has seen to it.
    while (!data.empty()) {
        const std::size_t cr = data.find('\r');
        memory_.append(data.substr(0, cr));
        data.remove_prefix(cr == Bytes::npos ? data.size() : cr + 1);
    }
    const Bytes added = Bytes(memory_).substr(before);
    size_ += added.size();
    lines_ += static_cast<std::uint64_t>(std::count(added.begin(), added.end(), '\n'));
    return file_ || memory_.size() > kInMemory ? spill() : Result<void>();
}

Result<void> MessageSpool::spill() {
    if (!file_) {
        file_.reset(::open(folder_.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
        if (!file_)
            return Error::fromErrno(errno, "cannot make a file in " + folder_);
    }
    if (auto done = writeAll(file_.get(), memory_, "a file in " + folder_); !done)
        return done;
    memory_.clear();
    return {};
}

Result<void> MessageSpool::copyTo(int fd) const {
    Result<void> written;
    auto done = read([&](Bytes piece) {
        written = writeAll(fd, piece, "the message");
        return written.ok();
    });
    return done ? written : done;
}

Result<void> MessageSpool::read(const std::function<bool(Bytes piece)>& take) const {
    if (file_) {
        std::array<char, 64 * 1024> block{};
        for (off_t at = 0;;) {
            const ssize_t got = ::pread(file_.get(), block.data(), block.size(), at);
            if (got < 0 && errno == EINTR)
                continue;
            if (got < 0)
                return Error::fromErrno(errno, "cannot read the message in " + folder_);
            if (got == 0)
                break;
            if (!take(Bytes(block.data(), static_cast<std::size_t>(got))))
                return {};
            at += got;
        }
    }
    take(memory_);
    return {};
}

} // namespace twistdpp::mail
