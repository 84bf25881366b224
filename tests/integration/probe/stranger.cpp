// A plugin of another version: must be refused by its number before anything of it is used.
#include "twistdpp/app/plugin_loader.h"

extern "C" __attribute__((visibility("default"))) const twistdpp::PluginAbi twistdpp_plugin_abi;
extern "C" const twistdpp::PluginAbi twistdpp_plugin_abi{twistdpp::kPluginAbiVersion + 1, TWISTDPP_ABI_TEXT};
