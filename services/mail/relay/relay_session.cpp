#include "twistdpp/mail_relay/relay_session.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/number.h"

#include <algorithm>

namespace twistdpp::mail {

namespace {

constexpr std::size_t kBlock = 64 * 1024;

/// The text of a mail from the disk.
class SpoolSource final : public smtp::MailSource {
public:
    SpoolSource(MailSpool& spool, std::shared_ptr<SpooledMail> mail)
        : spool_(spool), mail_(std::move(mail)) {}

    Deferred<std::string> next() override {
        return spool_.read(mail_, at_, kBlock).addCallback([this](std::string block) {
            at_ += block.size();
            return block;
        });
    }

private:
    MailSpool& spool_;
    std::shared_ptr<SpooledMail> mail_;
    std::uint64_t at_ = 0;
};

std::string notifyText(unsigned bits) {
    using smtp::Notify;
    if ((bits & Notify::never) != 0)
        return "NEVER";
    std::string out;
    const auto add = [&](unsigned bit, Bytes word) {
        if ((bits & bit) != 0)
            out.append(out.empty() ? "" : ",").append(word);
    };
    add(Notify::success, "SUCCESS");
    add(Notify::failure, "FAILURE");
    add(Notify::delay, "DELAY");
    return out;
}

const QueuedRecipient* find(const SpooledMail& mail, const smtp::Mailbox& address) {
    const auto found = std::find_if(mail.to.begin(), mail.to.end(), [&](const QueuedRecipient& each) {
        return each.who.to == address;
    });
    return found == mail.to.end() ? nullptr : &*found;
}

bool needsUtf8(const Parcel& parcel) {
    const smtp::Envelope& envelope = parcel.mail->envelope;
    return (envelope.utf8 && parcel.mail->eightBit) || (envelope.from && envelope.from->isInternational()) ||
           std::any_of(parcel.to.begin(), parcel.to.end(), [](const smtp::Mailbox& each) {
               return each.isInternational();
           });
}

} // namespace

std::optional<std::string> RelaySession::getMailFrom() {
    if (closing_)
        return std::nullopt;
    parcel_ = feed_->next();
    if (!parcel_)
        return std::nullopt;
    end_.served = true;
    const auto& from = parcel_->mail->envelope.from;
    return from ? from->toString() : std::string();
}

std::vector<std::string> RelaySession::getMailTo() {
    std::vector<std::string> out;
    for (const smtp::Mailbox& each : parcel_->to)
        out.push_back(each.toString());
    return out;
}

std::unique_ptr<smtp::MailSource> RelaySession::getMailData() {
    return std::make_unique<SpoolSource>(spool_, parcel_->mail);
}

std::optional<smtp::Reply> RelaySession::objection() {
    const SpooledMail& mail = *parcel_->mail;
    if (mail.eightBit && !offers("8BITMIME"))
        return smtp::Reply(554, "5.6.3", host_ + " takes no bytes beyond ASCII, and there are some in it");
    if (needsUtf8(*parcel_) && !offers("SMTPUTF8"))
        return smtp::Reply(554, "5.6.7", host_ + " takes no addresses and headers beyond ASCII");
    const auto limit = parseUnsigned<std::uint64_t>(ascii::trim(offered("SIZE"))).value_or(0);
    if (limit > 0 && mail.size > limit)
        return smtp::Reply(
            552, "5.3.4", host_ + " takes up to " + std::to_string(limit) + " bytes, and it is longer"
        );
    return std::nullopt;
}

smtp::MailParameters RelaySession::getMailParameters() {
    const SpooledMail& mail = *parcel_->mail;
    smtp::MailParameters out;
    if (offers("SIZE"))
        out.mail += " SIZE=" + std::to_string(mail.size);
    if (mail.eightBit && offers("8BITMIME"))
        out.mail += " BODY=8BITMIME";
    const bool inAddress = (mail.envelope.from && mail.envelope.from->isInternational()) ||
                           std::any_of(parcel_->to.begin(), parcel_->to.end(), [](const smtp::Mailbox& each) {
                               return each.isInternational();
                           });
    if (needsUtf8(*parcel_) && !inAddress)
        out.mail += " SMTPUTF8";
    if (!offers("DSN"))
        return out;
    if (mail.envelope.returnHeaders)
        out.mail += " RET=HDRS";
    if (!mail.envelope.envelopeId.empty())
        out.mail += " ENVID=" + mail.envelope.envelopeId;
    for (const smtp::Mailbox& each : parcel_->to) {
        const QueuedRecipient* const known = find(mail, each);
        std::string& text = out.recipients.emplace_back();
        if (known && known->who.notify != 0)
            text += " NOTIFY=" + notifyText(known->who.notify);
        if (known && !known->who.originalRecipient.empty())
            text += " ORCPT=" + known->who.originalRecipient;
    }
    return out;
}

void RelaySession::sentMail(const smtp::Reply& reply, const std::vector<smtp::RecipientAnswer>& answers) {
    closing_ = reply.code == 421;
    Parcel parcel = std::move(*parcel_);
    parcel_.reset();
    feed_->sent(std::move(parcel), host_, reply, answers, offers("DSN"));
}

void RelaySession::failed(const Failure& why) {
    const auto* const said = why.as<smtp::SMTPError>();
    end_.why = said ? said->reply() : smtp::Reply(0, {}, why.message());
    end_.refusedTls = tls && !end_.served && offers("STARTTLS") && !requireTls;
    if (parcel_) {
        Parcel parcel = std::move(*parcel_);
        parcel_.reset();
        feed_->lost(std::move(parcel), why.message());
    }
}

void RelaySession::connectionLost(const Failure& reason) {
    SMTPClient::connectionLost(reason);
    if (ended_.called())
        return;
    Promise<SessionEnd> ended = std::move(ended_);
    ended.callback(end_);
}

} // namespace twistdpp::mail
