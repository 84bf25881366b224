#include "twistdpp/mail_store/keyword_file.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/number.h"
#include "twistdpp/mail_store/maildir.h"
#include "twistdpp/mail_store/message_spool.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace twistdpp::mail {

namespace {

constexpr std::size_t kMostBytes = 64 * 1024; // of the file that is read

std::string pathIn(const std::string& maildir) {
    return maildir + "/dovecot-keywords";
}

} // namespace

Result<std::vector<std::string>> readKeywords(const std::string& maildir) {
    std::vector<std::string> out;
    const std::string path = pathIn(maildir);
    const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!file && errno == ENOENT)
        return out;
    std::string text(kMostBytes, '\0');
    const ssize_t got = file ? ::read(file.get(), text.data(), text.size()) : -1;
    if (got < 0)
        return Error::fromErrno(errno, "cannot read " + path);
    text.resize(static_cast<std::size_t>(got));
    for (Bytes rest = text; !rest.empty();) {
        Bytes line = ascii::cut(rest, '\n');
        const auto number = parseUnsigned<std::size_t>(ascii::cut(line, ' '));
        if (!number || *number >= kMostKeywords || line.empty())
            continue;
        out.resize(std::max(out.size(), *number + 1));
        out[*number] = line;
    }
    return out;
}

Result<void> writeKeywords(const std::string& maildir, const std::vector<std::string>& keywords) {
    std::string text;
    for (std::size_t i = 0; i < keywords.size(); ++i) {
        if (!keywords[i].empty())
            text += std::to_string(i) + " " + keywords[i] + "\n";
    }
    const std::string path = pathIn(maildir);
    const std::string fresh = path + ".new";
    const UniqueFd file(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file)
        return Error::fromErrno(errno, "cannot make " + fresh);
    if (auto done = writeAll(file.get(), text, fresh); !done)
        return done;
    if (::fdatasync(file.get()) != 0 || ::rename(fresh.c_str(), path.c_str()) != 0)
        return Error::fromErrno(errno, "cannot write " + path);
    return syncFolder(maildir);
}

} // namespace twistdpp::mail
