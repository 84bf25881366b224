#include "twistdpp/mail_sink/caught_drop.h"

#include "twistdpp/base/ascii.h"

#include <algorithm>
#include <utility>

namespace twistdpp::mail {

namespace {

class CaughtMessage final : public pop3::Message {
public:
    explicit CaughtMessage(CaughtMailPtr mail) : mail_(std::move(mail)) {}

    Deferred<std::string> next() override {
        constexpr std::size_t kBlock = 64 * 1024;
        std::string block = mail_->message.substr(std::min(at_, mail_->message.size()), kBlock);
        at_ += block.size();
        return block;
    }

private:
    CaughtMailPtr mail_;
    std::size_t at_ = 0;
};

class CaughtDrop final : public pop3::Drop {
public:
    CaughtDrop(CaughtMails& all, std::vector<CaughtMailPtr> mails) : all_(all), mails_(std::move(mails)) {}

    std::size_t count() const noexcept override { return mails_.size(); }
    std::uint64_t size(std::size_t index) const override { return mails_[index]->message.size(); }
    std::string id(std::size_t index) const override {
        // Those of another run count from 1 as well.
        return std::to_string(mails_[index]->time) + "." + std::to_string(mails_[index]->id);
    }
    Deferred<std::unique_ptr<pop3::Message>> open(std::size_t index) override {
        return std::unique_ptr<pop3::Message>(std::make_unique<CaughtMessage>(mails_[index]));
    }
    Deferred<void> remove(std::vector<std::size_t> indices) override {
        for (const std::size_t index : indices)
            all_.remove(mails_[index]->id);
        return succeed();
    }

private:
    CaughtMails& all_;
    std::vector<CaughtMailPtr> mails_;
};

} // namespace

std::unique_ptr<pop3::Drop> openCaught(CaughtMails& mails, Bytes user) {
    std::vector<CaughtMailPtr> seen;

    for (const CaughtMailPtr& mail : mails.all()) {
        if (mail->isFor(user))
            seen.push_back(mail);
    }
    return std::make_unique<CaughtDrop>(mails, std::move(seen));
}

} // namespace twistdpp::mail
