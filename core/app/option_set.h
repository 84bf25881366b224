#pragma once
#include "twistdpp/base/bytes.h"
#include "twistdpp/base/result.h"
#include "twistdpp/base/time.h"
#include "twistdpp/base/unique_function.h"

#include <concepts>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace twistdpp {

/// Where a value came from; a later one wins over the earlier ones as a whole (a list is replaced, not added
/// to).
enum class OptionSource { file, environment, commandLine };

/// What makes a value: the text as given. An error says what is wrong with the value, without the option's
/// name.
using OptionSetter = UniqueFunction<Result<void>(Bytes)>;

/// One declared option. Made by OptionSet::add(), which returns it for the finer points.
class Option {
public:
    /// The placeholder in the help text: "--port ENDPOINT".
    Option& value(std::string placeholder) { return placeholder_ = std::move(placeholder), *this; }
    /// The heading in the help text under which the option stands.
    Option& group(std::string heading) { return group_ = std::move(heading), *this; }
    /// A check of the text before it is stored; several are made in turn.
    Option& check(UniqueFunction<Result<void>(Bytes)> validator) {
        return validators_.push_back(std::move(validator)), *this;
    }
    /// Only these texts are taken; the error lists them.
    Option& oneOf(std::vector<std::string> choices);
    /// For one made by OptionSet::on(): of several values only the last counts.
    Option& once() { return repeatable_ = false, *this; }
    /// Works as the others do, but the help text does not show it: an old name that still has to work.
    Option& hidden() { return hidden_ = true, *this; }

    /// "--port", or "-p" for one that has no long name.
    const std::string& name() const noexcept { return names_.front(); }
    /// All names, the long ones first.
    const std::vector<std::string>& names() const noexcept { return names_; }
    const std::string& help() const noexcept { return help_; }
    const std::string& placeholder() const noexcept { return placeholder_; }
    const std::string& heading() const noexcept { return group_; }
    const std::string& fallback() const noexcept { return default_; }
    bool isFlag() const noexcept { return flag_; }
    bool isHidden() const noexcept { return hidden_; }
    bool isRepeatable() const noexcept { return repeatable_; }
    bool isRefused() const noexcept { return refused_; }
    /// The texts that apply() stored, for comparing two readings of the configuration.
    const std::vector<std::string>& given() const noexcept { return given_; }

private:
    friend class OptionSet;
    std::vector<std::string> names_;
    std::string help_, placeholder_, group_, default_;
    bool flag_ = false, repeatable_ = false, refused_ = false, hidden_ = false;
    std::vector<UniqueFunction<Result<void>(Bytes)>> validators_;
    OptionSetter set_;
    /// Empties a list before the values of the winning source are stored.
    UniqueFunction<void()> clear_;
    std::vector<std::string> given_;
};

/// The options of one subcommand, or of the daemon itself. A service declares them in
/// ServiceConfig::declare(), each with a reference to the member it fills; the daemon feeds it the
/// configuration file, the environment and the command line with assign(), then stores everything with
/// apply(). Used on one thread, before the reactors run and at a reload. The references must outlive the set.
class OptionSet {
public:
    struct Example {
        std::string command, meaning;
    };

    OptionSet() = default;
    OptionSet(const OptionSet&) = delete;
    OptionSet& operator=(const OptionSet&) = delete;

    /// A flag: its presence makes it true; "--no-X" and, in a file, "x = false" make it false.
    /// `names` is "-p,--port" or "--port"; the text of the target at this moment is the default shown in the
    /// help.
    Option& add(Bytes names, bool& target, std::string help);
    Option& add(Bytes names, std::string& target, std::string help);
    /// Repeatable; the values are kept in their order.
    Option& add(Bytes names, std::vector<std::string>& target, std::string help);
    /// A time: "30" (seconds), "1.5", "250ms", "2m", "1h". Not negative.
    Option& add(Bytes names, Duration& target, std::string help);
    /// A whole number within the range of the target's type.
    template <std::integral T>
    requires(!std::same_as<T, bool>) Option& add(Bytes names, T& target, std::string help) {
        return addNumber(
            names, std::move(help), std::to_string(target),
            [&target](Bytes text) -> Result<void> {
                auto number = parseWhole(text, std::numeric_limits<T>::min() < T{0});
                if (!number)
                    return std::move(number).error();
                if (!std::in_range<T>(*number))
                    return Error("is out of range");
                target = static_cast<T>(*number);
                return {};
            }
        );
    }
    /// Called for each value, in the order of the command line among all options: for those whose order
    /// matters
    /// ("--allow-ignore-ext" after "--path").
    Option& on(Bytes names, OptionSetter set, std::string help);
    /// The same without a value: called with an empty text.
    Option& onFlag(Bytes names, UniqueFunction<Result<void>()> set, std::string help);
    /// An option of Twisted's that we do not have: giving it is an error that says what to use.
    Option& refuse(Bytes names, std::string useInstead, bool takesValue);

    /// The words of the command line that are no options go there: for a service that can be told what to do
    /// ("twistdpp mail queue"). `usage` is what the help text shows for them. Without it they are an error.
    void words(std::string usage, std::vector<std::string>& target) {
        wordUsage_ = std::move(usage);
        words_ = &target;
    }
    std::vector<std::string>* words() const noexcept { return words_; }
    const std::string& wordUsage() const noexcept { return wordUsage_; }

    /// A line of "twistdpp web --help" under "Examples".
    void example(std::string command, std::string meaning);
    /// A paragraph after the options.
    void note(std::string text) { notes_.push_back(std::move(text)); }

    /// Notes a value; nothing is stored yet. `name` is as declared, with or without dashes; `where` goes in
    /// front of an error ("site.toml:12"). A flag takes "", "true" or "false". Unknown names are an error.
    Result<void> assign(OptionSource source, Bytes name, std::string text, std::string where);
    /// Takes TWISTDPP_<subcommand>_<OPTION> (without subcommand: TWISTDPP_<OPTION>) for every declared
    /// option.
    Result<void> assignEnvironment(Bytes subcommand);
    /// Checks and stores all that was assigned, each option from its strongest source. The first error ends
    /// it.
    Result<void> apply();
    /// After an error of apply(): where the value came from that it did not take.
    std::optional<OptionSource> refusedFrom() const noexcept { return refusedFrom_; }

    const Option* find(Bytes name) const noexcept;
    const std::vector<std::unique_ptr<Option>>& options() const noexcept { return options_; }
    const std::vector<Example>& examples() const noexcept { return examples_; }
    const std::vector<std::string>& notes() const noexcept { return notes_; }
    /// The declared name that looks most like `name`, or "".
    std::string closest(Bytes name) const;
    /// Names of the options whose stored values differ; both sets must have been declared by the same
    /// service.
    std::vector<std::string> differences(const OptionSet& other) const;

private:
    struct Assignment {
        OptionSource source;
        Option* option;
        std::string text, where;
    };

    static Result<std::int64_t> parseWhole(Bytes text, bool isSigned);
    Option& make(Bytes names, std::string help, std::string placeholder);
    Option& addNumber(Bytes names, std::string help, std::string fallback, OptionSetter set);
    Result<void> store(const Assignment& assignment);

    std::vector<std::unique_ptr<Option>> options_;
    std::vector<Example> examples_;
    std::vector<std::string> notes_;
    std::vector<Assignment> assignments_;
    std::string wordUsage_;
    std::vector<std::string>* words_ = nullptr;
    std::optional<OptionSource> refusedFrom_;
};

/// "30", "1.5", "250ms", "2m", "1h" as a time; seconds without a unit.
Result<Duration> parseDuration(Bytes text);

} // namespace twistdpp
