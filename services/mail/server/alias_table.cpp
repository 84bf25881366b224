#include "twistdpp/mail_server/alias_table.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/unique_fd.h"
#include "twistdpp/cred/read_file.h"
#include "twistdpp/smtp/mailbox.h"

#include <algorithm>
#include <sys/stat.h>

namespace twistdpp::mail {

namespace {

constexpr std::size_t kLargest = 4 * 1024 * 1024; // of a file
constexpr std::size_t kMostTargets = 1000;        // of one alias
constexpr Bytes kInclude = ":include:";

Result<std::string> readFile(const std::string& path) {
    struct stat status {};
    const auto fd = openForReading(path, status);
    if (!fd)
        return fd.error();
    return readWhole(fd->get(), kLargest, path);
}

/// The next of a list: what stands before a comma outside quotes, which are taken off.
Result<std::string> nextItem(Bytes& rest) {
    std::string out;
    bool quoted = false;
    std::size_t at = 0;
    for (; at < rest.size() && (quoted || rest[at] != ','); ++at) {
        const char c = rest[at];
        if (c == '"')
            quoted = !quoted;
        else if (c == '\\' && quoted && at + 1 < rest.size())
            out += rest[++at];
        else
            out += c;
    }
    if (quoted)
        return Error("a quote has no end");
    rest.remove_prefix(std::min(at + 1, rest.size()));
    return std::string(ascii::trim(out));
}

} // namespace

Result<AliasTable> AliasTable::load(const std::string& path) {
    AliasTable made;
    made.files_.push_back(path);
    auto text = readFile(path);
    if (!text)
        return std::move(text).error();
    if (auto read = made.read(*text, path); !read)
        return std::move(read).error();
    return made;
}

Result<void> AliasTable::read(Bytes text, const std::string& path) {
    std::size_t number = 0;
    std::size_t began = 0; // on which line the present one did
    std::string line;
    const auto endLine = [&]() -> Result<void> {
        if (line.empty())
            return {};
        Bytes targets = line;
        // A name in quotes may have a colon.
        const std::size_t from = line.front() == '"' ? std::min(line.find('"', 1), line.size() - 1) : 0;
        const std::size_t colon = line.find(':', from);
        if (colon == std::string::npos)
            return Error("an alias is of the form NAME: TARGET, TARGET");
        const std::string name = ascii::toLower(ascii::trim(targets.substr(0, colon), " \t\""));
        targets.remove_prefix(colon + 1);
        if (name.empty() || name.find('@') != std::string::npos)
            return Error("an alias is a name, without a domain");
        auto& into = aliases_[name];
        auto read = readTargets(targets, into, true);
        if (read && into.empty())
            return Error(name + " stands for nobody");
        return read;
    };
    const auto within = [&](const Error& why) {
        return Error(path + ":" + std::to_string(began) + ": " + why.message());
    };
    while (!text.empty()) {
        ++number;
        const Bytes raw = ascii::trim(ascii::cut(text, '\n'), "\r");
        const Bytes content = ascii::trim(raw);
        if (content.empty() || content.front() == '#')
            continue;
        if (raw.front() == ' ' || raw.front() == '\t') {
            line.append(" ").append(content);
            continue;
        }
        if (auto ended = endLine(); !ended)
            return within(ended.error());
        line = content;
        began = number;
    }
    if (auto ended = endLine(); !ended)
        return within(ended.error());
    return {};
}

Result<void> AliasTable::readTargets(Bytes text, std::vector<AliasTarget>& into, bool includes) {
    while (!text.empty()) {
        auto item = nextItem(text);
        if (!item)
            return std::move(item).error();
        if (item->empty())
            continue;
        AliasTarget target;
        target.text = *item;
        if (item->front() == '|') {
            target.kind = AliasTarget::Kind::program;
            target.text = ascii::trim(Bytes(*item).substr(1));
        } else if (item->front() == '/') {
            target.kind = AliasTarget::Kind::file;
        } else if (item->starts_with(kInclude)) {
            if (!includes)
                return Error("a file that is included includes no other");
            if (auto done = include(item->substr(kInclude.size()), into); !done)
                return done;
            continue;
        } else if (item->find('@') != std::string::npos && !smtp::Mailbox::parse(*item)) {
            return Error(*item + " is no address");
        }
        if (target.text.empty())
            return Error("there is no program behind |");
        if (into.size() >= kMostTargets)
            return Error("an alias stands for at most " + std::to_string(kMostTargets));
        into.push_back(std::move(target));
    }
    return {};
}

Result<void> AliasTable::include(const std::string& path, std::vector<AliasTarget>& into) {
    files_.push_back(path);
    const auto text = readFile(path);
    if (!text)
        return text.error();
    for (Bytes rest = *text; !rest.empty();) {
        const Bytes line = ascii::trim(ascii::cut(rest, '\n'), " \t\r");
        if (line.empty() || line.front() == '#')
            continue;
        if (auto read = readTargets(line, into, false); !read)
            return Error(path + ": " + read.error().message());
    }
    return {};
}

const std::vector<AliasTarget>* AliasTable::find(Bytes name) const {
    const auto found = aliases_.find(ascii::toLower(name));
    return found == aliases_.end() ? nullptr : &found->second;
}

bool AliasTable::leavesMailboxes() const noexcept {
    return std::any_of(aliases_.begin(), aliases_.end(), [](const auto& alias) {
        return std::any_of(alias.second.begin(), alias.second.end(), [](const AliasTarget& target) {
            return target.kind != AliasTarget::Kind::address;
        });
    });
}

std::int64_t AliasTable::filesChanged() const {
    std::uint64_t mixed = 0;
    for (const std::string& path : files_) {
        struct stat status {};
        // A replaced file is another inode, whatever its time says.
        if (::stat(path.c_str(), &status) == 0)
            mixed = mixed * 31 + static_cast<std::uint64_t>(status.st_mtim.tv_sec) * 1'000'000'000U +
                    static_cast<std::uint64_t>(status.st_mtim.tv_nsec) + status.st_ino * 7U +
                    static_cast<std::uint64_t>(status.st_size);
    }
    return static_cast<std::int64_t>(mixed >> 1U);
}

} // namespace twistdpp::mail
