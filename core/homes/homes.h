#pragma once
#include "twistdpp/cred/avatar_id.h"
#include "twistdpp/files/file_tree.h"

#include "twistdpp/base/result.h"
#include "twistdpp/defer/deferred.h"
#include "twistdpp/reactor/reactor.h"

#include <memory>
#include <string>

namespace twistdpp::homes {

/// A user's files.
struct UserHome {
    std::shared_ptr<const files::FileTree> tree;
    std::string actsAs; // whose rights they are touched by, when that is not the user himself; else empty
};

/// The folder of a user: `pattern`, with the user's name in place of "{user}"; empty: the home of the
/// system's user, and a folder of that name in /home of others. The error is for the log: no folder, or a
/// name that is none of a folder.
Result<std::string> folderOf(const std::string& pattern, const AvatarId& who);

/// Opens it, on the pool. Where the process is root its files are touched by the rights of the system's user
/// of that login (`--auth unix`); for others by those of whom the folder belongs to, or of `nobody` when that
/// is root. Fails with std::runtime_error, for the log.
Deferred<UserHome> openHome(Reactor& reactor, std::string pattern, AvatarId who);
/// The same for those whom nobody knows, whose folder it is: by the rights of `nobody`.
Deferred<UserHome> openForAnyone(Reactor& reactor, std::string folder);

} // namespace twistdpp::homes
