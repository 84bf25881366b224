#include "twistdpp/mail_server/maildir_account.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/imap/mailbox_name.h"
#include "twistdpp/mail_server/maildir_flags.h"
#include "twistdpp/mail_server/maildir_mailbox.h"
#include "twistdpp/mail_store/keyword_file.h"
#include "twistdpp/mail_store/message_spool.h"
#include "twistdpp/mail_store/message_uids.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>
#include <sys/stat.h>
#include <unistd.h>

namespace twistdpp::mail {

namespace {

namespace fs = std::filesystem;
using imap::Refused;

constexpr Bytes kInbox = "INBOX";
constexpr std::size_t kLongestName = 200; // of a folder
constexpr std::size_t kMostMailboxes = 10'000;

struct Use {
    Bytes name, use;
};
/// What clients call them, and RFC 6154.
constexpr std::array<Use, 5> kUses{
    {{"Archive", "\\Archive"},
     {"Drafts", "\\Drafts"},
     {"Junk", "\\Junk"},
     {"Sent", "\\Sent"},
     {"Trash", "\\Trash"}}};

[[noreturn]] void fail(const Error& error) {
    throw std::runtime_error(error.message());
}

/// The folder of a mailbox, whether it is there or not.
std::string folderOf(const std::string& root, const std::string& name) {
    if (name == kInbox)
        return root;
    std::string folder = imap::toModifiedUtf7(name);
    const bool good = !name.empty() && name.front() != '/' && name.back() != '/' &&
                      folder.size() <= kLongestName && name.find("//") == std::string::npos &&
                      name.find('.') == std::string::npos &&
                      std::none_of(name.begin(), name.end(), [](char c) {
                          return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
                      });
    if (!good)
        throw Refused("CANNOT", "a mailbox's name has parts that '/' divides, and no '.'");
    std::replace(folder.begin(), folder.end(), '/', '.');
    return root + "/." + folder;
}

bool isFolder(const std::string& path) {
    struct stat status {};
    return ::lstat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

std::string existing(const std::string& root, const std::string& name, const char* code) {
    const std::string folder = folderOf(root, name);
    if (name != kInbox && !isFolder(folder))
        throw Refused(code, "there is no such mailbox");
    if (const auto made = Maildir(folder).create(); !made)
        fail(made.error());
    return folder;
}

/// All names but INBOX.
std::vector<std::string> namesIn(const std::string& root) {
    std::vector<std::string> out;
    std::error_code none;
    for (const auto& each : fs::directory_iterator(root, none)) {
        std::string folder = each.path().filename().string();
        if (folder.size() < 2 || folder.front() != '.' || !isFolder(each.path().string() + "/cur") ||
            out.size() >= kMostMailboxes)
            continue;
        folder.erase(0, 1);
        std::replace(folder.begin(), folder.end(), '.', '/');
        if (auto name = imap::fromModifiedUtf7(folder))
            out.push_back(*std::move(name));
    }
    std::sort(out.begin(), out.end());
    return out;
}

/// Names that are subscribed to; nothing: all are.
std::optional<std::set<std::string>> subscriptions(const std::string& root) {
    std::ifstream file(root + "/subscriptions");
    if (!file)
        return std::nullopt;
    std::set<std::string> out;
    for (std::string line; std::getline(file, line);) {
        if (const auto name = imap::fromModifiedUtf7(line))
            out.insert(*name);
    }
    return out;
}

class MaildirAppending final : public imap::Appending {
public:
    MaildirAppending(Reactor& reactor, std::string folder, imap::FlagList flags, std::int64_t time)
        : reactor_(reactor), work_(std::make_shared<Work>(std::move(folder), std::move(flags), time)) {}

    void write(Bytes data) override { fresh_.append(data); }
    Deferred<void> ready() override {
        if (fresh_.size() < MessageSpool::kInMemory / 2)
            return succeed();
        return reactor_.runInThread(Pool::io, [work = work_, block = std::exchange(fresh_, {})] {
            work->append(block);
        });
    }
    Deferred<std::pair<std::uint32_t, std::uint32_t>> end() override {
        return reactor_
            .runInThread(
                Pool::io,
                [work = work_, block = std::exchange(fresh_, {})] {
                    work->append(block);
                    work->keep();
                }
            )
            .addCallback([work = work_] { return std::pair(work->validity, work->uid); });
    }

private:
    struct Work {
        Work(std::string where, imap::FlagList with, std::int64_t when)
            : folder(std::move(where)), flags(std::move(with)), time(when), spool(folder) {}
        void append(Bytes data) {
            if (auto done = spool.append(data); !done)
                fail(done.error());
        }
        void keep() {
            const Maildir maildir(folder);
            // Held until it has its number: no other session gives it one.
            auto uids = MessageUids::open(folder);
            if (!uids)
                fail(uids.error());
            const unsigned bits = bitsOfFlags();
            const auto name = maildir.deliver({}, spool, time);
            if (!name)
                fail(name.error());
            Maildir::Entry entry;
            entry.name = "new/" + *name;
            if (bits != 0) {
                auto flagged = maildir.changeFlags(entry, [&](const std::string& letters) {
                    return maildirFlags(bits, letters);
                });
                if (!flagged)
                    fail(flagged.error());
                entry.name = *std::move(flagged);
            }
            uid = uids->add({Maildir::baseOf(entry.name), Maildir::flagsOf(entry.name)});
            if (const auto saved = uids->save(); !saved)
                fail(saved.error());
            validity = uids->validity();
        }
        unsigned bitsOfFlags() const {
            if (flags.keywords.empty())
                return flags.flags;
            auto keywords = readKeywords(folder);
            if (!keywords)
                fail(keywords.error());
            const imap::Keywords before = *keywords;
            const unsigned bits = imap::takeFlags(flags, *keywords);
            if (*keywords != before) {
                if (const auto written = writeKeywords(folder, *keywords); !written)
                    fail(written.error());
            }
            return bits;
        }
        std::string folder;
        imap::FlagList flags;
        std::int64_t time;
        MessageSpool spool;
        std::uint32_t validity = 0, uid = 0;
    };

    Reactor& reactor_;
    std::shared_ptr<Work> work_;
    std::string fresh_;
};

class MaildirAccount final : public imap::Account {
public:
    MaildirAccount(Reactor& reactor, std::string root) : reactor_(reactor), root_(std::move(root)) {}

    Deferred<std::vector<imap::MailboxName>> list() override {
        const auto out = std::make_shared<std::vector<imap::MailboxName>>();
        return reactor_
            .runInThread(
                Pool::io,
                [out, root = root_] {
                    const auto chosen = subscriptions(root);
                    std::vector<std::string> names = namesIn(root);
                    names.insert(names.begin(), std::string(kInbox));
                    for (const std::string& name : names) {
                        imap::MailboxName each;
                        each.name = name;
                        each.subscribed = !chosen || chosen->contains(name);
                        for (const Use& use : kUses) {
                            if (use.name == name)
                                each.use = use.use;
                        }
                        out->push_back(std::move(each));
                    }
                    if (chosen) {
                        for (const std::string& name : *chosen) {
                            if (std::find(names.begin(), names.end(), name) == names.end())
                                out->push_back({name, {}, true, false});
                        }
                    }
                }
            )
            .addCallback([out] { return std::move(*out); });
    }

    Deferred<std::unique_ptr<imap::Mailbox>> open(std::string name) override {
        const auto folder = std::make_shared<std::string>();
        MailboxPath pathOf = [root = root_](const std::string& target) {
            return existing(root, target, "TRYCREATE");
        };
        return reactor_
            .runInThread(
                Pool::io, [folder, root = root_, name] { *folder = existing(root, name, "NONEXISTENT"); }
            )
            .addCallback([folder, pathOf, reactor = &reactor_] {
                return openMaildirMailbox(*reactor, *folder, pathOf);
            });
    }

    Deferred<void> create(std::string name) override {
        return reactor_.runInThread(Pool::io, [root = root_, name = std::move(name)] {
            // "Work/" says that others will come below it.
            const std::string folder =
                folderOf(root, name.ends_with('/') ? name.substr(0, name.size() - 1) : name);
            if (name == kInbox || isFolder(folder))
                throw Refused("ALREADYEXISTS", "there is such a mailbox");
            if (const auto made = makeFolder(root); !made)
                fail(made.error());
            if (const auto made = Maildir(folder).create(); !made)
                fail(made.error());
        });
    }

    Deferred<void> remove(std::string name) override {
        return reactor_.runInThread(Pool::io, [root = root_, name = std::move(name)] {
            const std::string folder = folderOf(root, name);
            if (name == kInbox)
                throw Refused("CANNOT", "the INBOX stays");
            if (!isFolder(folder))
                throw Refused("NONEXISTENT", "there is no such mailbox");
            std::error_code why;
            fs::remove_all(folder, why);
            if (why)
                fail(Error("cannot remove " + folder + ": " + why.message()));
        });
    }

    Deferred<void> rename(std::string name, std::string to) override {
        return reactor_.runInThread(Pool::io, [root = root_, name = std::move(name), to = std::move(to)] {
            const std::string from = folderOf(root, name);
            const std::string target = folderOf(root, to);
            if (name == kInbox)
                throw Refused("CANNOT", "the INBOX stays");
            if (!isFolder(from))
                throw Refused("NONEXISTENT", "there is no such mailbox");
            if (isFolder(target))
                throw Refused("ALREADYEXISTS", "there is such a mailbox");
            // And all that are below it.
            for (const std::string& each : namesIn(root)) {
                if (each.starts_with(name + "/")) {
                    const std::string old = folderOf(root, each);
                    const std::string fresh = folderOf(root, to + each.substr(name.size()));
                    if (::rename(old.c_str(), fresh.c_str()) != 0)
                        fail(Error::fromErrno(errno, "cannot rename " + old));
                }
            }
            if (::rename(from.c_str(), target.c_str()) != 0)
                fail(Error::fromErrno(errno, "cannot rename " + from));
        });
    }

    Deferred<void> subscribe(std::string name, bool on) override {
        return reactor_.runInThread(Pool::io, [root = root_, name = std::move(name), on] {
            auto all = subscriptions(root);
            if (!all) {
                const auto names = namesIn(root);
                all.emplace(names.begin(), names.end());
                all->insert(std::string(kInbox));
            }
            if (on)
                all->insert(name);
            else
                all->erase(name);
            if (const auto made = makeFolder(root); !made)
                fail(made.error());
            const std::string path = root + "/subscriptions";
            const std::string fresh = path + ".new";
            std::string text;
            for (const std::string& each : *all)
                text += imap::toModifiedUtf7(each) + "\n";
            const UniqueFd file(
                ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600)
            );
            if (!file)
                fail(Error::fromErrno(errno, "cannot make " + fresh));
            if (const auto written = writeAll(file.get(), text, fresh); !written)
                fail(written.error());
            if (::rename(fresh.c_str(), path.c_str()) != 0)
                fail(Error::fromErrno(errno, "cannot write " + path));
        });
    }

    Deferred<std::unique_ptr<imap::Appending>>
    append(std::string name, imap::FlagList flags, std::int64_t time) override {
        const auto folder = std::make_shared<std::string>();
        return reactor_
            .runInThread(
                Pool::io, [folder, root = root_,
                           name = std::move(name)] { *folder = existing(root, name, "TRYCREATE"); }
            )
            .addCallback(
                [folder, flags = std::move(flags), time,
                 reactor = &reactor_]() -> std::unique_ptr<imap::Appending> {
                    return std::make_unique<MaildirAppending>(*reactor, *folder, flags, time);
                }
            );
    }

private:
    Reactor& reactor_;
    std::string root_;
};

} // namespace

std::unique_ptr<imap::Account> makeMaildirAccount(Reactor& reactor, std::string maildir) {
    return std::make_unique<MaildirAccount>(reactor, std::move(maildir));
}

} // namespace twistdpp::mail
