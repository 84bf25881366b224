#pragma once
#include "twistdpp/app/option_set.h"

#include <string>
#include <string_view>

namespace twistdpp {

struct ServiceMaker;

/// What --help and its like print, each with its last newline.
std::string daemonHelp(const OptionSet& options);
std::string serviceHelp(const ServiceMaker& maker, const OptionSet& options);
std::string reactorHelp();
/// Of all types, or of one; the error says that there is no such type.
Result<std::string> authHelp(std::string_view type);
std::string versionText();

} // namespace twistdpp
