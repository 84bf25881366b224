#include "twistdpp/app/plugin_loader.h"

#include <cstring>
#include <dlfcn.h>

namespace twistdpp {

Result<void> loadPlugin(const std::string& path) {
    // A name without a slash would be looked up in the library path instead of the working directory.
    const std::string file = path.find('/') == std::string::npos ? "./" + path : path;
    void* handle = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!handle) {
        const char* why = ::dlerror();
        return Error("plugin " + path + ": " + (why ? why : "cannot be loaded"));
    }
    const auto* abi = static_cast<const PluginAbi*>(::dlsym(handle, "twistdpp_plugin_abi"));
    if (!abi) {
        ::dlclose(handle);
        return Error("plugin " + path + ": has no TWISTDPP_PLUGIN line, so it was not written for twistdpp");
    }
    if (abi->version != kPluginAbiVersion || std::strcmp(abi->compiler, TWISTDPP_ABI_TEXT) != 0) {
        const std::string theirs = std::to_string(abi->version) + " (" + abi->compiler + ")";
        const std::string ours = std::to_string(kPluginAbiVersion) + " (" + TWISTDPP_ABI_TEXT + ")";
        ::dlclose(handle);
        return Error(
            "plugin " + path + ": built for plugin interface " + theirs + ", this daemon has " + ours +
            "; build it again against the installed headers"
        );
    }
    return {};
}

} // namespace twistdpp
