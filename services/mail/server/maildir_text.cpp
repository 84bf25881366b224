#include "twistdpp/mail_server/maildir_text.h"

#include "twistdpp/base/unique_fd.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>
#include <unistd.h>

namespace twistdpp::mail {

namespace {

constexpr std::size_t kBlock = 64 * 1024;
constexpr std::size_t kHeaderBlock = 8 * 1024; // most headers fit

/// Reads a file with CRLF at the end of each line, and of the last one, whichever it has.
class CrlfReader {
public:
    explicit CrlfReader(UniqueFd fd) : fd_(std::move(fd)) {}

    /// Adds what is in the next so many bytes. False at the end. An error is thrown.
    bool read(std::string& out, std::size_t most) {
        std::array<char, kBlock> block;
        ssize_t got = 0;
        do
            got = ::read(fd_.get(), block.data(), std::min(most, block.size()));
        while (got < 0 && errno == EINTR);
        if (got < 0)
            throw std::runtime_error(Error::fromErrno(errno, "cannot read a message").message());
        if (got == 0) {
            if (last_ != '\n')
                out += "\r\n";
            last_ = '\n';
            return false;
        }
        for (Bytes rest(block.data(), static_cast<std::size_t>(got)); !rest.empty();) {
            const std::size_t end = std::min(rest.find('\n'), rest.size());
            out.append(rest.substr(0, end));
            if (end > 0)
                last_ = rest[end - 1];
            if (end < rest.size()) {
                out.append(last_ == '\r' ? "\n" : "\r\n");
                last_ = '\n';
            }
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
        return true;
    }
    void rewind() {
        if (::lseek(fd_.get(), 0, SEEK_SET) != 0)
            throw std::runtime_error(Error::fromErrno(errno, "cannot read a message").message());
        last_ = '\0';
    }

private:
    UniqueFd fd_;
    char last_ = '\0';
};

class MaildirSource final : public imap::TextSource {
public:
    MaildirSource(Reactor& reactor, std::shared_ptr<CrlfReader> reader, std::uint64_t size)
        : reactor_(reactor), reader_(std::move(reader)), size_(size) {}

    std::uint64_t size() const noexcept override { return size_; }
    Deferred<std::string> next() override {
        const auto block = std::make_shared<std::string>();
        return reactor_.runInThread(
                           Pool::io, [block, reader = reader_] { reader->read(*block, kBlock); }
        ).addCallback([block] { return std::move(*block); });
    }

private:
    Reactor& reactor_;
    std::shared_ptr<CrlfReader> reader_;
    std::uint64_t size_;
};

} // namespace

std::optional<std::string>
readMessage(const Maildir& maildir, const Maildir::Entry& entry, imap::Extent extent) {
    auto fd = maildir.open(entry);
    if (!fd)
        return std::nullopt;
    const bool all = extent == imap::Extent::all;
    CrlfReader reader(*std::move(fd));
    std::string out;
    if (all)
        out.reserve(static_cast<std::size_t>(entry.size));
    try {
        for (std::size_t looked = 0; reader.read(out, all ? kBlock : kHeaderBlock);) {
            if (all)
                continue;
            const std::size_t end = out.starts_with("\r\n") ? 0 : out.find("\r\n\r\n", looked);
            if (end != std::string::npos) {
                out.resize(end + (out.starts_with("\r\n") ? 2 : 4));
                break;
            }
            looked = out.size() - std::min<std::size_t>(out.size(), 3);
        }
    } catch (const std::runtime_error&) {
        return std::nullopt;
    }
    return out;
}

Deferred<std::unique_ptr<imap::TextSource>>
openMessage(Reactor& reactor, Maildir maildir, Maildir::Entry entry) {
    struct Opened {
        std::shared_ptr<CrlfReader> reader;
        std::uint64_t size = 0;
    };
    const auto opened = std::make_shared<Opened>();
    return reactor
        .runInThread(
            Pool::io,
            [opened, maildir = std::move(maildir), entry = std::move(entry)] {
                auto fd = maildir.open(entry);
                if (!fd)
                    return;
                const auto reader = std::make_shared<CrlfReader>(*std::move(fd));
                // The size in its name may be wrong, and a client is told how much comes before it does.
                std::string block;
                for (bool more = true; more; block.clear()) {
                    more = reader->read(block, kBlock);
                    opened->size += block.size();
                }
                reader->rewind();
                opened->reader = reader;
            }
        )
        .addCallback([opened, reactor = &reactor]() -> std::unique_ptr<imap::TextSource> {
            if (!opened->reader)
                return nullptr;
            return std::make_unique<MaildirSource>(*reactor, std::move(opened->reader), opened->size);
        });
}

} // namespace twistdpp::mail
