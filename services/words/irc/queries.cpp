#include "twistdpp/irc/queries.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/number.h"

#include <algorithm>
#include <array>

namespace twistdpp::irc {

namespace {

constexpr std::size_t kMostNames = 100'000; // of one answer

void addWords(std::vector<std::string>& to, Bytes text) {
    while (!text.empty() && to.size() < kMostNames) {
        const Bytes word = ascii::cut(text, ' ');
        if (!word.empty())
            to.emplace_back(word);
    }
}

/// Numerics by which a server refuses a question, whose second parameter is what it was about.
constexpr std::array<Bytes, 5> kRefusals{"401", "402", "403", "431", "461"};

} // namespace

Deferred<Whois> Queries::whois(Bytes nick) {
    return whois_.emplace_back(std::make_unique<Open<Whois>>(nick))->promise.deferred();
}

Deferred<std::vector<std::string>> Queries::names(Bytes channel) {
    return names_.emplace_back(std::make_unique<Open<std::vector<std::string>>>(channel))->promise.deferred();
}

template <class T>
Queries::Open<T>* Queries::find(Row<T>& row, Bytes name, Casemapping mapping) {
    const auto found = std::find_if(row.begin(), row.end(), [&](const auto& open) {
        return sameName(open->name, name, mapping);
    });
    return found == row.end() ? nullptr : found->get();
}

template <class T>
void Queries::end(Row<T>& row, Open<T>* open, Outcome<T> outcome) {
    const auto at =
        std::find_if(row.begin(), row.end(), [&](const auto& each) { return each.get() == open; });
    const auto ended = std::move(*at);
    row.erase(at);
    ended->promise.fireOutcome(std::move(outcome));
}

void Queries::whoisLine(const Message& message, Open<Whois>& open) {
    Whois& answer = open.answer;
    const Bytes code = message.command;
    if (code == "311") {
        answer.nick = message.param(1);
        answer.user = message.param(2);
        answer.host = message.param(3);
        answer.realname = message.last();
    } else if (code == "312") {
        answer.server = message.param(2);
    } else if (code == "313") {
        answer.isOperator = true;
    } else if (code == "317") {
        answer.idle = std::chrono::seconds(parseUnsigned<std::uint32_t>(message.param(2)).value_or(0));
    } else if (code == "319") {
        addWords(answer.channels, message.last());
    } else if (code == "330") {
        answer.account = message.param(2);
    } else if (code == "301") {
        answer.away = message.last();
    }
}

void Queries::handle(const Message& message, Casemapping mapping) {
    const Bytes code = message.command;
    if (whois_.empty() && names_.empty())
        return;
    if (code == "353") {
        if (auto* open = find(names_, message.param(2), mapping))
            addWords(open->answer, message.last());
        return;
    }
    const Bytes about = message.param(1);
    auto* const asked = find(whois_, about, mapping);
    auto* const listed = find(names_, about, mapping);
    if (code == "366" && listed)
        return end(names_, listed, Outcome<std::vector<std::string>>(std::move(listed->answer)));
    if (code == "318" && asked) {
        if (asked->answer.nick.empty())
            return end(whois_, asked, Outcome<Whois>(Failure(NumericError("401", "No such nick"))));
        return end(whois_, asked, Outcome<Whois>(std::move(asked->answer)));
    }
    if (std::find(kRefusals.begin(), kRefusals.end(), code) != kRefusals.end()) {
        const Failure no{NumericError(code, message.last())};
        if (asked)
            return end(whois_, asked, Outcome<Whois>(no));
        if (listed)
            return end(names_, listed, Outcome<std::vector<std::string>>(no));
    }
    if (asked)
        whoisLine(message, *asked);
}

void Queries::lost(const Failure& reason) {
    for (auto& open : std::exchange(whois_, {}))
        open->promise.errback(reason);
    for (auto& open : std::exchange(names_, {}))
        open->promise.errback(reason);
}

} // namespace twistdpp::irc
