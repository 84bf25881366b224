#include "twistdpp/cred/password_file.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/log.h"
#include "twistdpp/base/unique_fd.h"
#include "twistdpp/cred/read_file.h"

#include <optional>
#include <sys/stat.h>

namespace twistdpp {

namespace {

std::string place(std::string_view file, std::size_t line) {
    return std::string(file) + ":" + std::to_string(line) + ": ";
}

// Names may hold anything; a log line may not.
std::string shown(Bytes name) {
    std::string text;
    for (const char c : name.substr(0, 64))
        text += c >= ' ' && c <= '~' ? c : '?';
    return text;
}

Bytes withoutTrailingSpace(Bytes line) {
    const auto last = line.find_last_not_of(" \t\r\f\v");
    return last == Bytes::npos ? Bytes() : line.substr(0, last + 1);
}

// Most entries decide; of equally common kinds the one that was there first.
class KindCount {
public:
    void add(const PasswordHash& hash) {
        const std::size_t count = ++counts_[hash.kind()];
        if (count > most_) {
            most_ = count;
            commonest_ = hash;
        }
    }
    const std::optional<PasswordHash>& commonest() const { return commonest_; }

private:
    std::unordered_map<std::string, std::size_t> counts_;
    std::size_t most_ = 0;
    std::optional<PasswordHash> commonest_;
};

} // namespace

Result<PasswordTable> parsePasswordFile(Bytes text, std::string_view file) {
    if (text.size() > kMaxPasswordFile)
        return Error(std::string(file) + ": larger than " + std::to_string(kMaxPasswordFile) + " bytes");
    PasswordTable table;
    KindCount kinds;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const Bytes line = withoutTrailingSpace(ascii::cut(text, '\n'));
        if (line.empty() || line.front() == '#')
            continue;
        if (line.size() > kMaxPasswordLine)
            return Error(place(file, number) + "longer than " + std::to_string(kMaxPasswordLine) + " bytes");
        const std::size_t colon = line.find(':');
        if (colon == Bytes::npos)
            return Error(place(file, number) + "no ':' between name and password");
        if (colon == 0)
            return Error(place(file, number) + "the name is empty");
        const Bytes name = line.substr(0, colon);
        Bytes rest = line.substr(colon + 1);
        const Bytes password = rest.starts_with("{PLAIN}") ? rest : ascii::cut(rest, ':');
        if (password.empty() || password == "{PLAIN}")
            return Error(place(file, number) + "the password of '" + shown(name) + "' is empty");
        Result<PasswordHash> hash = PasswordHash::parse(password);
        if (!hash)
            return std::move(hash).error().within(place(file, number) + "user '" + shown(name) + "'");
        const bool plain = hash->form() == PasswordHash::Form::plain;
        table.allInClear = table.allInClear && plain;
        table.allForScram = table.allForScram && (plain || hash->form() == PasswordHash::Form::scramSha256);
        const auto [entry, added] = table.entries.try_emplace(std::string(name), std::move(*hash));
        if (added)
            kinds.add(entry->second);
        else if (table.warnings.size() < 20)
            table.warnings.push_back(
                place(file, number) + "'" + shown(name) + "' stands above already; the first entry counts"
            );
    }
    if (kinds.commonest())
        table.decoy = *kinds.commonest();
    return table;
}

Result<std::shared_ptr<const PasswordTable>> PasswordFile::current() {
    struct stat status {};
    if (::stat(path_.c_str(), &status) != 0)
        return Error::fromErrno(errno, "read " + path_);
    const auto nanoseconds = [](const timespec& t) {
        return std::int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec;
    };
    Stamp now;
    now.device = status.st_dev;
    now.inode = status.st_ino;
    now.size = static_cast<std::uint64_t>(status.st_size);
    now.changed = nanoseconds(status.st_ctim);
    now.modified = nanoseconds(status.st_mtim);
    if (table_ && now == stamp_)
        return table_;
    // The stamp is older than what is read: a change in between is seen the next time.
    Result<std::shared_ptr<const PasswordTable>> fresh = read();
    if (fresh) {
        table_ = *fresh;
        stamp_ = now;
    }
    return fresh;
}

Result<std::shared_ptr<const PasswordTable>> PasswordFile::read() {
    struct stat status {};
    Result<UniqueFd> fd = openForReading(path_, status);
    if (!fd)
        return std::move(fd).error();
    Result<std::string> text = readWhole(fd->get(), kMaxPasswordFile, path_);
    if (!text)
        return std::move(text).error();
    Result<PasswordTable> parsed = parsePasswordFile(*text, path_);
    wipe(text->data(), text->size());
    if (!parsed) {
        if (!table_)
            return std::move(parsed).error();
        logLine(
            LogLevel::error, "cred", parsed.error().message() + "; the entries read before stay in force"
        );
        return table_;
    }
    for (const std::string& warning : parsed->warnings)
        logLine(LogLevel::warn, "cred", warning);
    if ((status.st_mode & S_IROTH) != 0)
        logLine(LogLevel::warn, "cred", path_ + ": every user of this machine can read it (chmod o-r)");
    return std::make_shared<const PasswordTable>(std::move(*parsed));
}

} // namespace twistdpp
