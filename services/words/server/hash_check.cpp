#include "twistdpp/words_server/hash_check.h"

#include "twistdpp/cred/errors.h"

#include <memory>

namespace twistdpp::words {

Deferred<AvatarId>
checkHash(CheckQueue& hashing, PasswordHash hash, Secret password, std::optional<AvatarId> id) {
    struct Job {
        Job(PasswordHash h, Secret p, std::optional<AvatarId> i)
            : hash(std::move(h)), password(std::move(p)), id(std::move(i)) {}
        void run() { matches = hash.matches(password.bytes()); }
        PasswordHash hash;
        Secret password;
        std::optional<AvatarId> id;
        bool matches = false;
    };
    const auto job = std::make_shared<Job>(std::move(hash), std::move(password), std::move(id));
    const auto verdict = [job]() -> Deferred<AvatarId> {
        if (!job->id || !job->matches)
            return Failure(UnauthorizedLogin());
        return *job->id;
    };
    if (job->hash.form() == PasswordHash::Form::plain) {
        job->run();
        return verdict();
    }
    return hashing.run([job] { job->run(); }).addCallback([verdict] { return verdict(); });
}

} // namespace twistdpp::words
