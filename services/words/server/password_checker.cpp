#include "twistdpp/words_server/password_checker.h"

namespace twistdpp::words {

PasswordChecker::PasswordChecker(Reactor& reactor, Table table)
    : hashing_(CheckQueue::of(reactor, Pool::cpu)), table_(std::make_shared<const Table>(std::move(table))),
      decoy_(table_->empty() ? PasswordHash::decoy() : table_->begin()->second) {}

Deferred<AvatarId> PasswordChecker::requestAvatarId(const Credentials& credentials) {
    struct Job {
        Job(PasswordHash h, Secret p, std::string u, bool k)
            : hash(std::move(h)), password(std::move(p)), user(std::move(u)), known(k) {}
        PasswordHash hash;
        Secret password;
        std::string user;
        bool known;
        bool matches = false;
    };
    const auto& given = static_cast<const UsernamePassword&>(credentials);
    const auto found = table_->find(given.user());
    const bool known = found != table_->end();
    const auto job =
        std::make_shared<Job>(known ? found->second : decoy_, given.password(), given.user(), known);
    const auto verdict = [job]() -> Deferred<AvatarId> {
        if (!job->known || !job->matches)
            return Failure(UnauthorizedLogin());
        AvatarId id(job->user);
        id.add("checker", "option");
        return id;
    };
    if (job->hash.form() == PasswordHash::Form::plain) {
        job->matches = job->hash.matches(job->password.bytes());
        return verdict();
    }
    return hashing_->run([job] { job->matches = job->hash.matches(job->password.bytes()); }
    ).addCallback([verdict] { return verdict(); });
}

} // namespace twistdpp::words
