#include "twistdpp/words_server/sasl.h"
#include "twistdpp/words_server/server.h"
#include "twistdpp/words_server/session.h"

#include <algorithm>

namespace twistdpp::words {

namespace {

/// Whether a checker's name for someone can stand in the protocol's lines.
bool presentable(Bytes account) noexcept {
    return !account.empty() && account.front() != ':' && account != "*" && account.size() <= 64 &&
           std::none_of(account.begin(), account.end(), [](char c) {
               return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f || c == ',';
           });
}

} // namespace

LateAnswer::LateAnswer(Session& session, std::unique_ptr<LabeledReply>& label)
    : session_(session), late_(label != nullptr) {
    if (late_)
        session.resumeLabel(std::move(label));
}

LateAnswer::LateAnswer(Session& session, const std::shared_ptr<LabeledReply>& label)
    : session_(session), late_(label != nullptr) {
    if (late_)
        session.resumeLabel(std::make_unique<LabeledReply>(*label));
}

LateAnswer::~LateAnswer() {
    if (late_)
        session_.answerLabel();
}

template <class Done>
void Session::await(Deferred<AvatarId> login, Done done) {
    const auto label = std::make_shared<std::unique_ptr<LabeledReply>>();
    auto end =
        std::move(login).addBoth([this, label, done = std::move(done)](Outcome<AvatarId> outcome) mutable {
            const bool cancelled = !outcome.ok() && outcome.failure().check<CancelledError>();
            if (closed_ || cancelled)
                return;
            login_.reset();
            const Corked together(transport());
            const LateAnswer late(*this, *label);
            done(outcome);
        });
    if (end.called())
        return;
    login_ = std::move(end);
    // What comes later still answers the present command; that of an exchange answers its last message.
    if (!sasl)
        *label = deferLabel();
}

template <class Done>
void Session::check(Authenticator& by, const std::string& name, Bytes password, Bytes service, Done done) {
    const UsernamePassword given(name, password);
    await(
        by.login(given, LoginSource(peer_, std::string(service))),
        [done = std::move(done)](const Outcome<AvatarId>& outcome) mutable {
            done(outcome.ok() ? &outcome.value() : nullptr);
        }
    );
}

void Session::logInBySasl(Bytes mechanism, const std::string& offered) {
    await(sasl->server.begin(mechanism), [this, offered](const Outcome<AvatarId>& outcome) {
        const LateAnswer late(*this, std::exchange(sasl, nullptr)->label);
        // A reload may have taken the accounts away meanwhile.
        if (outcome.ok() && server_.accounts() && presentable(outcome.value().name()))
            return loggedIn(outcome.value().name(), LoginBy::sasl);
        if (!outcome.ok() && outcome.failure().check<UnhandledCredentials>())
            reply(irc::numeric::RPL_SASLMECHS, offered);
        loginFailed(LoginBy::sasl);
    });
}

void Session::abortSasl() {
    if (sasl) {
        if (auto login = std::exchange(login_, std::nullopt))
            login->cancel();
        sasl.reset();
    }
}

void Session::logIn(const std::string& name, Bytes password, LoginBy by) {
    // A reload may have taken the accounts away since the client was asked.
    if (!server_.accounts())
        return loginFailed(by);
    check(
        *server_.accounts(), name, password, by == LoginBy::sasl ? "words.sasl" : "words",
        [this, by](const AvatarId* id) {
            if (id && presentable(id->name()))
                loggedIn(id->name(), by);
            else
                loginFailed(by);
        }
    );
}

void Session::loggedIn(const std::string& account, LoginBy by) {
    password_ = Secret();
    asked_ = false;
    user_->account = account;
    const std::string who = user_->nick.empty() ? "*!*@" + user_->host : user_->prefix();
    reply(irc::numeric::RPL_LOGGEDIN, who, account, "You are now logged in as " + account);
    if (by == LoginBy::sasl)
        reply(irc::numeric::RPL_SASLSUCCESS);
    tellAccount();
    tryRegister();
}

void Session::loginFailed(LoginBy by) {
    password_ = Secret();
    if (by == LoginBy::sasl) {
        reply(irc::numeric::ERR_SASLFAIL);
        return tryRegister();
    }
    if (!registered() && server_.options().accountNeeded) {
        nickServ("Login failed. Goodbye.");
        return quit("Login failed");
    }
    nickServ("Login failed.");
    tryRegister();
}

void Session::logOut() {
    user_->account.clear();
    reply(irc::numeric::RPL_LOGGEDOUT, user_->nick.empty() ? "*!*@" + user_->host : user_->prefix());
    tellAccount();
}

void Session::tellAccount() {
    if (!registered())
        return;
    irc::LineWriter line(user_->prefix(), "ACCOUNT");
    Event event(server_, *user_, line.word(user_->account.empty() ? Bytes("*") : Bytes(user_->account)));
    server_.tellNeighbours(*user_, event, irc::Cap::accountNotify);
}

void Session::checkServerPassword() {
    check(server_.keepers(), "", password_.bytes(), "words.password", [this](const AvatarId* id) {
        if (!id) {
            reply(irc::numeric::ERR_PASSWDMISMATCH);
            return quit("Bad password");
        }
        passwordGood_ = true;
        tryRegister();
    });
}

void Session::arriveBy(const Gateway& gateway, Bytes password, const Address& client, bool secure) {
    if (viaGateway_ || loggingIn())
        return quit("WEBIRC comes once");
    check(
        server_.keepers(), gateway.key(), password, "words.webirc",
        [this, client, secure](const AvatarId* id) {
            if (!id)
                return quit("WEBIRC is not for you");
            viaGateway_ = true;
            secureBehindGateway_ = secure;
            server_.connectionEnds(std::exchange(peer_, client));
            user_->realHost = plainHostOf(peer_);
            user_->host = server_.hostOf(peer_);
            user_->updatePrefix();
            if (!server_.connectionBegins(peer_))
                return quit("Too many connections from your address");
            tryRegister();
        }
    );
}

void Session::becomeOperator(const std::string& name, Bytes password) {
    // The empty name is the server's own password.
    if (name.empty() || server_.options().operators.empty())
        return reply(irc::numeric::ERR_NOOPERHOST);
    check(server_.keepers(), name, password, "words.oper", [this, name](const AvatarId* id) {
        if (!id) {
            server_.notifyOperators(user_->prefix() + " failed to become an operator");
            return reply(irc::numeric::ERR_PASSWDMISMATCH);
        }
        if (user_->isOper())
            return;
        user_->modes |= UserMode::oper | UserMode::notices | UserMode::wallops;
        server_.countOperator(1);
        send(irc::LineWriter(user_->prefix(), "MODE").word(user_->nick).trailing("+osw"));
        reply(irc::numeric::RPL_YOUREOPER);
        server_.notifyOperators(user_->prefix() + " is now an operator (" + name + ")");
    });
}

} // namespace twistdpp::words
