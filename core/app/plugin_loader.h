#pragma once
#include "twistdpp/base/result.h"

#include <string>

namespace twistdpp {

/// What must be equal between the daemon and a plugin: the version of these headers and what decides the
/// layout of C++ types. Compared before anything of the plugin is used.
struct PluginAbi {
    unsigned version;
    const char* compiler;
};

constexpr unsigned kPluginAbiVersion = 1;

#define TWISTDPP_STRINGIFY_(x) #x
#define TWISTDPP_STRINGIFY(x) TWISTDPP_STRINGIFY_(x)
/// The C++ ABI (shared by g++ and clang), the layout of std::string and the pointer's size.
#define TWISTDPP_ABI_TEXT                                                                                    \
    "itanium-" TWISTDPP_STRINGIFY(__GXX_ABI_VERSION) "-cxx11-" TWISTDPP_STRINGIFY(_GLIBCXX_USE_CXX11_ABI     \
    ) "-" TWISTDPP_STRINGIFY(__SIZEOF_POINTER__)

/// Stands once in a plugin (a shared object with TWISTDPP_SERVICE, TWISTDPP_ENDPOINT and so on in it), so
/// that the daemon can tell whether it was built against the same headers.
#define TWISTDPP_PLUGIN                                                                                      \
    extern "C" __attribute__((visibility("default"))) const ::twistdpp::PluginAbi twistdpp_plugin_abi;       \
    extern "C" const ::twistdpp::PluginAbi twistdpp_plugin_abi{                                              \
        ::twistdpp::kPluginAbiVersion, TWISTDPP_ABI_TEXT};

/// Loads a shared object; what it registers is there when this returns, and it stays loaded until the process
/// ends. Loading runs only the static Registry entries of the plugin, which are plain data; one whose ABI
/// differs is unloaded again, and the error says what differs. On the main thread, before the reactors run.
Result<void> loadPlugin(const std::string& path);

} // namespace twistdpp
