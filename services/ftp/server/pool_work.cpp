#include "twistdpp/ftp_server/pool_work.h"

#include <cerrno>

namespace twistdpp::ftp {

Reply replyTo(const Error& error) {
    switch (error.code().value()) {
    case ENOENT:
    case ENOTDIR:
    case ELOOP:
        return {550, "there is no such file or folder"};
    case EACCES:
    case EPERM:
    case EROFS:
        return {550, "that is not permitted"};
    case EEXIST:
        return {550, "there is such a name already"};
    case EISDIR:
        return {550, "that is a folder"};
    case ENOTEMPTY:
        return {550, "the folder is not empty"};
    case EBUSY:
        return {550, "it is in use"};
    case EXDEV:
        return {550, "that is another disk"};
    case EINVAL:
        return {554, "there is nothing at that place"};
    case ENAMETOOLONG:
        return {553, "the name is too long"};
    case ENOSPC:
        return {452, "there is no room for it"};
    case EDQUOT:
    case EFBIG:
        return {552, "it is more than may be kept here"};
    default:
        return {451, "it cannot be done now: " + error.code().message()};
    }
}

} // namespace twistdpp::ftp
