#include "twistdpp/mail_sink/catching_handler.h"

#include "twistdpp/reactor/sleep.h"

#include <ctime>

namespace twistdpp::mail {

namespace {

using smtp::Reply;

std::vector<std::string> recipients(const smtp::Envelope& envelope) {
    std::vector<std::string> out;
    for (const smtp::Recipient& recipient : envelope.to)
        out.push_back(recipient.to.toString());
    return out;
}

/// The answer that a fault has for this moment, or the good one; late when one says so.
Deferred<Reply> answer(Sink& sink, FaultStage stage, const std::vector<std::string>& addresses, Reply good) {
    const Faults::Outcome outcome = sink.faults.next(stage, addresses);
    Reply reply = outcome.reply.value_or(std::move(good));
    if (outcome.delay == Duration::zero())
        return reply;
    return sleep(sink.reactor, outcome.delay).addCallback([reply] { return reply; });
}

class Caught final : public smtp::IncomingMessage {
public:
    Caught(std::shared_ptr<Sink> sink, CaughtMail mail) : sink_(std::move(sink)), mail_(std::move(mail)) {}

    void write(Bytes data) override { mail_.message.append(data); }
    Deferred<Reply> end() override {
        const Faults::Outcome outcome = sink_->faults.next(FaultStage::end, mail_.to);
        Reply reply = outcome.reply.value_or(Reply());
        // Where no answer comes the mail was taken nevertheless, which is what makes that hard for senders.
        if (!outcome.reply || outcome.reply->code == 0) {
            mail_.time = std::time(nullptr);
            const CaughtMailPtr kept = sink_->mails.add(std::move(mail_));
            sink_->log.info(
                "{}: from=<{}> to=<{}> size={} caught", kept->id, kept->from, kept->to.front(),
                kept->message.size()
            );
            if (!outcome.reply)
                reply = Reply(250, "2.0.0", "Ok: caught as " + std::to_string(kept->id));
        }
        if (outcome.delay == Duration::zero())
            return reply;
        return sleep(sink_->reactor, outcome.delay).addCallback([reply] { return reply; });
    }

private:
    std::shared_ptr<Sink> sink_;
    CaughtMail mail_;
};

} // namespace

Deferred<Reply> CatchingHandler::validateFrom(const smtp::Client&, const smtp::Envelope& envelope) {
    const std::string from = envelope.from ? envelope.from->toString() : std::string();
    return answer(*sink_, FaultStage::mail, {from}, Reply(250, "2.1.0", "Ok"));
}

Deferred<Reply>
CatchingHandler::validateTo(const smtp::Client&, const smtp::Envelope&, const smtp::Recipient& recipient) {
    return answer(*sink_, FaultStage::rcpt, {recipient.to.toString()}, Reply(250, "2.1.5", "Ok"));
}

Deferred<std::unique_ptr<smtp::IncomingMessage>>
CatchingHandler::receive(const smtp::Client& client, const smtp::Envelope& envelope) {
    CaughtMail mail;
    mail.from = envelope.from ? envelope.from->toString() : std::string();
    mail.to = recipients(envelope);
    mail.client = client.peer.host();
    mail.helo = client.helo;
    mail.protocol = client.protocol();
    mail.user = client.who ? client.who->name() : std::string();
    auto answered = answer(*sink_, FaultStage::data, mail.to, Reply(354, {}, "go on"));
    return std::move(answered).addCallback(
        [sink = sink_, mail = std::move(mail)](const Reply& reply) -> std::unique_ptr<smtp::IncomingMessage> {
            if (!reply.positive())
                throw smtp::Refusal(reply);
            return std::make_unique<Caught>(sink, mail);
        }
    );
}

} // namespace twistdpp::mail
