#pragma once
#include "twistdpp/base/result.h"
#include "twistdpp/dns_zone/master_file.h"

#include <string>
#include <vector>

namespace twistdpp::dns {

/// A zone that comes from a file.
struct ZoneSource {
    enum class Form { master, python };

    ZoneSource(Form kind, std::string file, std::string zone)
        : form(kind), path(std::move(file)), origin(std::move(zone)) {}

    LoadedZone load() const {
        return form == Form::master ? loadMasterFile(path, origin) : loadPythonZone(path);
    }
    friend bool operator==(const ZoneSource&, const ZoneSource&) = default;

    Form form;
    std::string path;   // absolute: the daemon may change its folder
    std::string origin; // as given; empty: the file tells
};

/// Everything that answers are made from and that files tell.
struct ZoneSources {
    std::vector<ZoneSource> zones;
    std::vector<std::string> hosts; // hosts(5) files
    std::vector<std::string>
        transferred;             // wire names of secondary zones, which have no data until it is put in
    std::uint32_t hostsTtl = 60; // seconds; short, as a hosts file is edited at any moment
};

} // namespace twistdpp::dns
