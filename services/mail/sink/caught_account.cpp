#include "twistdpp/mail_sink/caught_account.h"

#include <algorithm>
#include <map>
#include <utility>

namespace twistdpp::mail {

namespace {

using imap::Changes;
using imap::MessageInfo;
using imap::Refused;

constexpr std::size_t kBlock = 64 * 1024;
const Refused kBySmtp("CANNOT", "a sink has one mailbox, and mail comes into it by SMTP");

class CaughtSource final : public imap::TextSource {
public:
    explicit CaughtSource(CaughtMailPtr mail) : mail_(std::move(mail)) {}
    std::uint64_t size() const noexcept override { return mail_->message.size(); }
    Deferred<std::string> next() override {
        std::string block = mail_->message.substr(at_, kBlock);
        at_ += block.size();
        return block;
    }

private:
    CaughtMailPtr mail_;
    std::size_t at_ = 0;
};

class CaughtMailbox final : public imap::Mailbox {
public:
    CaughtMailbox(CaughtMails& mails, std::string user) : mails_(mails), user_(std::move(user)) {
        messages_ = look();
    }

    std::uint32_t uidValidity() const noexcept override { return mails_.validity(); }
    std::uint32_t uidNext() const noexcept override { return static_cast<std::uint32_t>(mails_.nextId()); }
    const std::vector<MessageInfo>& messages() const noexcept override { return messages_; }
    const imap::Keywords& keywords() const noexcept override { return mails_.keywords(); }
    std::uint64_t highestModseq() const noexcept override { return mails_.highestModseq(); }

    Deferred<Changes> refresh() override {
        Changes changes;
        std::vector<MessageInfo> fresh = look();
        std::map<std::uint32_t, unsigned> now;
        for (const MessageInfo& each : fresh)
            now.emplace(each.uid, each.flags);
        std::size_t left = 0; // of those before, in their order
        for (const MessageInfo& each : messages_) {
            const auto found = now.find(each.uid);
            if (found == now.end()) {
                changes.gone.push_back(static_cast<std::uint32_t>(left + 1));
                continue;
            }
            ++left;
            if (found->second != each.flags)
                changes.flags.push_back(static_cast<std::uint32_t>(left));
        }
        changes.grown = fresh.size() > left;
        messages_ = std::move(fresh);
        return changes;
    }

    std::shared_ptr<void> watch(std::function<void()> changed) override {
        return mails_.watch(std::move(changed));
    }

    Deferred<std::vector<std::optional<std::string>>>
    texts(std::vector<std::uint32_t> uids, imap::Extent) override {
        const CaughtMailPtr mail = mails_.find(uids.front());
        std::vector<std::optional<std::string>> out(1);
        if (mail)
            out.front() = mail->message;
        return out;
    }
    Deferred<std::unique_ptr<imap::TextSource>> source(std::uint32_t uid) override {
        CaughtMailPtr mail = mails_.find(uid);
        return mail ? std::unique_ptr<imap::TextSource>(std::make_unique<CaughtSource>(std::move(mail)))
                    : nullptr;
    }

    Deferred<std::vector<std::uint32_t>>
    store(std::vector<std::uint32_t> uids, imap::FlagEdit edit, std::uint64_t unchangedSince) override {
        unsigned bits = 0;
        try {
            bits = imap::takeFlags(edit.flags, mails_.keywords());
        } catch (const Refused& refused) {
            return Failure(refused);
        }
        std::vector<std::uint32_t> refused;
        for (const std::uint32_t uid : uids) {
            const CaughtMails::Marks before = mails_.marks(uid);
            if (before.modseq > unchangedSince)
                refused.push_back(uid);
            else
                mails_.setFlags(uid, edit.apply(before.flags, bits, mails_.keywords()));
        }
        for (MessageInfo& each : messages_) {
            if (mails_.find(each.uid) && std::binary_search(uids.begin(), uids.end(), each.uid))
                mark(each);
        }
        return refused;
    }

    Deferred<Changes> expunge(std::vector<std::uint32_t> uids) override {
        Changes changes;
        for (const std::uint32_t uid : uids) {
            mails_.remove(uid);
            const auto found = std::find_if(messages_.begin(), messages_.end(), [&](const MessageInfo& each) {
                return each.uid == uid;
            });
            if (found == messages_.end())
                continue;
            changes.gone.push_back(static_cast<std::uint32_t>(found - messages_.begin() + 1));
            messages_.erase(found);
        }
        return changes;
    }

    Deferred<Copied> copy(std::vector<std::uint32_t>, std::string) override { return Failure(kBySmtp); }

private:
    void mark(MessageInfo& info) const {
        const CaughtMails::Marks marks = mails_.marks(info.uid);
        info.flags = marks.flags;
        info.modseq = marks.modseq;
    }
    std::vector<MessageInfo> look() const {
        std::vector<MessageInfo> out;
        for (const CaughtMailPtr& mail : mails_.all()) {
            if (!mail->isFor(user_))
                continue;
            MessageInfo info;
            info.uid = static_cast<std::uint32_t>(mail->id);
            mark(info);
            info.time = mail->time;
            info.size = mail->message.size();
            out.push_back(info);
        }
        return out;
    }

    CaughtMails& mails_;
    std::string user_;
    std::vector<MessageInfo> messages_;
};

class CaughtAccount final : public imap::Account {
public:
    CaughtAccount(CaughtMails& mails, std::string user) : mails_(mails), user_(std::move(user)) {}

    Deferred<std::vector<imap::MailboxName>> list() override {
        std::vector<imap::MailboxName> out(1);
        out[0].name = "INBOX";
        return out;
    }
    Deferred<std::unique_ptr<imap::Mailbox>> open(std::string name) override {
        if (name != "INBOX")
            return Failure(Refused("NONEXISTENT", "there is no such mailbox"));
        return std::unique_ptr<imap::Mailbox>(std::make_unique<CaughtMailbox>(mails_, user_));
    }
    Deferred<void> create(std::string) override { return Failure(kBySmtp); }
    Deferred<void> remove(std::string) override { return Failure(kBySmtp); }
    Deferred<void> rename(std::string, std::string) override { return Failure(kBySmtp); }
    Deferred<void> subscribe(std::string, bool) override { return Failure(kBySmtp); }
    Deferred<std::unique_ptr<imap::Appending>> append(std::string, imap::FlagList, std::int64_t) override {
        return Failure(kBySmtp);
    }

private:
    CaughtMails& mails_;
    std::string user_;
};

} // namespace

std::unique_ptr<imap::Account> makeCaughtAccount(CaughtMails& mails, Bytes user) {
    return std::make_unique<CaughtAccount>(mails, std::string(user));
}

} // namespace twistdpp::mail
