#pragma once
#include "twistdpp/base/result.h"
#include "twistdpp/cred/password_file.h"

#include <map>
#include <string>

namespace twistdpp::mail {

/// Names and passwords of a domain, as Twisted keeps them (DirDBM): a folder with a file for each, the name
/// in base64, the password inside, in any form of PasswordHash. Everything blocks, but not for long.
class UserFolder {
public:
    explicit UserFolder(std::string path) : path_(std::move(path)) {}

    /// All that is there, by name. The error names the file.
    Result<std::map<std::string, PasswordHash>> load() const;
    /// Makes the user or gives it another password. What is kept is a hash. Makes the folder when it is not
    /// there.
    Result<void> set(const std::string& user, Bytes password) const;

    /// The name of a user's file, and the reverse; nothing for what is none.
    static std::string fileName(const std::string& user);
    static std::optional<std::string> userName(Bytes file);

private:
    std::string path_;
};

/// Whether it can be a user: the name of a folder, and of an address without quotes.
bool isUserName(Bytes name) noexcept;

} // namespace twistdpp::mail
