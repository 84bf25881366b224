#include "twistdpp/homes/homes.h"

#include "twistdpp/base/number.h"

#include <cerrno>
#include <grp.h>
#include <optional>
#include <pwd.h>
#include <stdexcept>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace twistdpp::homes {

namespace {

using files::FileTree;
using files::Owner;

constexpr Bytes kUser = "{user}";
constexpr std::size_t kMostGroups = 1024;

struct SystemUser {
    std::string name;
    Owner owner;
};

std::optional<SystemUser> readUser(
    int (*find)(const void* key, passwd* entry, char* buffer, std::size_t size, passwd** found),
    const void* key
) {
    std::vector<char> buffer(16 * 1024);
    passwd entry{};
    passwd* found = nullptr;
    if (find(key, &entry, buffer.data(), buffer.size(), &found) != 0 || !found)
        return std::nullopt;
    SystemUser out;
    out.name = entry.pw_name;
    out.owner.uid = entry.pw_uid;
    out.owner.gid = entry.pw_gid;
    int count = kMostGroups;
    out.owner.groups.resize(kMostGroups);
    if (::getgrouplist(entry.pw_name, entry.pw_gid, out.owner.groups.data(), &count) < 0)
        count = 1;
    out.owner.groups.resize(static_cast<std::size_t>(count));
    return out;
}

std::optional<SystemUser> userByName(const char* name) {
    return readUser(
        [](const void* key, passwd* entry, char* buffer, std::size_t size, passwd** found) {
            return ::getpwnam_r(static_cast<const char*>(key), entry, buffer, size, found);
        },
        name
    );
}

std::optional<SystemUser> userById(uid_t id) {
    return readUser(
        [](const void* key, passwd* entry, char* buffer, std::size_t size, passwd** found) {
            return ::getpwuid_r(*static_cast<const uid_t*>(key), entry, buffer, size, found);
        },
        &id
    );
}

const SystemUser& nobody() {
    static const SystemUser found =
        userByName("nobody").value_or(SystemUser{"nobody", {65534, 65534, {65534}}});
    return found;
}

std::optional<uid_t> idOf(const AvatarId& who) {
    const auto text = who.attribute("uid");
    return text ? parseUnsigned<uid_t>(*text) : std::nullopt;
}

UserHome open(const std::string& folder, const std::optional<Owner>& owner, std::string actsAs) {
    auto tree = FileTree::open(folder, owner);
    if (!tree)
        throw std::runtime_error(tree.error().message());
    return {*std::move(tree), std::move(actsAs)};
}

UserHome openNow(const std::string& pattern, const AvatarId& who) {
    const auto folder = folderOf(pattern, who);
    if (!folder)
        throw std::runtime_error(folder.error().message());
    const auto id = idOf(who);
    if (::geteuid() != 0) {
        const auto ours = userById(::geteuid());
        const bool same = id == ::geteuid();
        return open(*folder, std::nullopt, same ? "" : ours ? ours->name : std::to_string(::geteuid()));
    }
    if (id) {
        const auto user = userById(*id);
        if (!user)
            throw std::runtime_error("the system does not know the user of id " + std::to_string(*id));
        return open(*folder, user->owner, {});
    }
    struct stat status {};
    if (::stat(folder->c_str(), &status) != 0)
        throw std::runtime_error(Error::fromErrno(errno, "cannot give out " + *folder).message());
    auto owner = status.st_uid != 0 ? userById(status.st_uid) : std::optional(nobody());
    if (!owner)
        owner = SystemUser{std::to_string(status.st_uid), {status.st_uid, status.st_gid, {status.st_gid}}};
    return open(*folder, owner->owner, owner->name);
}

} // namespace

Result<std::string> folderOf(const std::string& pattern, const AvatarId& who) {
    const std::string& name = who.name();
    const auto home = who.attribute("home");
    if (pattern.empty() && home && !home->empty())
        return std::string(*home);
    if (name.empty() || name.front() == '.' || name.find('/') != std::string::npos ||
        name.find('\0') != std::string::npos || name.size() > 200)
        return Error("the name of a user that is no name of a folder");
    std::string out = pattern.empty() ? "/home/{user}" : pattern;
    for (std::size_t at = out.find(kUser); at != std::string::npos; at = out.find(kUser, at + name.size()))
        out.replace(at, kUser.size(), name);
    return out;
}

Deferred<UserHome> openHome(Reactor& reactor, std::string pattern, AvatarId who) {
    const auto made = std::make_shared<UserHome>();
    return reactor
        .runInThread(
            Pool::io,
            [made, pattern = std::move(pattern), who = std::move(who)] { *made = openNow(pattern, who); }
        )
        .addCallback([made] { return std::move(*made); });
}

Deferred<UserHome> openForAnyone(Reactor& reactor, std::string folder) {
    const auto owner = ::geteuid() == 0 ? std::optional(nobody().owner) : std::nullopt;
    // Most of those who come want nothing else, and one folder is in everybody's mind.
    if (auto known = FileTree::openCached(folder, owner); known && *known)
        return succeed(UserHome{**std::move(known), {}});
    const auto made = std::make_shared<UserHome>();
    return reactor
        .runInThread(Pool::io, [made, folder = std::move(folder), owner] { *made = open(folder, owner, {}); })
        .addCallback([made] { return std::move(*made); });
}

} // namespace twistdpp::homes
