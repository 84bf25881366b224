#pragma once
#include "twistdpp/app/option_set.h"
#include "twistdpp/base/result.h"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace twistdpp {

/// A subcommand that the command line may name.
struct Subcommand {
    std::string name, summary;
    /// Called when the command line names it, before its options are read.
    std::function<OptionSet&()> options;
};

/// One subcommand that was named.
struct NamedSubcommand {
    std::string name;
    bool help = false;
};

/// Reads the command line: the daemon's options, and after each subcommand its own; what a subcommand does
/// not know is tried as one of the daemon's. Values are assigned (OptionSet::assign) in their order, not
/// applied. The error is one line that names the argument.
Result<std::vector<NamedSubcommand>> parseCommandLine(
    const std::vector<std::string>& arguments, OptionSet& daemonOptions,
    const std::vector<Subcommand>& subcommands
);

} // namespace twistdpp
