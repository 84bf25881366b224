#pragma once
#include "twistdpp/app/logger.h"
#include "twistdpp/mail_server/alias_table.h"
#include "twistdpp/mail_store/user_folder.h"
#include "twistdpp/smtp/mailbox.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace twistdpp::mail {

/// A domain whose mail is kept here: a folder with "passwd/" (UserFolder) and a Maildir for each user.
struct Domain {
    Domain(std::string called, std::string where) : name(std::move(called)), folder(std::move(where)) {}
    std::string name; // lower case
    std::string folder;
    bool isDefault = false;           // takes mail for domains that nobody here has
    bool unknownToPostmaster = false; // mail for users whom there are not goes to the postmaster
    std::string aliases;              // a file (AliasTable); empty: none
};

/// Where mail for an address goes.
struct Destinations {
    std::vector<std::string> maildirs, files, programs; // each once
    std::vector<smtp::Mailbox> elsewhere;               // addresses of domains that are not here
    std::string folder;                                 // of the domain of the address
    bool empty() const noexcept {
        return maildirs.empty() && files.empty() && programs.empty() && elsewhere.empty();
    }
};

/// The domains of a server and their users. Files are looked at again when they were changed; with a mistake
/// in one, what was read before stays in force, which is logged. Belongs to one thread; blocks as a look at a
/// folder does.
class Domains {
public:
    /// A folder that is not there yet has no users. The error names the domain and what is wrong with its
    /// folder.
    /// `sendsOn`: aliases may stand for addresses of domains that are not here.
    static Result<std::unique_ptr<Domains>> open(std::vector<Domain> domains, bool sendsOn, Logger log);

    bool empty() const noexcept { return domains_.empty(); }
    /// Whether mail for that domain is kept here.
    bool has(Bytes domain) const noexcept { return find(domain) != nullptr; }
    /// Where mail for an address goes; nowhere when there is no such user. An alias goes before a user, and
    /// may name itself for the user of that name. "joe+tag" is joe's; "postmaster" is there in every domain,
    /// and without one in the default or first.
    Destinations resolve(const smtp::Mailbox& address);
    /// An alias that gives mail to a program or appends it to a file, for who may not do that; empty: none.
    std::string aliasBeyondMailboxes() const;
    /// The Maildir of someone who has logged in, by the name in table().
    std::optional<std::string> maildirOf(const std::string& loginName);
    /// Who may log in: "joe@example.com", and "joe" for the default domain, or where there is one domain.
    std::shared_ptr<const PasswordTable> table();

private:
    struct State {
        explicit State(Domain made) : domain(std::move(made)) {}
        Domain domain;
        std::map<std::string, PasswordHash> users;
        std::int64_t changed = -1; // of the folder, in nanoseconds
        AliasTable aliases;
        std::int64_t aliasesChanged = -1;
    };

    Domains(bool sendsOn, Logger log) : sendsOn_(sendsOn), log_(std::move(log)) {}
    const State* find(Bytes domain) const noexcept;
    const State* fallback() const noexcept;
    Result<bool> read(State& state);
    Result<void> readAliases(State& state);
    /// Whether every address is in a domain of this server, or may be in another.
    Result<void> checkAliases(const AliasTable& aliases) const;
    struct Expansion;
    void expand(const State& state, const std::string& local, Expansion& into) const;
    void
    add(const State& state, const std::string& name, const std::vector<AliasTarget>& targets,
        Expansion& into) const;
    void refresh();

    std::vector<State> domains_;
    std::shared_ptr<const PasswordTable> table_;
    bool sendsOn_;
    Logger log_;
};

} // namespace twistdpp::mail
