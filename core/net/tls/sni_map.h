#pragma once
#include "twistdpp/base/bytes.h"
#include "twistdpp/base/result.h"
#include "twistdpp/tls/tls_options.h"

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace twistdpp::detail {

/// Which identity (an index of the owner's) serves which name. Exact names go before wildcards.
class SniMap {
public:
    static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

    /// Whether `name` can stand here: "example.org", "*.example.org".
    static bool valid(Bytes name) noexcept;
    /// Several of different key types may serve one name.
    void add(Bytes name, std::size_t identity);
    /// Of one host name as a client sent it; in any case, with or without its last dot. nullptr: not here.
    const std::vector<std::size_t>* find(Bytes host) const;
    bool empty() const noexcept { return names_.empty(); }

private:
    std::map<std::string, std::vector<std::size_t>, std::less<>> names_;
};

/// The identities in a folder, by file name: each *.pem, with NAME.key beside it where that is there.
struct PemFolder {
    std::vector<TlsIdentity> named;
    std::vector<TlsIdentity> fallback; // default.pem
};
Result<PemFolder> readPemFolder(const std::string& path);

} // namespace twistdpp::detail
