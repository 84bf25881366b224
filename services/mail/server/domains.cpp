#include "twistdpp/mail_server/domains.h"

#include "twistdpp/base/ascii.h"

#include <algorithm>
#include <set>

#include <sys/stat.h>

namespace twistdpp::mail {

namespace {

constexpr Bytes kPostmaster = "postmaster";
constexpr std::size_t kMostDestinations = 1000; // of one address

void addOnce(std::vector<std::string>& all, std::string one) {
    if (std::find(all.begin(), all.end(), one) == all.end())
        all.push_back(std::move(one));
}

} // namespace

Result<std::unique_ptr<Domains>> Domains::open(std::vector<Domain> domains, bool sendsOn, Logger log) {
    std::unique_ptr<Domains> made(new Domains(sendsOn, std::move(log)));
    for (Domain& domain : domains) {
        State& state = made->domains_.emplace_back(std::move(domain));
        if (auto users = made->read(state); !users)
            return std::move(users).error().within("domain " + state.domain.name);
    }
    for (State& state : made->domains_) {
        if (auto read = made->readAliases(state); !read)
            return std::move(read).error().within("option --aliases");
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
        if (state.domain.aliases.empty() || state.aliases.filesChanged() == state.aliasesChanged)
            continue;
        if (const auto read = readAliases(state); !read)
            log_.error("{}; the aliases read before stay in force", read.error().message());
        else
            log_.info("{}: aliases read anew", state.domain.aliases);
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

Result<void> Domains::readAliases(State& state) {
    if (state.domain.aliases.empty())
        return {};
    // What is wrong is said once, until the file is written again.
    const std::int64_t before = state.aliases.filesChanged();
    auto fresh = AliasTable::load(state.domain.aliases);
    if (fresh) {
        if (auto good = checkAliases(*fresh); !good)
            fresh = Error(state.domain.aliases + ": " + good.error().message());
    }
    if (!fresh) {
        state.aliasesChanged = before;
        return std::move(fresh).error();
    }
    state.aliases = *std::move(fresh);
    state.aliasesChanged = state.aliases.filesChanged();
    return {};
}

Result<void> Domains::checkAliases(const AliasTable& aliases) const {
    if (sendsOn_)
        return {};
    for (const auto& [name, targets] : aliases.all()) {
        for (const AliasTarget& target : targets) {
            const auto address = smtp::Mailbox::parse(target.text);
            if (target.kind == AliasTarget::Kind::address && address && !address->domain.empty() &&
                !has(address->domain))
                return Error(
                    name + ": " + target.text + " is in no domain of this server; --relay would send it on"
                );
        }
    }
    return {};
}

std::string Domains::aliasBeyondMailboxes() const {
    for (const State& state : domains_) {
        if (state.aliases.leavesMailboxes())
            return state.domain.aliases;
    }
    return {};
}

/// An address while it is looked up.
struct Domains::Expansion {
    Destinations found;
    std::set<std::string> seen; // aliases, by "name@domain": one that comes again is a circle
    bool full() const {
        return found.maildirs.size() + found.files.size() + found.programs.size() + found.elsewhere.size() >=
               kMostDestinations;
    }
};

Destinations Domains::resolve(const smtp::Mailbox& address) {
    refresh();
    Expansion expansion;
    if (const State* state = address.domain.empty() ? fallback() : find(address.domain)) {
        expansion.found.folder = state->domain.folder;
        expand(*state, ascii::toLower(address.local), expansion);
    }
    return std::move(expansion.found);
}

void Domains::expand(const State& state, const std::string& local, Expansion& into) const {
    const std::string base = local.substr(0, local.find('+'));
    for (const std::string& name : {local, base}) {
        const std::vector<AliasTarget>* const targets = state.aliases.find(name);
        if (targets && into.seen.insert(name + "@" + state.domain.name).second)
            return add(state, name, *targets, into);
        if (state.users.find(name) != state.users.end())
            return addOnce(into.found.maildirs, state.domain.folder + "/" + name);
        if (targets)
            return; // a circle, which ends here
    }
    if (local == kPostmaster)
        return addOnce(into.found.maildirs, state.domain.folder + "/" + std::string(kPostmaster));
    const std::vector<AliasTarget>* const rest = state.aliases.find("*");
    if (rest && into.seen.insert("*@" + state.domain.name).second)
        return add(state, "*", *rest, into);
    if (!rest && state.domain.unknownToPostmaster)
        addOnce(into.found.maildirs, state.domain.folder + "/" + std::string(kPostmaster));
}

void Domains::add(
    const State& state, const std::string& name, const std::vector<AliasTarget>& targets, Expansion& into
) const {
    for (const AliasTarget& target : targets) {
        if (into.full())
            return log_.warn("the alias {} stands for more than {}", name, kMostDestinations);
        if (target.kind == AliasTarget::Kind::file) {
            addOnce(into.found.files, target.text);
        } else if (target.kind == AliasTarget::Kind::program) {
            addOnce(into.found.programs, target.text);
        } else {
            const auto address = smtp::Mailbox::parse(target.text);
            const State* const its = address && !address->domain.empty() ? find(address->domain) : &state;
            const std::string local = ascii::toLower(address ? address->local : target.text);
            if (its)
                expand(*its, local, into);
            else if (std::find(into.found.elsewhere.begin(), into.found.elsewhere.end(), *address) ==
                     into.found.elsewhere.end())
                into.found.elsewhere.push_back(*address);
        }
    }
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
