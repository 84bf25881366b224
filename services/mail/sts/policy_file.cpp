#include "twistdpp/mail_sts/policy_file.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/number.h"
#include "twistdpp/base/unique_fd.h"
#include "twistdpp/mail_store/maildir.h"
#include "twistdpp/mail_store/message_spool.h"
#include "twistdpp/mail_sts/sts_policy.h"

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace twistdpp::mail {

std::optional<FoundPolicy> PolicyFiles::read(const std::string& domain) const {
    const UniqueFd file(::open((folder_ + "/" + domain).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!file)
        return std::nullopt;
    std::string text(kLongestPolicy + 1024, '\0');
    ssize_t got = 0;
    do
        got = ::read(file.get(), text.data(), text.size());
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return std::nullopt;
    text.resize(static_cast<std::size_t>(got));
    // "ID TIME", and the policy behind that line.
    Bytes rest = text;
    Bytes head = ascii::cut(rest, '\n');
    FoundPolicy out;
    out.id = ascii::cut(head, ' ');
    const auto time = parseUnsigned<std::uint64_t>(head);
    if (!time || out.id.empty())
        return std::nullopt;
    out.time = static_cast<std::int64_t>(*time);
    out.text = rest;
    return out;
}

Result<void> PolicyFiles::write(const std::string& domain, const FoundPolicy& policy) const {
    if (auto made = makeFolder(folder_); !made)
        return made;
    const std::string path = folder_ + "/" + domain;
    const std::string fresh = folder_ + "/.new-" + domain;
    const UniqueFd file(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file)
        return Error::fromErrno(errno, "cannot make " + fresh);
    const std::string text = policy.id + " " + std::to_string(policy.time) + "\n" + policy.text;
    if (auto done = writeAll(file.get(), text, fresh); !done)
        return done;
    if (::rename(fresh.c_str(), path.c_str()) != 0)
        return Error::fromErrno(errno, "cannot write " + path);
    return {};
}

} // namespace twistdpp::mail
