#pragma once
#include "twistdpp/base/registry.h"
#include "twistdpp/base/result.h"
#include "twistdpp/cred/checker.h"
#include "twistdpp/cred/checker_set.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace twistdpp {

class Reactor;

/// A kind of checker that `--auth` can name. Registered by its own file, see TWISTDPP_CHECKER.
struct CheckerMaker {
    std::string_view name;
    std::string_view summary;   // one line of --help-auth
    std::string_view help;      // the text of --help-auth-type, lines separated by '\n'
    std::string_view arguments; // what may stand behind "name:", one line; empty: nothing
    CredentialKinds kinds;
    /// `arguments` is what stood behind "name:". Reads what it needs to answer at once whether it can work
    /// (a file), so that a mistake stops the start. The reactor outlives the checker.
    Result<std::unique_ptr<Checker>> (*make)(Reactor&, std::string_view arguments);
};

/// The checker that `text`, the value of `--auth TYPE[:ARG]`, asks for. The error is one line and repeats no
/// argument that may be a secret; it lists the types when there is no such one, and refuses a type that
/// judges nothing of what the service can ask for (`accepted`).
Result<std::unique_ptr<Checker>>
makeChecker(Reactor& reactor, std::string_view text, CredentialKinds accepted = CredentialKinds::all());

/// All values of a repeated `--auth`, in order.
Result<CheckerSet> makeCheckers(
    Reactor& reactor, const std::vector<std::string>& texts, CredentialKinds accepted = CredentialKinds::all()
);

/// The text of `--help-auth`: the types that a service which asks for `accepted` can use.
std::string helpAuth(CredentialKinds accepted = CredentialKinds::all());

/// The text of `--help-auth-type TYPE`.
Result<std::string> helpAuthType(std::string_view type, CredentialKinds accepted = CredentialKinds::all());

} // namespace twistdpp

/// Registers a kind of checker under its own name, in the file that implements it.
#define TWISTDPP_CHECKER(id, summary, help, arguments, kinds, make)                                          \
    static const ::twistdpp::Registry<::twistdpp::CheckerMaker>::Entry twistdppChecker_##id(                 \
        {#id, summary, help, arguments, kinds, make}                                                         \
    )
