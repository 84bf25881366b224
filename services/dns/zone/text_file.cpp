#include "twistdpp/dns_zone/text_file.h"

#include "twistdpp/base/unique_fd.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace twistdpp::dns {

namespace {
constexpr std::size_t kLargest = std::size_t{4} << 30;
constexpr std::size_t kShown = 60; // bytes of a word in a message
} // namespace

Result<TextFile> TextFile::read(const std::string& path) {
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
    struct stat status {};
    if (!fd || ::fstat(fd.get(), &status) != 0)
        return Error::fromErrno(errno, "read " + path);
    if (S_ISDIR(status.st_mode))
        return Error("read " + path + ": is a directory");
    if (!S_ISREG(status.st_mode))
        return Error("read " + path + ": is no regular file");

    TextFile file;
    file.device_ = status.st_dev;
    file.inode_ = status.st_ino;
    // The byte more shows in the same read whether the file has grown since.
    std::size_t room = static_cast<std::size_t>(status.st_size) + 1;
    file.bytes_.reset(new char[room + 1]);
    for (;;) {
        if (room > kLargest)
            return Error("read " + path + ": is larger than 4 GiB");
        const ssize_t got = ::read(fd.get(), file.bytes_.get() + file.size_, room - file.size_);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return Error::fromErrno(errno, "read " + path);
        if (got == 0)
            break;
        file.size_ += static_cast<std::size_t>(got);
        if (file.size_ == room) {
            room = 2 * room + 4096;
            std::unique_ptr<char[]> larger(new char[room + 1]);
            std::memcpy(larger.get(), file.bytes_.get(), file.size_);
            file.bytes_ = std::move(larger);
        }
    }
    file.bytes_[file.size_] = '\n';
    return file;
}

TextFile TextFile::copy(Bytes text) {
    TextFile file;
    file.bytes_.reset(new char[text.size() + 1]);
    file.size_ = text.copy(file.bytes_.get(), text.size());
    file.bytes_[file.size_] = '\n';
    return file;
}

const char* TextFile::byteOrderMark(std::size_t& bytes) const noexcept {
    bytes = 0;
    if (text().starts_with("\xef\xbb\xbf")) {
        bytes = 3;
        return "begins with a byte order mark; save it as UTF-8 without one";
    }
    if (text().starts_with("\xff\xfe") || text().starts_with("\xfe\xff"))
        return "begins with a byte order mark of UTF-16; save it as UTF-8 without one";
    return nullptr;
}

std::string quoted(Bytes text) {
    std::string shown = "'";
    for (const char c : text.substr(0, kShown)) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < ' ' || byte > '~') {
            shown += '\\';
            shown += static_cast<char>('0' + byte / 100);
            shown += static_cast<char>('0' + byte / 10 % 10);
            shown += static_cast<char>('0' + byte % 10);
        } else {
            shown += c;
        }
    }
    return shown + (text.size() > kShown ? "...'" : "'");
}

} // namespace twistdpp::dns
