#include "twistdpp/cred/checker_maker.h"

#include "twistdpp/base/ascii.h"

#include <algorithm>

namespace twistdpp {

namespace {

std::string typesFor(CredentialKinds accepted) {
    std::string list;
    for (const CheckerMaker* maker : Registry<CheckerMaker>::all()) {
        if (maker->kinds.overlaps(accepted))
            list.append(list.empty() ? "" : ", ").append(maker->name);
    }
    return list.empty() ? "none" : list;
}

Result<const CheckerMaker*> findMaker(std::string_view type, CredentialKinds accepted) {
    const CheckerMaker* maker = Registry<CheckerMaker>::find(type);
    if (maker)
        return maker;
    const std::string shown = type.empty() ? "no authentication type is given"
                                           : "unknown authentication type '" + std::string(type) + "'";
    return Error(shown + "; there are: " + typesFor(accepted));
}

} // namespace

Result<std::unique_ptr<Checker>>
makeChecker(Reactor& reactor, std::string_view text, CredentialKinds accepted) {
    std::string_view arguments = text;
    const std::string_view type = ascii::cut(arguments, ':');
    Result<const CheckerMaker*> maker = findMaker(type, accepted);
    if (!maker)
        return std::move(maker).error();
    const CheckerMaker& chosen = **maker;
    if (!chosen.kinds.overlaps(accepted))
        return Error(
            "authentication type '" + std::string(type) + "' cannot be used here: it checks " +
            toString(chosen.kinds) + "; there are: " + typesFor(accepted)
        );
    if (chosen.arguments.empty() && !arguments.empty())
        return Error("authentication type '" + std::string(type) + "' takes no argument");
    Result<std::unique_ptr<Checker>> checker = chosen.make(reactor, arguments);
    if (!checker)
        return std::move(checker).error().within(std::string(type));
    return checker;
}

Result<CheckerSet>
makeCheckers(Reactor& reactor, const std::vector<std::string>& texts, CredentialKinds accepted) {
    CheckerSet set;
    for (const std::string& text : texts) {
        Result<std::unique_ptr<Checker>> checker = makeChecker(reactor, text, accepted);
        if (!checker)
            return std::move(checker).error();
        set.add(std::move(*checker));
    }
    return set;
}

std::string helpAuth(CredentialKinds accepted) {
    std::string text = "Usage: --auth TYPE[:ARGUMENT]\n"
                       "For details: --help-auth-type TYPE\n\n";
    const auto makers = Registry<CheckerMaker>::all();
    std::size_t width = 0;
    for (const CheckerMaker* maker : makers)
        width = std::max(width, maker->name.size());
    for (const CheckerMaker* maker : makers) {
        if (!maker->kinds.overlaps(accepted))
            continue;
        text.append("  ").append(maker->name).append(width - maker->name.size() + 2, ' ');
        text.append(maker->summary).append("\n");
    }
    return text;
}

Result<std::string> helpAuthType(std::string_view type, CredentialKinds accepted) {
    const Result<const CheckerMaker*> found = findMaker(type, accepted);
    if (!found)
        return found.error();
    const CheckerMaker& maker = **found;
    std::string text = "Usage: --auth " + std::string(type);
    if (!maker.arguments.empty())
        text.append(":").append(maker.arguments);
    text.append("\nChecks: ").append(toString(maker.kinds)).append("\n\n");
    for (std::string_view rest = maker.help; !rest.empty();)
        text.append("  ").append(ascii::cut(rest, '\n')).append("\n");
    if (!maker.kinds.overlaps(accepted))
        text.append("\n  This service cannot use it.\n");
    return text;
}

} // namespace twistdpp
