#include "twistdpp/dns_wire/tsig_keys.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/base64.h"
#include "twistdpp/base/number.h"
#include "twistdpp/base/unique_fd.h"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <tuple>
#include <unistd.h>

namespace twistdpp::dns {

namespace {

constexpr std::size_t kMaxFile = 1U << 20;

/// By the number of the Hash.
constexpr std::array<Bytes, 5> kAlgorithms{
    Bytes("\x09hmac-sha1\0", 11), Bytes("\x0bhmac-sha224\0", 13), Bytes("\x0bhmac-sha256\0", 13),
    Bytes("\x0bhmac-sha384\0", 13), Bytes("\x0bhmac-sha512\0", 13)};

/// Words, strings in double quotes and the marks { } ; of a text, without its comments.
class Scanner {
public:
    Scanner(Bytes text, const std::string& file) : rest_(text), file_(file) {}

    /// The next word or mark; empty at the end.
    Bytes next() {
        skip();
        quoted_ = false;
        if (rest_.empty())
            return {};
        if (rest_[0] == '"') {
            quoted_ = true;
            const std::size_t end = rest_.find_first_of("\"\n", 1);
            const bool closed = end != Bytes::npos && rest_[end] == '"';
            return take(closed ? end + 1 : rest_.size()).substr(1, closed ? end - 1 : 0);
        }
        if (isMark(rest_[0]))
            return take(1);
        return take(std::min(rest_.find_first_of(" \t\r\n\"{};#"), rest_.size()));
    }
    /// Whether the next thing is that mark; it is taken then.
    bool mark(char wanted) {
        skip();
        if (rest_.empty() || rest_[0] != wanted)
            return false;
        take(1);
        return true;
    }
    /// A word or string that is no mark.
    Bytes word() {
        const Bytes found = next();
        return !quoted_ && found.size() == 1 && isMark(found[0]) ? Bytes{} : found;
    }
    bool atEnd() {
        skip();
        return rest_.empty();
    }
    Error error(const std::string& what) const {
        return Error(file_ + ':' + std::to_string(line_) + ": " + what);
    }

private:
    static bool isMark(char c) noexcept { return c == '{' || c == '}' || c == ';'; }

    Bytes take(std::size_t size) {
        const Bytes taken = rest_.substr(0, size);
        for (const char c : taken)
            line_ += c == '\n' ? 1 : 0;
        rest_.remove_prefix(taken.size());
        return taken;
    }
    void skip() {
        for (;;) {
            const std::size_t blanks = std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size());
            take(blanks);
            if (rest_.starts_with('#') || rest_.starts_with("//")) {
                take(std::min(rest_.find('\n'), rest_.size()));
            } else if (rest_.starts_with("/*")) {
                const std::size_t end = rest_.find("*/", 2);
                take(end == Bytes::npos ? rest_.size() : end + 2);
            } else {
                return;
            }
        }
    }

    Bytes rest_;
    const std::string& file_;
    unsigned line_ = 1;
    bool quoted_ = false;
};

struct Algorithm {
    Hash hash;
    std::size_t macSize;
};

/// "hmac-sha256", with "-128" behind it for a code of so many bits.
std::optional<Algorithm> algorithmFromText(Bytes text) {
    std::string lower = ascii::toLower(text);
    if (lower.ends_with('.'))
        lower.pop_back();
    for (std::size_t i = 0; i < kAlgorithms.size(); ++i) {
        const Bytes name = kAlgorithms[i].substr(1, kAlgorithms[i].size() - 2);
        if (!lower.starts_with(name))
            continue;
        const auto hash = static_cast<Hash>(i);
        Algorithm algorithm{hash, digestSize(hash)};
        if (lower.size() == name.size())
            return algorithm;
        const auto bits = parseUnsigned<unsigned>(Bytes(lower).substr(name.size() + 1));
        const std::size_t least = std::max<std::size_t>(10, digestSize(hash) / 2);
        if (lower[name.size()] != '-' || !bits || *bits % 8 != 0 || *bits / 8 < least ||
            *bits / 8 > digestSize(hash))
            return std::nullopt;
        algorithm.macSize = *bits / 8;
        return algorithm;
    }
    return std::nullopt;
}

/// The inside of one key statement. No word of it stands in an error: it might be the secret.
Result<void>
readBody(Scanner& scanner, const std::string& key, std::optional<Algorithm>& algorithm, std::string& secret) {
    while (!scanner.mark('}')) {
        if (scanner.atEnd())
            return scanner.error("the key " + key + " is not closed with '}'");
        const Bytes statement = scanner.word();
        if (statement == "algorithm" && !algorithm) {
            algorithm = algorithmFromText(scanner.word());
            if (!algorithm)
                return scanner.error(
                    "the key " + key +
                    " has an unknown algorithm; known are hmac-sha1, hmac-sha224, "
                    "hmac-sha256, hmac-sha384 and hmac-sha512"
                );
        } else if (statement == "secret" && secret.empty()) {
            auto decoded = fromBase64(scanner.word());
            if (!decoded || decoded->empty())
                return scanner.error("the secret of the key " + key + " is not base64");
            secret = std::move(*decoded);
        } else {
            return scanner.error(
                "the key " + key + " takes 'algorithm' and 'secret' once each, and nothing else"
            );
        }
        if (!scanner.mark(';'))
            return scanner.error("a ';' is missing in the key " + key);
    }
    if (!algorithm)
        return scanner.error("the key " + key + " has no algorithm");
    if (secret.empty())
        return scanner.error("the key " + key + " has no secret");
    return {};
}

/// The text of a file that nobody else can read.
Result<std::string> readPrivateFile(const std::string& path) {
    const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat status;
    if (!file || ::fstat(file.get(), &status) != 0)
        return Error::fromErrno(errno, path);
    if (!S_ISREG(status.st_mode))
        return Error(path + ": is no regular file");
    if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return Error(path + ": holds secrets, but others than its owner have access to it: chmod 600 it");
    std::string text(kMaxFile + 1, '\0');
    std::size_t size = 0;
    while (size < text.size()) {
        const ssize_t count = ::read(file.get(), text.data() + size, text.size() - size);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0) {
            wipe(text);
            return Error::fromErrno(errno, path);
        }
        if (count == 0)
            break;
        size += static_cast<std::size_t>(count);
    }
    if (size > kMaxFile) {
        wipe(text);
        return Error(path + ": is larger than 1 MiB");
    }
    text.resize(size);
    return text;
}

} // namespace

Bytes tsigAlgorithmName(Hash hash) noexcept {
    return kAlgorithms[static_cast<unsigned>(hash)];
}

std::optional<Hash> tsigAlgorithmFromName(Bytes wireName) noexcept {
    for (std::size_t i = 0; i < kAlgorithms.size(); ++i) {
        if (equalNames(kAlgorithms[i], wireName))
            return static_cast<Hash>(i);
    }
    return std::nullopt;
}

Result<TsigKeys> TsigKeys::readFile(const std::string& path) {
    auto text = readPrivateFile(path);
    if (!text)
        return std::move(text).error();
    auto keys = parse(*text, path);
    wipe(*text);
    return keys;
}

Result<TsigKeys> TsigKeys::parse(Bytes text, const std::string& file) {
    TsigKeys keys;
    Scanner scanner(text, file);
    while (!scanner.atEnd()) {
        if (scanner.word() != "key")
            return scanner.error(
                "only statements as key \"name\" { algorithm hmac-sha256; secret \"...\"; }; are known"
            );
        const auto name = Name::parse(scanner.word());
        if (!name)
            return scanner.error(name.error().message());
        const std::string shown = '\'' + name->toString() + '\'';
        if (!scanner.mark('{'))
            return scanner.error("a '{' is missing behind the name of the key " + shown);
        std::optional<Algorithm> algorithm;
        std::string secret;
        auto body = readBody(scanner, shown, algorithm, secret);
        if (!body) {
            wipe(secret);
            return std::move(body).error();
        }
        if (!scanner.mark(';'))
            return scanner.error("a ';' is missing behind the key " + shown);
        const auto [at, added] = keys.keys_.emplace(
            std::piecewise_construct, std::forward_as_tuple(*name),
            std::forward_as_tuple(*name, algorithm->hash, std::move(secret))
        );
        if (!added)
            return scanner.error("the key " + shown + " stands there twice");
        at->second.macSize = algorithm->macSize;
    }
    if (keys.keys_.empty())
        return Error(file + ": has no key");
    return keys;
}

const TsigKey* TsigKeys::find(Bytes name) const noexcept {
    const auto at = keys_.find(name);
    return at == keys_.end() ? nullptr : &at->second;
}

} // namespace twistdpp::dns
