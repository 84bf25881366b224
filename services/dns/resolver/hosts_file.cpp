#include "twistdpp/dns_resolver/hosts_file.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/dns_resolver/text_lines.h"

#include <sys/stat.h>

namespace twistdpp::dns {

namespace {

constexpr std::size_t kLargestFile = 16 * 1024 * 1024;
constexpr Duration kLookAgain = std::chrono::seconds(1);

std::string keyOf(std::string_view name) {
    if (name.ends_with('.'))
        name.remove_suffix(1);
    return ascii::toLower(name);
}

} // namespace

const std::vector<Address>* HostsFile::find(std::string_view name, TimePoint now) {
    if (looked_ == TimePoint::min() || now - looked_ >= kLookAgain)
        refresh(now);
    const auto found = names_.find(keyOf(name));
    return found == names_.end() ? nullptr : &found->second;
}

void HostsFile::refresh(TimePoint now) {
    looked_ = now;
    struct stat about {};
    const bool there = ::stat(path_.c_str(), &about) == 0;
    const std::int64_t changed = there ? about.st_mtim.tv_sec * 1'000'000'000LL + about.st_mtim.tv_nsec : -1;
    const std::int64_t size = there ? about.st_size : -1;
    if (changed == changed_ && size == size_)
        return;
    changed_ = changed;
    size_ = size;
    names_.clear();
    if (!there)
        return;
    if (const auto text = readSmallFile(path_, kLargestFile))
        read(*text);
}

void HostsFile::read(std::string_view text) {
    while (!text.empty()) {
        Bytes line = ascii::cut(text, '\n');
        line = line.substr(0, line.find('#'));
        const auto address = Address::parse(nextWord(line), 0);
        if (!address)
            continue;
        for (Bytes name = nextWord(line); !name.empty(); name = nextWord(line))
            names_[keyOf(name)].push_back(*address);
    }
}

} // namespace twistdpp::dns
