#include "twistdpp/mail_server/mail_drop.h"

#include "twistdpp/base/hex.h"
#include "twistdpp/cred/password_digest.h"
#include "twistdpp/mail_server/read_ahead.h"
#include "twistdpp/mail_store/maildir.h"

#include <cerrno>
#include <optional>
#include <stdexcept>
#include <unistd.h>
#include <utility>

namespace twistdpp::mail {

namespace {

constexpr std::size_t kBlock = 64 * 1024;
constexpr std::size_t kLongestId = 70; // RFC 1939 section 7

/// The same as long as the message is there, whatever flags its name gets.
std::string idOf(const std::string& name) {
    std::string base = name.substr(name.find('/') + 1);
    base.resize(std::min(base.find_first_of(":,"), base.size()));
    return base.size() <= kLongestId ? base : toHex(sha256(base)).substr(0, 32);
}

/// Frees the Maildir for the next session.
class Hold {
public:
    Hold(std::shared_ptr<std::set<std::string>> all, std::string path)
        : all_(std::move(all)), path_(std::move(path)) {}
    ~Hold() { all_->erase(path_); }
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;

private:
    std::shared_ptr<std::set<std::string>> all_;
    std::string path_;
};

class MaildirMessage final : public pop3::Message {
public:
    MaildirMessage(Reactor& reactor, UniqueFd fd)
        : reactor_(reactor), fd_(std::make_shared<UniqueFd>(std::move(fd))) {}

    Deferred<std::string> next() override {
        const auto block = std::make_shared<std::string>();
        return reactor_
            .runInThread(
                Pool::io,
                [fd = fd_, block] {
                    block->resize(kBlock);
                    ssize_t got = 0;
                    do
                        got = ::read(fd->get(), block->data(), block->size());
                    while (got < 0 && errno == EINTR);
                    if (got < 0)
                        throw std::runtime_error(Error::fromErrno(errno, "cannot read a message").message());
                    block->resize(static_cast<std::size_t>(got));
                }
            )
            .addCallback([block] { return std::move(*block); });
    }

private:
    Reactor& reactor_;
    std::shared_ptr<UniqueFd> fd_;
};

class ReadMessage final : public pop3::Message {
public:
    explicit ReadMessage(std::string text) : text_(std::move(text)) {}
    Deferred<std::string> next() override { return std::exchange(text_, {}); }

private:
    std::string text_;
};

class MaildirDrop final : public pop3::Drop {
public:
    MaildirDrop(
        Reactor& reactor, Maildir maildir, std::vector<Maildir::Entry> entries, std::unique_ptr<Hold> hold
    )
        : reactor_(reactor), maildir_(std::move(maildir)), entries_(std::move(entries)),
          ahead_(reactor_, maildir_), hold_(std::move(hold)) {}

    std::size_t count() const noexcept override { return entries_.size(); }
    std::uint64_t size(std::size_t index) const override { return entries_[index].size; }
    std::string id(std::size_t index) const override { return idOf(entries_[index].name); }

    Deferred<std::unique_ptr<pop3::Message>> open(std::size_t index) override {
        if (ReadAhead::fits(entries_[index]))
            return ahead_.read(entries_, index)
                .addCallback([](std::optional<std::string> text) -> std::unique_ptr<pop3::Message> {
                    if (!text)
                        throw std::runtime_error("a message is gone");
                    return std::make_unique<ReadMessage>(*std::move(text));
                });
        struct Opened {
            std::optional<UniqueFd> fd;
        };
        const auto opened = std::make_shared<Opened>();
        return reactor_
            .runInThread(
                Pool::io,
                [maildir = maildir_, entry = entries_[index], opened] {
                    auto fd = maildir.open(entry);
                    if (!fd)
                        throw std::runtime_error(fd.error().message());
                    opened->fd.emplace(*std::move(fd));
                }
            )
            .addCallback([opened, reactor = &reactor_]() -> std::unique_ptr<pop3::Message> {
                return std::make_unique<MaildirMessage>(*reactor, std::move(*opened->fd));
            });
    }

    Deferred<void> remove(std::vector<std::size_t> indices) override {
        std::vector<Maildir::Entry> gone;
        for (const std::size_t index : indices)
            gone.push_back(entries_[index]);
        return reactor_.runInThread(Pool::io, [maildir = maildir_, gone = std::move(gone)] {
            std::string trouble;
            for (const Maildir::Entry& entry : gone) {
                if (const auto done = maildir.remove(entry); !done)
                    trouble = done.error().message();
            }
            if (!trouble.empty())
                throw std::runtime_error(trouble);
        });
    }

private:
    Reactor& reactor_;
    Maildir maildir_;
    std::vector<Maildir::Entry> entries_;
    ReadAhead ahead_;
    std::unique_ptr<Hold> hold_;
};

} // namespace

Deferred<std::unique_ptr<pop3::Drop>> OpenDrops::open(const std::string& path) {
    if (!open_->insert(path).second)
        return fail<std::unique_ptr<pop3::Drop>>(pop3::InUse());
    struct Listed {
        std::vector<Maildir::Entry> entries;
        std::unique_ptr<Hold> hold;
    };
    const auto listed = std::make_shared<Listed>();
    listed->hold = std::make_unique<Hold>(open_, path);
    return reactor_
        .runInThread(
            Pool::io,
            [path, listed] {
                const Maildir maildir(path);
                if (const auto made = maildir.create(); !made)
                    throw std::runtime_error(made.error().message());
                maildir.sweep();
                auto entries = maildir.list();
                if (!entries)
                    throw std::runtime_error(entries.error().message());
                listed->entries = *std::move(entries);
            }
        )
        .addCallback([path, listed, reactor = &reactor_]() -> std::unique_ptr<pop3::Drop> {
            return std::make_unique<MaildirDrop>(
                *reactor, Maildir(path), std::move(listed->entries), std::move(listed->hold)
            );
        });
}

} // namespace twistdpp::mail
