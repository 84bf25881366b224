#include "twistdpp/words_server/session.h"

#include "twistdpp/words_server/incoming_batch.h"
#include "twistdpp/words_server/sasl.h"
#include "twistdpp/words_server/server.h"

#include "twistdpp/base/hex.h"
#include "twistdpp/base/utf8.h"
#include "twistdpp/cred/password_digest.h"
#include "twistdpp/irc/message.h"
#include "twistdpp/irc/tags.h"
#include "twistdpp/reactor/errors.h"

#include <algorithm>

namespace twistdpp::words {

namespace {

constexpr std::size_t kLongestLine = irc::kMaxClientTags + irc::kMaxBody;

/// Whether its parameters and tags are UTF-8; the command is ASCII anyway.
bool isText(const irc::Message& message) noexcept {
    bool good = utf8::isValid(message.tags);
    for (std::size_t i = 0; i < message.count; ++i)
        good = good && utf8::isValid(message.param(i));
    return good;
}

TokenBucket bucketFor(const ConnectionLimits& limits) {
    return limits.linesPerSecond > 0 ? TokenBucket(limits.linesPerSecond, limits.lineBurst)
                                     : TokenBucket(1e9);
}

} // namespace

Session::Session(Server& server, const Address& peer)
    : LineReceiver(kLongestLine, LineEnd::crlfOrLf), server_(server), peer_(peer),
      own_(std::make_unique<User>()), user_(own_.get()), lines_(bucketFor(server.options().connections)),
      clock_(server.reactor().timers(), [this] { tick(); }) {
    user_->realHost = plainHostOf(peer);
    user_->host = server.hostOf(peer);
    if (!server_.connectionBegins(peer))
        ended_ = "Too many connections from your address";
}

Session::~Session() {
    closed_ = true;
    if (handle_)
        *handle_ = nullptr;
    if (auto login = std::exchange(login_, std::nullopt))
        login->cancel();
    if (noted_)
        server_.bursts().forget(*this);
    server_.connectionEnds(peer_);
}

void Session::connectionMade() {
    heard_ = server_.reactor().now();
    if (!ended_.empty())
        return quit(std::string(ended_));
    clock_.start(server_.options().connections.registrationTime);
}

void Session::lineReceived(Bytes line) {
    heard_ = server_.reactor().now();
    if (!closed_)
        handle(line);
}

void Session::lineLengthExceeded(Bytes beginning) {
    // Without tags it is a body that is too long, which is cut as any other.
    if (!beginning.empty() && beginning.front() == '@')
        reply(irc::numeric::ERR_INPUTTOOLONG);
    else if (!closed_)
        handle(beginning);
}

void Session::handle(Bytes line) {
    server_.bursts().bound();
    busy_ = true;
    cost_ = 1;
    irc::Message message;
    switch (irc::parseMessage(line, message)) {
    case irc::ParseStatus::ok:
        dispatch(message);
        break;
    case irc::ParseStatus::tagsTooLong:
        reply(irc::numeric::ERR_INPUTTOOLONG);
        break;
    case irc::ParseStatus::malformed:
        reply(irc::numeric::ERR_UNKNOWNCOMMAND, "*");
        break;
    case irc::ParseStatus::empty:
        break;
    }
    busy_ = false;
    allowance_ = transport().queued();
    meter();
}

void Session::dispatch(const irc::Message& message) {
    if (has(irc::Cap::labeledResponse) && !message.tags.empty()) {
        const auto label = irc::findTag(message.tags, "label");
        if (label && !label->empty() && label->size() <= 64)
            labeled_ = std::make_unique<LabeledReply>(*label);
    }
    const Command* command = findCommand(message.command);
    if (server_.options().utf8Only && !isText(message))
        standardReply(
            "FAIL", command ? command->name : Bytes("*"), "INVALID_UTF8", {}, "This server takes UTF-8 only"
        );
    else if (!command)
        registered() ? reply(irc::numeric::ERR_UNKNOWNCOMMAND, message.command)
                     : reply(irc::numeric::ERR_NOTREGISTERED);
    else if (command->access != Access::anyone && !registered())
        reply(irc::numeric::ERR_NOTREGISTERED);
    else if (command->access == Access::oper && !user_->isOper())
        reply(irc::numeric::ERR_NOPRIVILEGES);
    else if (message.count < command->params)
        reply(irc::numeric::ERR_NEEDMOREPARAMS, command->name);
    else {
        server_.commandCounts().add(*command);
        cost_ = command->cost;
        command->run(*this, message);
    }
    answerLabel();
}

void Session::answerLabel() {
    if (const auto labeled = std::exchange(labeled_, nullptr))
        put(Bytes(labeled->render(server_.name(), std::to_string(++batches_))));
}

void Session::meter() {
    if (closed_)
        return;
    full_ = transport().queued() > WriteLimits().high;
    const double rate = server_.options().connections.linesPerSecond;
    const TimePoint now = server_.reactor().now();
    if (rate > 0) {
        lines_.take(cost_, now);
        if (lines_.available(now) == 0) {
            resume_ = server_.reactor().callLater(lines_.untilAvailable(1, now), [this] {
                if (!full_)
                    resumeProducing();
            });
        }
    }
    if (full_ || resume_.active())
        pauseProducing();
}

void Session::writable() {
    if (std::exchange(full_, false) && !resume_.active())
        resumeProducing();
}

void Session::tick() {
    const ConnectionLimits& limits = server_.options().connections;
    if (closed_)
        return transport().abortConnection();
    if (!registered())
        return quit("Registration timed out");
    const Duration quiet = server_.reactor().now() - heard_;
    if (quiet < limits.pingInterval) {
        pinged_ = false;
        return clock_.start(limits.pingInterval - quiet);
    }
    if (pinged_)
        return quit(
            "Ping timeout: " +
            std::to_string(std::chrono::duration_cast<std::chrono::seconds>(quiet).count()) + " seconds"
        );
    pinged_ = true;
    send(irc::LineWriter(server_.name(), "PING").trailing(server_.name()));
    clock_.start(limits.pingTimeout);
}

void Session::setCaps(irc::CapSet caps) {
    flushBurst(); // of the former kind
    caps_ = caps;
    variant_ = Variant(caps);
}

/// Before anything else is sent: what others have said comes first.
void Session::flushBurst() {
    if (burst_.empty())
        return;
    const Stretch part = std::exchange(burst_, {});
    queue(server_.bursts().bytes(variant_, part));
}

void Session::writeBurst() {
    noted_ = false;
    if (!burst_.empty())
        queue(server_.bursts().buffer(variant_, std::exchange(burst_, {})));
}

template <class Data>
void Session::put(const Data& data) {
    flushBurst();
    queue(data);
}

template <class Data>
void Session::queue(const Data& data) {
    if (!connected() || transport().closing())
        return;
    const std::size_t most = server_.options().connections.sendQueue + allowance_;
    if (!busy_ && transport().queued() + Bytes(data).size() > most)
        return cutSlowReader();
    transport().write(data);
}

void Session::cutSlowReader() {
    ended_ = "SendQ exceeded";
    server_.log().info("{} is cut: it does not read", user_->prefix());
    transport().abortConnection(Failure(ConnectionAborted(ended_)));
}

void Session::deliver(Event& event) {
    if (event.onlyTags() && !has(irc::Cap::messageTags))
        return;
    if (labeled_) {
        for (TaggedLine& line : event.lines(variant_))
            labeled_->add(std::move(line));
        return;
    }
    const Stretch part = event.place(variant_);
    if (!burst_.empty() && burst_.to == part.from) {
        burst_.to = part.to;
        return;
    }
    flushBurst();
    burst_ = part;
    if (!std::exchange(noted_, true))
        server_.bursts().note(*this);
}

void Session::send(const irc::LineWriter& line) {
    std::string tags;
    if (variant_.time())
        tags.append("time=").append(server_.clock().timestamp());
    if (labeled_)
        return labeled_->add({std::move(tags), std::string(line.body())});
    std::array<char, irc::kMaxBody + 40> bytes;
    std::size_t size = 0;
    const auto add = [&](Bytes part) { size += part.copy(bytes.data() + size, part.size()); };
    if (!tags.empty()) {
        add("@");
        add(tags);
        add(" ");
    }
    add(line.body());
    add("\r\n");
    put(Bytes(bytes.data(), size));
}

void Session::replyList(const irc::Numeric& numeric, std::initializer_list<Bytes> params) {
    irc::LineWriter line(server_.name(), numeric.code);
    line.word(target());
    for (const Bytes& param : params) {
        const bool text = numeric.text.empty() && &param == params.end() - 1;
        text ? line.trailing(param) : line.word(param);
    }
    if (!numeric.text.empty())
        line.trailing(numeric.text);
    send(line);
}

void Session::standardReply(Bytes kind, Bytes command, Bytes code, Bytes context, Bytes text) {
    if (!has(irc::Cap::standardReplies))
        return send(irc::LineWriter(server_.name(), "NOTICE").word(target()).trailing(text));
    irc::LineWriter line(server_.name(), kind);
    line.word(command).word(code);
    if (!context.empty())
        line.word(context);
    send(line.trailing(text));
}

void Session::sendBatch(Bytes typeAndParams, std::vector<TaggedLine> lines) {
    if (has(irc::Cap::batch)) {
        const std::string id = std::to_string(++batches_);
        const std::string source = ":" + std::string(server_.name()) + " BATCH ";
        for (TaggedLine& line : lines) {
            if (std::exchange(line.placed, true))
                continue;
            line.tags.insert(0, "batch=" + id + (line.tags.empty() ? "" : ";"));
        }
        lines.insert(lines.begin(), {"", source + "+" + id + " " + std::string(typeAndParams)});
        lines.push_back({"", source + "-" + id, true});
    }
    std::string text;
    for (TaggedLine& line : lines) {
        if (labeled_) {
            labeled_->add(std::move(line));
            continue;
        }
        if (!line.tags.empty())
            text.append("@").append(line.tags).append(" ");
        text.append(line.body).append("\r\n");
    }
    if (!text.empty())
        put(Bytes(text));
}

void Session::notice(Bytes helper, Bytes text) {
    const std::string source = std::string(helper) + "!" + std::string(helper) + "@services";
    send(irc::LineWriter(source, "NOTICE").word(target()).trailing(text));
}

const std::string& Session::certificate() {
    const TlsInfo* tls = connected() ? transport().tls() : nullptr;
    if (certificate_.empty() && tls && !tls->peerCertificate.empty())
        certificate_ = toHex(sha256(tls->peerCertificate));
    return certificate_;
}

std::shared_ptr<Session*> Session::handle() {
    if (!handle_)
        handle_ = std::make_shared<Session*>(this);
    return handle_;
}

void Session::end(Bytes reason, bool tellOthers) {
    if (std::exchange(closed_, true))
        return;
    const std::string why(reason); // may be borrowed from what is let go below
    server_.forgetWatches(*this);
    if (registered())
        leaveUser(why, tellOthers);
    if (!connected() || transport().closing())
        return;
    send(irc::LineWriter({}, "ERROR").trailing("Closing Link: " + user_->host + " (" + why + ")"));
    answerLabel();
    resume_ = Timer();
    clock_.start(server_.options().connections.closingTime);
    transport().loseConnection();
}

void Session::leaveUser(const std::string& why, bool tellOthers) {
    server_.countRegistered(-1);
    user_->detach(*this);
    const bool stays = tellOthers && !user_->present() && server_.keeper().staysOn(*user_);
    if (stays)
        server_.markAbsent(*user_);
    if (user_->present() || stays) {
        // The user stays with the other sessions, or without any; this one is nobody now.
        own_ = std::make_unique<User>();
        own_->nick = user_->nick;
        own_->host = user_->host;
        own_->realHost = user_->realHost;
        user_ = own_.get();
        return;
    }
    if (tellOthers) {
        Event event(server_, *user_, irc::LineWriter(user_->prefix(), "QUIT").trailing(why));
        server_.tellNeighbours(*user_, event);
        server_.rememberEverywhere(*user_, event);
    }
    own_ = server_.leave(*user_);
}

void Session::drain() {
    // All go at once: nobody needs to be told of each of the others.
    end("Server is shutting down", false);
}

void Session::abort() {
    if (connected())
        transport().abortConnection();
}

void Session::readConnectionLost() {
    quit("Connection closed");
}

void Session::connectionLost(const Failure& reason) {
    clock_.stop();
    resume_ = Timer();
    const bool clean = reason.check<ConnectionDone>();
    quit(!ended_.empty() ? Bytes(ended_) : clean ? Bytes("Connection closed") : Bytes("Connection lost"));
    if (auto login = std::exchange(login_, std::nullopt))
        login->cancel();
}

} // namespace twistdpp::words
