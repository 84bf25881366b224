#pragma once
#include "twistdpp/cred/checker_set.h"
#include "twistdpp/imap_server/account.h"

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

// Mailboxes in memory, for the dialogue of IMAP. They are strict: asked for a message that there is not they
// end the test, since numbers that a client is told are those of messages that there are.

namespace twistdpp::test {

struct MemoryMessage {
    imap::MessageInfo info;
    std::string text;
};

/// What all sessions see of a mailbox.
class MemoryBox {
public:
    std::uint32_t add(std::string text, unsigned flags = 0) {
        MemoryMessage made;
        made.info.uid = next++;
        made.info.flags = flags;
        made.info.time = 1'700'000'000;
        made.info.size = text.size();
        made.info.modseq = ++modseq;
        made.text = std::move(text);
        messages.push_back(std::move(made));
        return messages.back().info.uid;
    }
    MemoryMessage* find(std::uint32_t uid) {
        const auto found = std::find_if(messages.begin(), messages.end(), [&](const MemoryMessage& each) {
            return each.info.uid == uid;
        });
        return found == messages.end() ? nullptr : &*found;
    }
    void flag(std::uint32_t uid, unsigned flags) {
        imap::MessageInfo& info = find(uid)->info;
        if (std::exchange(info.flags, flags) != flags)
            info.modseq = ++modseq;
    }
    void remove(std::uint32_t uid) {
        std::erase_if(messages, [&](const MemoryMessage& each) { return each.info.uid == uid; });
        ++modseq;
    }
    /// Tells the sessions that something has happened.
    void touch() {
        for (const auto& [owner, told] : watchers)
            told();
    }

    std::uint32_t next = 3;
    std::uint64_t modseq = 10;
    std::vector<MemoryMessage> messages;
    imap::Keywords keywords;
    std::map<const void*, std::function<void()>> watchers;
};

using MemoryBoxes = std::map<std::string, MemoryBox>;

inline void need(bool holds) {
    if (!holds)
        std::abort();
}

class MemoryMailbox final : public imap::Mailbox {
public:
    MemoryMailbox(MemoryBox& box, MemoryBoxes& all) : box_(box), all_(all) { take(); }

    std::uint32_t uidValidity() const noexcept override { return 77; }
    std::uint32_t uidNext() const noexcept override { return box_.next; }
    const std::vector<imap::MessageInfo>& messages() const noexcept override { return messages_; }
    const imap::Keywords& keywords() const noexcept override { return keywords_; }
    std::uint64_t highestModseq() const noexcept override { return modseq_; }

    Deferred<imap::Changes> refresh() override {
        imap::Changes out;
        const std::vector<imap::MessageInfo> before = messages_;
        take();
        std::uint32_t left = 0;
        for (const imap::MessageInfo& each : before) {
            const MemoryMessage* now = box_.find(each.uid);
            if (!now)
                out.gone.push_back(left + 1);
            else if (++left; now->info.flags != each.flags)
                out.flags.push_back(left);
        }
        out.grown = messages_.size() > left;
        return out;
    }
    std::shared_ptr<void> watch(std::function<void()> changed) override {
        auto key = std::make_shared<int>();
        box_.watchers[key.get()] = std::move(changed);
        return {key.get(), [key, box = &box_](void*) { box->watchers.erase(key.get()); }};
    }
    Deferred<std::vector<std::optional<std::string>>>
    texts(std::vector<std::uint32_t> uids, imap::Extent extent) override {
        // Not all at a time.
        std::vector<std::optional<std::string>> out;
        for (std::size_t i = 0; i < uids.size() && i < 2; ++i) {
            need(has(uids[i]));
            const MemoryMessage* message = box_.find(uids[i]);
            out.push_back(message ? std::optional(message->text) : std::nullopt);
            if (message && extent == imap::Extent::header)
                out.back()->resize(std::min(message->text.find("\r\n\r\n"), message->text.size() - 4) + 4);
        }
        need(!out.empty());
        return out;
    }
    Deferred<std::unique_ptr<imap::TextSource>> source(std::uint32_t uid) override {
        need(has(uid));
        const MemoryMessage* message = box_.find(uid);
        return message ? std::unique_ptr<imap::TextSource>(std::make_unique<Source>(message->text)) : nullptr;
    }
    Deferred<std::vector<std::uint32_t>>
    store(std::vector<std::uint32_t> uids, imap::FlagEdit edit, std::uint64_t unchangedSince) override {
        unsigned bits = 0;
        try {
            bits = imap::takeFlags(edit.flags, box_.keywords);
        } catch (const imap::Refused& refused) {
            return Failure(refused);
        }
        keywords_ = box_.keywords;
        std::vector<std::uint32_t> refused;
        for (const std::uint32_t uid : uids) {
            need(has(uid));
            MemoryMessage* message = box_.find(uid);
            if (!message)
                continue;
            if (message->info.modseq > unchangedSince)
                refused.push_back(uid);
            else
                box_.flag(uid, edit.apply(message->info.flags, bits, keywords_));
            for (imap::MessageInfo& each : messages_) {
                if (each.uid == uid)
                    each = message->info;
            }
        }
        modseq_ = box_.modseq;
        return refused;
    }
    Deferred<imap::Changes> expunge(std::vector<std::uint32_t> uids) override {
        imap::Changes out;
        for (const std::uint32_t uid : uids) {
            need(has(uid));
            const auto found = std::find_if(messages_.begin(), messages_.end(), [&](const auto& each) {
                return each.uid == uid;
            });
            out.gone.push_back(static_cast<std::uint32_t>(found - messages_.begin() + 1));
            messages_.erase(found);
            box_.remove(uid);
        }
        return out;
    }
    Deferred<Copied> copy(std::vector<std::uint32_t> uids, std::string target) override {
        if (!all_.contains(target))
            return Failure(imap::Refused("TRYCREATE", "there is no such mailbox"));
        Copied out;
        out.validity = 77;
        for (const std::uint32_t uid : uids) {
            need(has(uid));
            const MemoryMessage* message = box_.find(uid);
            const std::string text = message ? message->text : std::string();
            out.uids.push_back(all_[target].add(text, message ? message->info.flags : 0));
        }
        return out;
    }

private:
    class Source final : public imap::TextSource {
    public:
        explicit Source(std::string text) : text_(std::move(text)) {}
        std::uint64_t size() const noexcept override { return text_.size(); }
        Deferred<std::string> next() override {
            std::string out = text_.substr(at_, 50'000);
            at_ += out.size();
            return out;
        }

    private:
        std::string text_;
        std::size_t at_ = 0;
    };

    bool has(std::uint32_t uid) const {
        return std::any_of(messages_.begin(), messages_.end(), [&](const imap::MessageInfo& each) {
            return each.uid == uid;
        });
    }
    void take() {
        messages_.clear();
        for (const MemoryMessage& each : box_.messages)
            messages_.push_back(each.info);
        keywords_ = box_.keywords;
        modseq_ = box_.modseq;
    }

    MemoryBox& box_;
    MemoryBoxes& all_;
    std::vector<imap::MessageInfo> messages_;
    imap::Keywords keywords_;
    std::uint64_t modseq_ = 0;
};

class MemoryAccount final : public imap::Account {
public:
    explicit MemoryAccount(MemoryBoxes& boxes) : boxes_(boxes) {}

    Deferred<std::vector<imap::MailboxName>> list() override {
        std::vector<imap::MailboxName> out;
        for (const auto& [name, box] : boxes_) {
            imap::MailboxName each;
            each.name = name;
            each.use = name == "Sent" ? "\\Sent" : "";
            each.subscribed = name != "Unwanted";
            out.push_back(std::move(each));
        }
        return out;
    }
    Deferred<std::unique_ptr<imap::Mailbox>> open(std::string name) override {
        const auto found = boxes_.find(name);
        if (found == boxes_.end())
            return Failure(imap::Refused("NONEXISTENT", "there is none"));
        return std::unique_ptr<imap::Mailbox>(std::make_unique<MemoryMailbox>(found->second, boxes_));
    }
    Deferred<void> create(std::string name) override {
        boxes_[name];
        return succeed();
    }
    // These leave what sessions have open.
    Deferred<void> remove(std::string) override { return succeed(); }
    Deferred<void> rename(std::string, std::string) override { return succeed(); }
    Deferred<void> subscribe(std::string, bool) override { return succeed(); }
    Deferred<std::unique_ptr<imap::Appending>>
    append(std::string name, imap::FlagList flags, std::int64_t) override {
        const auto found = boxes_.find(name);
        if (found == boxes_.end())
            return Failure(imap::Refused("TRYCREATE", "there is none"));
        return std::unique_ptr<imap::Appending>(std::make_unique<Put>(found->second, std::move(flags)));
    }

private:
    class Put final : public imap::Appending {
    public:
        Put(MemoryBox& box, imap::FlagList flags) : box_(box), flags_(std::move(flags)) {}
        void write(Bytes data) override { text_.append(data); }
        Deferred<void> ready() override { return succeed(); }
        Deferred<std::pair<std::uint32_t, std::uint32_t>> end() override {
            try {
                const unsigned bits = imap::takeFlags(flags_, box_.keywords);
                return std::pair<std::uint32_t, std::uint32_t>(77, box_.add(text_, bits));
            } catch (const imap::Refused& refused) {
                return Failure(refused);
            }
        }

    private:
        MemoryBox& box_;
        imap::FlagList flags_;
        std::string text_;
    };

    MemoryBoxes& boxes_;
};

/// Lets everyone in, without hashing.
class Anyone final : public Checker {
public:
    CredentialKinds kinds() const noexcept override { return CredentialKind::password; }
    Deferred<AvatarId> requestAvatarId(const Credentials& credentials) override {
        return AvatarId(std::string(credentials.claimedUser()));
    }
};

} // namespace twistdpp::test
