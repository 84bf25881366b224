#include "twistdpp/mail_server/domains.h"

#include "twistdpp/base/ascii.h"

#include <sys/stat.h>

namespace twistdpp::mail {

namespace {

constexpr Bytes kPostmaster = "postmaster";

} // namespace

Result<std::unique_ptr<Domains>> Domains::open(std::vector<Domain> domains, Logger log) {
    std::unique_ptr<Domains> made(new Domains(std::move(log)));
    for (Domain& domain : domains) {
        State& state = made->domains_.emplace_back(std::move(domain));
        if (auto users = made->read(state); !users)
            return std::move(users).error().within("domain " + state.domain.name);
    }
    return made;
}

Result<bool> Domains::read(State& state) {
    struct stat status {};
    const std::string folder = state.domain.folder + "/passwd";
    const std::int64_t now =
        ::stat(folder.c_str(), &status) == 0
            ? std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec
            : 0;
    if (now == state.changed)
        return false;
    state.changed = now;
    auto users = UserFolder(folder).load();
    if (!users)
        return std::move(users).error();
    state.users = *std::move(users);
    table_.reset();
    return true;
}

void Domains::refresh() {
    for (State& state : domains_) {
        if (const auto read = this->read(state); !read)
            log_.error("{}; the users read before stay in force", read.error().message());
    }
}

const Domains::State* Domains::find(Bytes domain) const noexcept {
    for (const State& state : domains_) {
        if (ascii::equalsIgnoreCase(state.domain.name, domain))
            return &state;
    }
    for (const State& state : domains_) {
        if (state.domain.isDefault)
            return &state;
    }
    return nullptr;
}

const Domains::State* Domains::fallback() const noexcept {
    for (const State& state : domains_) {
        if (state.domain.isDefault)
            return &state;
    }
    return domains_.empty() ? nullptr : &domains_.front();
}

std::optional<std::string> Domains::maildirOf(const smtp::Mailbox& address) {
    refresh();
    const State* state = address.domain.empty() ? fallback() : find(address.domain);
    if (!state)
        return std::nullopt;
    const std::string local = ascii::toLower(address.local);
    const std::string base = local.substr(0, local.find('+'));
    for (const std::string& user : {local, base}) {
        if (state->users.find(user) != state->users.end())
            return state->domain.folder + "/" + user;
    }
    if (local == kPostmaster || state->domain.unknownToPostmaster)
        return state->domain.folder + "/" + std::string(kPostmaster);
    return std::nullopt;
}

std::optional<std::string> Domains::maildirOf(const std::string& loginName) {
    const std::size_t at = loginName.rfind('@');
    const State* state = at == std::string::npos ? fallback() : find(Bytes(loginName).substr(at + 1));
    const std::string user = ascii::toLower(Bytes(loginName).substr(0, at));
    if (!state || state->users.find(user) == state->users.end())
        return std::nullopt;
    return state->domain.folder + "/" + user;
}

std::shared_ptr<const PasswordTable> Domains::table() {
    refresh();
    if (table_)
        return table_;
    auto made = std::make_shared<PasswordTable>();
    // Whose users are known by their name alone.
    const State* const plain =
        domains_.size() == 1 || (fallback() && fallback()->domain.isDefault) ? fallback() : nullptr;
    for (const State& state : domains_) {
        for (const auto& [user, hash] : state.users) {
            made->allInClear = made->allInClear && hash.form() == PasswordHash::Form::plain;
            made->allForScram = made->allForScram && (hash.form() == PasswordHash::Form::plain ||
                                                      hash.form() == PasswordHash::Form::scramSha256);
            made->entries.emplace(user + "@" + state.domain.name, hash);
            if (&state == plain)
                made->entries.emplace(user, hash);
        }
    }
    if (!made->entries.empty())
        made->decoy = made->entries.begin()->second;
    return table_ = std::move(made);
}

} // namespace twistdpp::mail
