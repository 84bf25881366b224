#pragma once
#include "twistdpp/base/time.h"
#include "twistdpp/reactor/address.h"

#include <string>
#include <unordered_map>
#include <vector>

namespace twistdpp::dns {

/// The names of a hosts(5) file, for look-ups that are to know them before any server is asked. Looks once a
/// second at most whether the file has changed. Lines with mistakes in them are passed over; a file that is
/// not there has no names.
class HostsFile {
public:
    explicit HostsFile(std::string path = "/etc/hosts") : path_(std::move(path)) {}

    /// The addresses of a name as people write it, port 0, in the order of the file; nullptr when the file
    /// does not have it. Valid until the next call.
    const std::vector<Address>* find(std::string_view name, TimePoint now);

private:
    void refresh(TimePoint now);
    void read(std::string_view text);

    std::string path_;
    std::unordered_map<std::string, std::vector<Address>> names_; // in lower case
    TimePoint looked_ = TimePoint::min();
    std::int64_t changed_ = -1, size_ = -1; // of the file that was read
};

} // namespace twistdpp::dns
