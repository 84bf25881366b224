// The one file that knows CLI11.
#include "twistdpp/daemon/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>

namespace twistdpp {

namespace {

/// One App of CLI11 and the options behind it.
class Mapped {
public:
    Mapped(CLI::App& app, OptionSet& options, bool declareHelp) : app_(app), options_(options) {
        app.set_help_flag();
        app.allow_extras();
        app.fallthrough();
        for (const auto& option : options.options())
            declare(*option);
        if (declareHelp && !options.find("--help"))
            help_ = app.add_flag("--help");
    }

    bool helpAsked() const { return help_ && help_->count() > 0; }

    /// Assigns what was parsed in the order in which it stood.
    Result<void> assign() {
        std::map<const CLI::Option*, std::size_t> taken;
        for (const CLI::Option* parsed : app_.parse_order()) {
            const auto known = sources_.find(parsed);
            if (known == sources_.end())
                continue;
            const std::size_t index = taken[parsed]++;
            std::string text = known->second.text;
            if (!known->second.option->isFlag() && index < parsed->results().size())
                text = parsed->results()[index];
            auto done = options_.assign(OptionSource::commandLine, known->second.option->name(), text, "");
            if (!done)
                return done;
        }
        return {};
    }

    /// Takes the words that are no options, if there is a use for them, and gives what is left.
    std::vector<std::string> takeWords(std::vector<std::string> extras) const {
        if (!options_.words())
            return extras;
        std::vector<std::string> left;
        for (std::string& each : extras) {
            const bool option = each.size() > 1 && each.front() == '-';
            (option ? left : *options_.words()).push_back(std::move(each));
        }
        return left;
    }

    std::string closest(const std::string& name) const { return options_.closest(name); }

private:
    struct Source {
        const Option* option;
        std::string text;
    };

    void declare(const Option& option) {
        std::string names;
        for (const std::string& name : option.names())
            names.append(names.empty() ? "" : ",").append(name);
        if (option.isFlag()) {
            sources_[app_.add_flag(names)] = {&option, ""};
            if (option.name().starts_with("--") && !option.isRefused())
                declareOff(option);
            return;
        }
        CLI::Option* made = app_.add_option(names);
        made->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)->allow_extra_args(false);
        sources_[made] = {&option, ""};
    }

    void declareOff(const Option& option) {
        const std::string off = "--no-" + option.name().substr(2);
        if (!options_.find(off))
            sources_[app_.add_flag(off)] = {&option, "false"};
    }

    CLI::App& app_;
    OptionSet& options_;
    CLI::Option* help_ = nullptr;
    std::map<const CLI::Option*, Source> sources_;
};

/// CLI11 takes the word after "--x=" for its value; an empty one must stay empty.
std::vector<std::string> withEmptyValues(const std::vector<std::string>& arguments) {
    std::vector<std::string> out;
    for (const std::string& each : arguments) {
        const bool empty = each.starts_with("--") && each.size() > 3 && each.find('=') == each.size() - 1;
        out.push_back(empty ? each.substr(0, each.size() - 1) : each);
        if (empty)
            out.emplace_back();
    }
    return out;
}

Error missingValue(const CLI::ParseError& error) {
    const std::string text = error.what();
    return Error(text.substr(0, text.find(':')) + " needs a value");
}

Error unexpected(
    const std::string& argument, const Mapped& daemon, const std::vector<const Mapped*>& named,
    const std::vector<Subcommand>& subcommands
) {
    const std::string name = argument.substr(0, argument.find('='));
    if (name.starts_with("-")) {
        std::string near;
        for (const Mapped* each : named)
            near = near.empty() ? each->closest(name) : near;
        near = near.empty() ? daemon.closest(name) : near;
        return Error("there is no option " + name + (near.empty() ? "" : " (did you mean " + near + "?)"));
    }
    if (!named.empty())
        return Error("'" + argument + "' is neither an option nor a service");
    std::string all;
    for (const Subcommand& each : subcommands)
        all.append(all.empty() ? "" : ", ").append(each.name);
    return Error("there is no service '" + argument + "'; there are: " + all);
}

} // namespace

Result<std::vector<NamedSubcommand>> parseCommandLine(
    const std::vector<std::string>& arguments, OptionSet& daemonOptions,
    const std::vector<Subcommand>& subcommands
) {
    CLI::App app;
    Mapped daemon(app, daemonOptions, false);
    app.require_subcommand(0);
    std::map<const CLI::App*, std::unique_ptr<Mapped>> mapped;
    for (const Subcommand& each : subcommands) {
        CLI::App* sub = app.add_subcommand(each.name, each.summary);
        // The options of services that are not named need not be made.
        if (std::find(arguments.begin(), arguments.end(), each.name) != arguments.end())
            mapped[sub] = std::make_unique<Mapped>(*sub, each.options(), true);
    }
    try {
        const std::vector<std::string> words = withEmptyValues(arguments);
        app.parse(std::vector<std::string>(words.rbegin(), words.rend()));
    } catch (const CLI::ArgumentMismatch& error) {
        return missingValue(error);
    } catch (const CLI::ParseError& error) {
        return Error(error.what());
    }

    std::vector<NamedSubcommand> result;
    std::vector<const Mapped*> named;
    bool help = daemonOptions.find("--help") && app.count("--help") > 0;
    for (const CLI::App* sub : app.get_subcommands()) {
        named.push_back(mapped.at(sub).get());
        result.push_back({sub->get_name(), named.back()->helpAsked()});
        help = help || result.back().help;
    }
    std::vector<std::string> extras = app.remaining(true);
    for (const Mapped* each : named)
        extras = each->takeWords(std::move(extras));
    if (!extras.empty() && !help)
        return unexpected(extras.front(), daemon, named, subcommands);
    if (auto done = daemon.assign(); !done)
        return std::move(done).error();
    for (const CLI::App* sub : app.get_subcommands()) {
        if (auto done = mapped.at(sub)->assign(); !done)
            return std::move(done).error().within(sub->get_name());
    }
    return result;
}

} // namespace twistdpp
