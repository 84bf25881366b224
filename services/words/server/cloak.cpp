#include "twistdpp/words_server/cloak.h"

#include "twistdpp/base/hex.h"
#include "twistdpp/base/unique_fd.h"
#include "twistdpp/cred/password_digest.h"
#include "twistdpp/cred/read_file.h"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace twistdpp::words {

namespace {

constexpr std::size_t kShortestKey = 16;
constexpr std::size_t kLongestKey = 4096;

/// Eight characters, 40 bits: enough that two networks hardly ever share a name.
std::string label(Bytes key, Bytes network) {
    static constexpr Bytes kLetters = "abcdefghijklmnopqrstuvwxyz234567";
    const std::string digest = hmacSha256(key, network);
    std::string out;
    for (std::size_t i = 0; i < 8; ++i)
        out += kLetters[static_cast<unsigned char>(digest[i]) & 31U];
    return out;
}

Result<void> writeKey(const std::string& path) {
    const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!fd)
        return Error::fromErrno(errno, "cannot make " + path);
    const std::string key = toHex(randomBytes(32)) + "\n";
    if (::write(fd.get(), key.data(), key.size()) != static_cast<ssize_t>(key.size()) ||
        ::fsync(fd.get()) != 0)
        return Error::fromErrno(errno, "cannot write " + path);
    return {};
}

} // namespace

Result<Cloak> Cloak::fromFile(const std::string& path) {
    if (::access(path.c_str(), F_OK) != 0 && errno == ENOENT) {
        if (auto made = writeKey(path); !made)
            return std::move(made).error();
    }
    struct stat status {};
    auto fd = openForReading(path, status);
    if (!fd)
        return std::move(fd).error();
    auto text = readWhole(fd->get(), kLongestKey, path);
    if (!text)
        return std::move(text).error();
    if (text->size() < kShortestKey)
        return Error(path + ": a key has at least 16 bytes");
    Cloak cloak{Secret(*text)};
    wipe(text->data(), text->size());
    return cloak;
}

std::string Cloak::of(const Address& peer) const {
    if (!peer.isIp())
        return "localhost";
    const Bytes bytes = peer.ipBytes();
    const std::array<std::size_t, 3> widths =
        bytes.size() == 4 ? std::array<std::size_t, 3>{4, 3, 2} : std::array<std::size_t, 3>{8, 6, 4};
    std::string out;
    for (const std::size_t width : widths)
        out.append(label(key_.bytes(), bytes.substr(0, width))).append(".");
    return out + "ip";
}

} // namespace twistdpp::words
