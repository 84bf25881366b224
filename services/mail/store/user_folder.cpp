#include "twistdpp/mail_store/user_folder.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/base64.h"
#include "twistdpp/cred/read_file.h"
#include "twistdpp/mail_store/message_spool.h"

#include <algorithm>
#include <cerrno>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <sys/stat.h>
#include <unistd.h>

namespace twistdpp::mail {

namespace {

struct CloseFolder {
    void operator()(DIR* folder) const noexcept { ::closedir(folder); }
};

} // namespace

bool isUserName(Bytes name) noexcept {
    return !name.empty() && name.size() <= 64 && name.front() != '.' &&
           std::all_of(name.begin(), name.end(), [](char c) {
               return c > ' ' && c <= '~' && c != '/' && c != '@' && c != '"' && c != '\\' && c != ':';
           });
}

std::string UserFolder::fileName(const std::string& user) {
    std::string out = toBase64(user) + "_";
    std::replace(out.begin(), out.end(), '/', '-');
    return out;
}

std::optional<std::string> UserFolder::userName(Bytes file) {
    if (file.empty() || file.back() != '_')
        return std::nullopt;
    std::string text(file.substr(0, file.size() - 1));
    std::replace(text.begin(), text.end(), '-', '/');
    auto name = fromBase64(text);
    return name && isUserName(*name) ? name : std::nullopt;
}

Result<std::map<std::string, PasswordHash>> UserFolder::load() const {
    std::map<std::string, PasswordHash> out;
    const std::unique_ptr<DIR, CloseFolder> folder(::opendir(path_.c_str()));
    if (!folder && errno == ENOENT)
        return out;
    if (!folder)
        return Error::fromErrno(errno, "cannot read " + path_);
    while (const dirent* each = ::readdir(folder.get())) {
        const auto user = userName(each->d_name);
        if (!user)
            continue;
        const std::string path = path_ + "/" + each->d_name;
        struct stat status {};
        auto fd = openForReading(path, status);
        if (!fd)
            return std::move(fd).error();
        auto text = readWhole(fd->get(), kMaxPasswordLine, path);
        if (!text)
            return std::move(text).error();
        auto hash = PasswordHash::parse(ascii::trim(*text, "\r\n"));
        wipe(text->data(), text->size());
        if (!hash)
            return std::move(hash).error().within(path + ": user '" + *user + "'");
        out.emplace(ascii::toLower(*user), *std::move(hash));
    }
    return out;
}

Result<void> UserFolder::set(const std::string& user, Bytes password) const {
    if (::mkdir(path_.c_str(), 0700) != 0 && errno != EEXIST)
        return Error::fromErrno(errno, "cannot make " + path_);
    const auto hash = hashPassword(password, "{SCRAM-SHA-256}");
    if (!hash)
        return hash.error();
    const std::string path = path_ + "/" + fileName(user);
    const std::string fresh = path + ".new"; // which is nobody's name
    const UniqueFd fd(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!fd)
        return Error::fromErrno(errno, "cannot make " + fresh);
    if (auto done = writeAll(fd.get(), *hash, fresh); !done)
        return done;
    if (::fsync(fd.get()) != 0 || ::rename(fresh.c_str(), path.c_str()) != 0)
        return Error::fromErrno(errno, "cannot write " + path);
    return {};
}

} // namespace twistdpp::mail
