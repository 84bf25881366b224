#pragma once
#include "twistdpp/app/option_set.h"

#include <string>

namespace twistdpp {

struct ServiceMaker;

/// What --help and its like print, each with its last newline.
std::string daemonHelp(const OptionSet& options);
std::string serviceHelp(const ServiceMaker& maker, const OptionSet& options);
std::string reactorHelp();
std::string authHelp();
std::string versionText();

} // namespace twistdpp
