#include "twistdpp/daemon/configuration.h"

#include "twistdpp/app/config_file.h"
#include "twistdpp/app/option_help.h"
#include "twistdpp/app/plugin_loader.h"
#include "twistdpp/app/start_folder.h"
#include "twistdpp/daemon/command_line.h"
#include "twistdpp/daemon/help.h"

#include <algorithm>
#include <optional>
#include <set>

namespace twistdpp {

namespace {

/// Values of an option that decides what the others are, found before the command line is parsed.
std::vector<std::string> findEarly(const std::vector<std::string>& arguments, const std::string& name) {
    std::vector<std::string> values;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        if (arguments[i] == name && i + 1 < arguments.size())
            values.push_back(arguments[++i]);
        else if (arguments[i].starts_with(name + "="))
            values.push_back(arguments[i].substr(name.size() + 1));
    }
    return values;
}

class Reader {
public:
    explicit Reader(const std::vector<std::string>& arguments) : arguments_(arguments) {}

    Result<Configuration, StartFailure> read() {
        out_.runner->declare(*out_.runnerOptions);
        if (auto done = readFile(); !done)
            return std::move(done).error();
        if (auto done = loadPlugins(); !done)
            return std::move(done).error();
        auto named = parseCommandLine(arguments_, *out_.runnerOptions, subcommands());
        if (!named)
            return usage(named.error().message());
        if (auto done = applyRunner(); !done)
            return std::move(done).error();
        if (auto done = answer(*named); !done)
            return std::move(done).error();
        if (!out_.answer.empty())
            return std::move(out_);
        if (auto done = chooseServices(*named); !done)
            return std::move(done).error();
        for (ConfiguredService& service : out_.services) {
            if (auto done = apply(service); !done)
                return std::move(done).error();
        }
        return std::move(out_);
    }

private:
    using Done = Result<void, StartFailure>;

    static StartFailure usage(const std::string& text) {
        return {ExitCode::usage, text + " (twistdpp --help lists what there is)"};
    }

    /// The status for a value that apply() did not take: that of where it stands.
    static ExitCode blame(const OptionSet& options) {
        return options.refusedFrom() == OptionSource::file ? ExitCode::config : ExitCode::usage;
    }

    Done readFile() {
        auto paths = findEarly(arguments_, "--config");
        if (const char* variable = std::getenv("TWISTDPP_CONFIG"); variable && paths.empty())
            paths.emplace_back(variable);
        if (paths.empty())
            return {};
        auto loaded = loadConfig(fromStartFolder(paths.back()));
        if (!loaded) {
            const bool read = loaded.error().code() == std::errc::invalid_argument;
            return StartFailure::from(loaded.error(), read ? ExitCode::config : ExitCode::noInput);
        }
        file_ = std::move(*loaded);
        return {};
    }

    /// --plugin is read before the others, from the strongest source like them.
    std::vector<std::string> pluginPaths() const {
        std::vector<std::string> paths = findEarly(arguments_, "--plugin");
        if (const char* variable = std::getenv("TWISTDPP_PLUGIN"); variable && paths.empty())
            paths.emplace_back(variable);
        if (!paths.empty() || !file_)
            return paths;
        for (const char* name : {"", "twistdpp"}) {
            const ConfigSection* section = file_->section(name);
            for (std::size_t i = 0; section && i < section->entries.size(); ++i) {
                if (section->entries[i].key == "plugin")
                    paths.push_back(section->entries[i].value);
            }
        }
        return paths;
    }

    Done loadPlugins() {
        static std::set<std::string> loaded;
        for (const std::string& path : pluginPaths()) {
            if (!loaded.insert(path).second)
                continue;
            if (auto done = loadPlugin(path); !done)
                return StartFailure(ExitCode::noInput, done.error().message());
        }
        return {};
    }

    std::vector<Subcommand> subcommands() {
        std::vector<Subcommand> all;
        for (const ServiceMaker* maker : Registry<ServiceMaker>::all()) {
            all.push_back(
                {std::string(maker->name), std::string(maker->summary),
                 [this, maker]() -> OptionSet& { return *service(*maker).options; }}
            );
        }
        return all;
    }

    ConfiguredService& service(const ServiceMaker& maker) {
        for (ConfiguredService& each : declared_) {
            if (each.maker == &maker)
                return each;
        }
        ConfiguredService& made = declared_.emplace_back();
        made.maker = &maker;
        made.config = maker.config();
        made.options = std::make_unique<OptionSet>();
        made.config->declare(*made.options);
        return made;
    }

    Done applyRunner() {
        if (file_) {
            for (const char* section : {"", "twistdpp"}) {
                if (auto done = file_->assignTo(section, *out_.runnerOptions); !done)
                    return StartFailure(ExitCode::config, done.error().message());
            }
        }
        if (auto done = out_.runnerOptions->assignEnvironment(""); !done)
            return usage(done.error().message());
        if (auto done = out_.runnerOptions->apply(); !done)
            return StartFailure(blame(*out_.runnerOptions), done.error().message());
        if (auto done = out_.runner->validate(); !done)
            return StartFailure(ExitCode::usage, done.error().message());
        return {};
    }

    Done answer(const std::vector<NamedSubcommand>& named) {
        const RunnerOptions& runner = *out_.runner;
        for (const NamedSubcommand& each : named) {
            const ServiceMaker& maker = *Registry<ServiceMaker>::find(each.name);
            if ((each.help || runner.help) && out_.answer.empty())
                out_.answer = serviceHelp(maker, *service(maker).options);
        }
        if (runner.version)
            out_.answer = versionText();
        else if (runner.helpReactors)
            out_.answer = reactorHelp();
        else if (runner.helpAuth || !runner.helpAuthType.empty()) {
            auto told = authHelp(runner.helpAuthType);
            if (!told)
                return usage(told.error().message());
            out_.answer = std::move(*told);
        } else if (out_.answer.empty() && (runner.help || arguments_.empty()))
            out_.answer = daemonHelp(*out_.runnerOptions);
        return {};
    }

    Done chooseServices(const std::vector<NamedSubcommand>& named) {
        std::vector<const ServiceMaker*> chosen;
        for (const NamedSubcommand& each : named)
            chosen.push_back(Registry<ServiceMaker>::find(each.name));
        for (std::size_t i = 0; file_ && i < file_->sections.size(); ++i) {
            const ConfigSection& section = file_->sections[i];
            if (section.name.empty() || section.name == "twistdpp")
                continue;
            const ServiceMaker* maker = Registry<ServiceMaker>::find(section.name);
            if (!maker) // also when others are named: most likely it is one of those, misspelt
                return StartFailure(
                    ExitCode::config, file_->path + ":" + std::to_string(section.line) +
                                          ": there is no service '" + section.name + "'"
                );
            if (named.empty())
                chosen.push_back(maker);
        }
        if (chosen.empty())
            return usage("name a service to run, for example: twistdpp web --path .");
        for (const ServiceMaker* maker : chosen) {
            service(*maker);
            const auto at =
                std::find_if(declared_.begin(), declared_.end(), [&](const ConfiguredService& each) {
                    return each.maker == maker;
                });
            out_.services.push_back(std::move(*at));
            declared_.erase(at);
        }
        return {};
    }

    Done apply(ConfiguredService& service) {
        const std::string name(service.maker->name);
        if (file_) {
            if (auto done = file_->assignTo(name, *service.options); !done)
                return StartFailure(ExitCode::config, done.error().message());
        }
        if (auto done = service.options->assignEnvironment(name); !done)
            return usage(done.error().message());
        if (auto done = service.options->apply(); !done)
            return StartFailure(blame(*service.options), name + ": " + done.error().message());
        if (auto done = service.config->validate(); !done)
            return StartFailure(ExitCode::usage, name + ": " + done.error().message());
        return {};
    }

    const std::vector<std::string>& arguments_;
    Configuration out_;
    std::optional<ConfigFile> file_;
    std::vector<ConfiguredService> declared_;
};

} // namespace

Result<Configuration, StartFailure> readConfiguration(const std::vector<std::string>& arguments) {
    return Reader(arguments).read();
}

} // namespace twistdpp
