#include "twistdpp/words_server/account_maker.h"

#include "twistdpp/words_server/helpers/helper.h"
#include "twistdpp/words_server/server.h"
#include "twistdpp/words_server/session.h"

#include "twistdpp/cred/check_queue.h"
#include "twistdpp/irc/names.h"

namespace twistdpp::words {

namespace {

constexpr std::size_t kShortest = 6;
constexpr std::size_t kLongest = 300;

struct Work {
    explicit Work(Bytes text) : password(text) {}
    Secret password;
    std::unique_ptr<LabeledReply> label; // of the command
    std::string hash;                    // empty: it could not be made
    UniqueFunction<void(AccountMade)> done;
};

/// Hashes the password elsewhere and calls `keep(session, hash)`, whose Deferred decides; then
/// `kept(session)`.
template <class Keep, class Kept>
void withHash(
    Session& session, Bytes password, UniqueFunction<void(AccountMade)> done, Keep keep, Kept kept
) {
    const auto work = std::make_shared<Work>(password);
    work->done = std::move(done);
    const auto to = session.handle();
    session.setMakingAccount(true);
    work->label = session.deferLabel();
    CheckQueue::of(session.server().reactor(), Pool::cpu)
        ->run([work] {
            // A form from which SCRAM can be answered too.
            if (auto hash = hashPassword(work->password.bytes(), "{SCRAM-SHA-256}"))
                work->hash = *std::move(hash);
        })
        .addCallback([work, to, keep]() -> Deferred<void> {
            if (!*to || work->hash.empty())
                return fail(std::runtime_error("no account"));
            return keep(**to, work->hash);
        })
        .addBoth([work, to, kept](const Outcome<void>& outcome) {
            if (!*to || (*to)->closed())
                return;
            (*to)->setMakingAccount(false);
            const LateAnswer late(**to, work->label);
            if (outcome.ok())
                kept(**to);
            work->done(outcome.ok() ? AccountMade::yes : AccountMade::notKept);
        })
        .detach();
}

bool weak(Bytes password) noexcept {
    return password.size() < kShortest || password.size() > kLongest;
}

} // namespace

void makeAccount(
    Session& session, const std::string& name, Bytes password, UniqueFunction<void(AccountMade)> done
) {
    Server& server = session.server();
    if (!server.options().registration)
        return done(AccountMade::notAllowed);
    if (!session.user().account.empty())
        return done(AccountMade::loggedIn);
    if (session.makingAccount() || session.loggingIn())
        return done(AccountMade::busy);
    if (!irc::isNick(name, server.options().names.nick) || findHelper(name))
        return done(AccountMade::badName);
    const User* holder = server.findUser(name);
    if (server.store().accounts().find(name) || (holder && holder != &session.user()))
        return done(AccountMade::exists);
    if (weak(password))
        return done(AccountMade::weakPassword);
    if (!server.accountBegins(session.peer()))
        return done(AccountMade::tooMany);
    withHash(
        session, password, std::move(done),
        [name](Session& made, const std::string& hash) -> Deferred<void> {
            Store& store = made.server().store();
            if (store.accounts().find(name))
                return fail(std::runtime_error("somebody was faster"));
            Account account;
            account.name = name;
            account.password = hash;
            account.created = account.seen = unixTime();
            return store.accounts().save(std::move(account));
        },
        [name](Session& owner) { owner.beLoggedIn(name); }
    );
}

void changePassword(Session& session, Bytes password, UniqueFunction<void(AccountMade)> done) {
    const Account* account = session.server().store().accounts().find(session.user().account);
    if (!account || account->password.empty())
        return done(AccountMade::notAllowed);
    if (session.makingAccount())
        return done(AccountMade::busy);
    if (weak(password))
        return done(AccountMade::weakPassword);
    withHash(
        session, password, std::move(done),
        [name = account->name](Session& of, const std::string& hash) -> Deferred<void> {
            AccountStore& accounts = of.server().store().accounts();
            const Account* present = accounts.find(name);
            if (!present)
                return fail(std::runtime_error("the account is gone"));
            Account changed = *present;
            changed.password = hash;
            return accounts.save(std::move(changed));
        },
        [](Session&) {}
    );
}

} // namespace twistdpp::words
