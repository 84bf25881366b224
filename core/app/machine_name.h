#pragma once
#include <string>

namespace twistdpp {

/// What this machine is called, for greetings and headers; "localhost" when it does not say.
std::string machineName();

} // namespace twistdpp
