#include "twistdpp/cred/unix_accounts.h"

#include <cerrno>
#include <ctime>
#include <pwd.h>
#include <shadow.h>
#include <vector>

namespace twistdpp {

namespace {

constexpr std::size_t kMaxRecord = std::size_t{1} << 20;

std::string orEmpty(const char* text) {
    return text ? text : "";
}

// Calls a getXXnam_r with a buffer that grows as long as it is told that it is too small.
template <class Record, class Call>
bool withRecord(Call call, auto use) {
    for (std::size_t size = 4096; size <= kMaxRecord; size *= 4) {
        std::vector<char> buffer(size);
        Record record{};
        Record* found = nullptr;
        const int error = call(record, buffer.data(), buffer.size(), found);
        if (error == ERANGE)
            continue;
        if (error != 0 || !found)
            return false;
        use(*found);
        return true;
    }
    return false;
}

bool isExpired(const spwd& shadow) {
    const long today = static_cast<long>(std::time(nullptr) / 86'400);
    if (shadow.sp_expire > 0 && today >= shadow.sp_expire)
        return true;
    if (shadow.sp_max < 0 || shadow.sp_lstchg <= 0)
        return shadow.sp_lstchg == 0; // must be changed at the next login, which only login(1) can do
    const long grace = shadow.sp_inact >= 0 ? shadow.sp_inact : 0;
    return today > shadow.sp_lstchg + shadow.sp_max + grace;
}

class SystemAccounts final : public UnixAccounts {
public:
    std::optional<UnixAccount> byName(const std::string& name) const override {
        if (name.empty() || name.find('\0') != std::string::npos)
            return std::nullopt;
        return find([&](passwd& record, char* buffer, std::size_t size, passwd*& found) {
            return ::getpwnam_r(name.c_str(), &record, buffer, size, &found);
        });
    }
    std::optional<UnixAccount> byUid(unsigned uid) const override {
        return find([&](passwd& record, char* buffer, std::size_t size, passwd*& found) {
            return ::getpwuid_r(uid, &record, buffer, size, &found);
        });
    }

private:
    template <class Call>
    static std::optional<UnixAccount> find(Call call) {
        UnixAccount account;
        const bool known = withRecord<passwd>(call, [&](const passwd& record) {
            account.name = orEmpty(record.pw_name);
            account.uid = record.pw_uid;
            account.gid = record.pw_gid;
            account.home = orEmpty(record.pw_dir);
            account.shell = orEmpty(record.pw_shell);
            account.passwordHash = orEmpty(record.pw_passwd);
        });
        if (!known)
            return std::nullopt;
        const auto shadowOf = [&](spwd& record, char* buffer, std::size_t size, spwd*& found) {
            return ::getspnam_r(account.name.c_str(), &record, buffer, size, &found);
        };
        const bool shadowed = withRecord<spwd>(shadowOf, [&](const spwd& record) {
            account.passwordHash = orEmpty(record.sp_pwdp);
            account.expired = isExpired(record);
        });
        if (!shadowed && account.passwordHash == "x")
            account.passwordHash.clear();
        return account;
    }
};

} // namespace

std::shared_ptr<const UnixAccounts> systemAccounts() {
    return std::make_shared<const SystemAccounts>();
}

} // namespace twistdpp
