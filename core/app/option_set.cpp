#include "twistdpp/app/option_set.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/number.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <numeric>

namespace twistdpp {

namespace {

Bytes withoutDashes(Bytes name) noexcept {
    while (!name.empty() && name.front() == '-')
        name.remove_prefix(1);
    return name;
}

/// How many single-character edits turn one name into the other.
std::size_t editDistance(Bytes a, Bytes b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t above = row[j];
            row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0u : 1u)});
            diagonal = above;
        }
    }
    return row.back();
}

Result<bool> parseFlag(Bytes text) {
    const std::string lower = ascii::toLower(text);
    if (lower.empty() || lower == "true" || lower == "yes" || lower == "on" || lower == "1")
        return true;
    if (lower == "false" || lower == "no" || lower == "off" || lower == "0")
        return false;
    return Error("is neither true nor false");
}

std::string joined(const std::vector<std::string>& words) {
    std::string all;
    for (const std::string& word : words)
        all.append(all.empty() ? "" : ", ").append(word);
    return all;
}

} // namespace

Result<Duration> parseDuration(Bytes text) {
    const auto digits = std::min(text.find_first_not_of("0123456789."), text.size());
    const std::string number(text.substr(0, digits));
    const Bytes unit = text.substr(digits);
    double seconds = 1;
    if (unit == "ms")
        seconds = 1e-3;
    else if (unit == "m" || unit == "min")
        seconds = 60;
    else if (unit == "h")
        seconds = 3600;
    else if (unit == "d")
        seconds = 86400;
    else if (!unit.empty() && unit != "s")
        return Error("is no time; write seconds, or a number with ms, s, m, h or d");
    char* end = nullptr;
    const double count = std::strtod(number.c_str(), &end);
    if (number.empty() || *end != '\0')
        return Error("is no time; write seconds, or a number with ms, s, m, h or d");
    if (count * seconds > 100.0 * 365 * 86400)
        return Error("is longer than a hundred years");
    return Duration(std::llround(count * seconds * 1e9));
}

Option& Option::oneOf(std::vector<std::string> choices) {
    return check([choices = std::move(choices)](Bytes text) -> Result<void> {
        if (std::find(choices.begin(), choices.end(), text) == choices.end())
            return Error("is none of " + joined(choices));
        return {};
    });
}

Option& OptionSet::make(Bytes names, std::string help, std::string placeholder) {
    auto option = std::make_unique<Option>();
    while (!names.empty())
        option->names_.emplace_back(ascii::trim(ascii::cut(names, ',')));
    std::stable_partition(option->names_.begin(), option->names_.end(), [](const std::string& name) {
        return name.starts_with("--");
    });
    option->help_ = std::move(help);
    option->placeholder_ = std::move(placeholder);
    return *options_.emplace_back(std::move(option));
}

Option& OptionSet::add(Bytes names, bool& target, std::string help) {
    Option& option = make(names, std::move(help), {});
    option.flag_ = true;
    option.default_ = target ? "true" : "";
    option.set_ = [&target](Bytes text) -> Result<void> {
        auto value = parseFlag(text);
        if (!value)
            return std::move(value).error();
        target = *value;
        return {};
    };
    return option;
}

Option& OptionSet::add(Bytes names, std::string& target, std::string help) {
    Option& option = make(names, std::move(help), "TEXT");
    option.default_ = target;
    option.set_ = [&target](Bytes text) -> Result<void> {
        target = text;
        return {};
    };
    return option;
}

Option& OptionSet::add(Bytes names, std::vector<std::string>& target, std::string help) {
    Option& option = make(names, std::move(help), "TEXT");
    option.repeatable_ = true;
    option.default_ = joined(target);
    option.clear_ = [&target] { target.clear(); };
    option.set_ = [&target](Bytes text) -> Result<void> {
        target.emplace_back(text);
        return {};
    };
    return option;
}

Option& OptionSet::add(Bytes names, Duration& target, std::string help) {
    const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(target).count();
    Option& option = make(names, std::move(help), "SECONDS");
    option.default_ =
        milliseconds % 1000 ? std::to_string(milliseconds) + "ms" : std::to_string(milliseconds / 1000);
    option.set_ = [&target](Bytes text) -> Result<void> {
        auto time = parseDuration(text);
        if (!time)
            return std::move(time).error();
        target = *time;
        return {};
    };
    return option;
}

Option& OptionSet::addNumber(Bytes names, std::string help, std::string fallback, OptionSetter set) {
    Option& option = make(names, std::move(help), "N");
    option.default_ = std::move(fallback);
    option.set_ = std::move(set);
    return option;
}

Option& OptionSet::on(Bytes names, OptionSetter set, std::string help) {
    Option& option = make(names, std::move(help), "TEXT");
    option.repeatable_ = true;
    option.set_ = std::move(set);
    return option;
}

Option& OptionSet::onFlag(Bytes names, UniqueFunction<Result<void>()> set, std::string help) {
    Option& option = make(names, std::move(help), {});
    option.flag_ = true;
    option.repeatable_ = true;
    option.set_ = [set = std::move(set)](Bytes text) mutable -> Result<void> {
        auto value = parseFlag(text);
        if (!value)
            return std::move(value).error();
        return *value ? set() : Result<void>{};
    };
    return option;
}

Option& OptionSet::refuse(Bytes names, std::string useInstead, bool takesValue) {
    Option& option = make(names, useInstead, takesValue ? "TEXT" : "");
    option.flag_ = !takesValue;
    option.refused_ = true;
    option.hidden_ = true;
    option.set_ = [useInstead = std::move(useInstead)](Bytes) -> Result<void> { return Error(useInstead); };
    return option;
}

void OptionSet::example(std::string command, std::string meaning) {
    examples_.push_back({std::move(command), std::move(meaning)});
}

Result<std::int64_t> OptionSet::parseWhole(Bytes text, bool isSigned) {
    const bool negative = isSigned && text.starts_with('-');
    const auto magnitude = parseUnsigned<std::uint64_t>(negative ? text.substr(1) : text);
    if (!magnitude)
        return Error("is no whole number");
    if (*magnitude > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
        return Error("is out of range");
    const auto value = static_cast<std::int64_t>(*magnitude);
    return negative ? -value : value;
}

const Option* OptionSet::find(Bytes name) const noexcept {
    const bool exact = name.starts_with('-');
    for (const auto& option : options_) {
        for (const std::string& each : option->names_) {
            if (exact ? each == name : (each.starts_with("--") && withoutDashes(each) == name))
                return option.get();
        }
    }
    return nullptr;
}

std::string OptionSet::closest(Bytes name) const {
    const Bytes wanted = withoutDashes(name);
    std::string best;
    // Two letters may differ, in long names a third: enough for a slip of the hand, too little for another
    // word.
    std::size_t bestDistance = std::max<std::size_t>(wanted.size() / 3, 2) + 1;
    for (const auto& option : options_) {
        if (option->hidden_)
            continue;
        for (const std::string& each : option->names_) {
            if (!each.starts_with("--"))
                continue;
            const Bytes candidate = withoutDashes(each);
            std::size_t distance = editDistance(wanted, candidate);
            if (wanted.size() >= 3 && candidate.starts_with(wanted))
                distance = 1;
            if (distance < bestDistance) {
                bestDistance = distance;
                best = each;
            }
        }
    }
    return best;
}

Result<void> OptionSet::assign(OptionSource source, Bytes name, std::string text, std::string where) {
    const Option* found = find(name);
    // "no-x" turns the flag "x" off.
    if (const Bytes bare = withoutDashes(name); !found && bare.starts_with("no-")) {
        found = find(bare.substr(3));
        if (found && found->flag_ && text.empty())
            text = "false";
        else
            found = nullptr;
    }
    if (!found) {
        const std::string near = closest(name);
        std::string message = where.empty() ? "" : where + ": ";
        message.append("there is no option ").append(name);
        if (!near.empty())
            message.append(" (did you mean ").append(near).append("?)");
        return Error(message);
    }
    assignments_.push_back({source, const_cast<Option*>(found), std::move(text), std::move(where)});
    return {};
}

Result<void> OptionSet::assignEnvironment(Bytes subcommand) {
    for (const auto& option : options_) {
        if (option->refused_ || !option->name().starts_with("--"))
            continue;
        std::string variable = "TWISTDPP_";
        if (!subcommand.empty())
            variable.append(subcommand).append("_");
        variable.append(withoutDashes(option->name()));
        for (char& c : variable)
            c = c == '-' ? '_' : ascii::upper(c);
        if (const char* text = std::getenv(variable.c_str()))
            assignments_.push_back(
                {OptionSource::environment, option.get(), text, "environment variable " + variable}
            );
    }
    return {};
}

Result<void> OptionSet::store(const Assignment& assignment) {
    Option& option = *assignment.option;
    const auto fail = [&](const Error& error) {
        std::string message = assignment.where.empty() ? "" : assignment.where + ": ";
        message += option.name();
        if (!option.refused_ && !(option.flag_ && assignment.text.empty()))
            message += " '" + assignment.text + "'";
        return Error(message.append(option.refused_ ? ": " : " ").append(error.message()));
    };
    for (auto& validator : option.validators_) {
        if (auto checked = validator(assignment.text); !checked)
            return fail(checked.error());
    }
    if (auto stored = option.set_(assignment.text); !stored)
        return fail(stored.error());
    option.given_.push_back(assignment.text);
    return {};
}

Result<void> OptionSet::apply() {
    // Twice the same option without being repeatable: the last one counts, as everywhere on a command line.
    std::vector<const Assignment*> chosen;
    for (const Assignment& assignment : assignments_) {
        const bool overruled =
            std::any_of(assignments_.begin(), assignments_.end(), [&](const Assignment& other) {
                return other.option == assignment.option &&
                       (other.source > assignment.source ||
                        (!assignment.option->repeatable_ && other.source == assignment.source &&
                         &other > &assignment));
            });
        if (!overruled)
            chosen.push_back(&assignment);
    }
    for (const Assignment* assignment : chosen) {
        if (assignment->option->clear_ && assignment->option->given_.empty())
            assignment->option->clear_();
        if (auto stored = store(*assignment); !stored) {
            refusedFrom_ = assignment->source;
            return stored;
        }
    }
    return {};
}

std::vector<std::string> OptionSet::differences(const OptionSet& other) const {
    std::vector<std::string> names;
    for (const auto& option : options_) {
        const Option* theirs = other.find(option->name());
        if (!theirs || theirs->given_ != option->given_)
            names.push_back(option->name());
    }
    return names;
}

} // namespace twistdpp
