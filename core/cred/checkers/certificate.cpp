#include "twistdpp/base/ascii.h"
#include "twistdpp/base/hex.h"
#include "twistdpp/base/log.h"
#include "twistdpp/base/unique_fd.h"
#include "twistdpp/cred/checker_maker.h"
#include "twistdpp/cred/read_file.h"

#include <sys/stat.h>
#include <unordered_map>

// TLS certificates of clients, named by their SHA-256.

namespace twistdpp {

namespace {

constexpr std::size_t kMaxFile = std::size_t{1} << 20;

/// Names by fingerprint.
using Owners = std::unordered_map<std::string, std::string>;

Result<Owners> parse(Bytes text, const std::string& file) {
    Owners owners;
    for (std::size_t number = 1; !text.empty(); ++number) {
        Bytes rest = ascii::trim(ascii::cut(text, '\n'), " \t\r");
        if (rest.empty() || rest.front() == '#')
            continue;
        const std::string place = file + ":" + std::to_string(number) + ": ";
        const std::string name(ascii::cut(rest, ':'));
        std::string digits;
        for (const char c : rest) {
            if (c != ':') // as openssl writes them
                digits += c;
        }
        digits = ascii::toLower(digits);
        const auto bytes = fromHex(digits);
        if (name.empty() || !bytes || bytes->size() != 32)
            return Error(place + "must be NAME:FINGERPRINT, the SHA-256 of the certificate in hexadecimal");
        if (!owners.emplace(digits, name).second)
            return Error(place + "that certificate stands above already");
    }
    return owners;
}

Result<Owners> read(const std::string& path) {
    struct stat status {};
    auto fd = openForReading(path, status);
    if (!fd)
        return std::move(fd).error();
    auto text = readWhole(fd->get(), kMaxFile, path);
    if (!text)
        return std::move(text).error();
    return parse(*text, path);
}

class CertificateChecker final : public Checker {
public:
    CertificateChecker(std::string path, Owners owners)
        : path_(std::move(path)), owners_(std::move(owners)) {}

    CredentialKinds kinds() const noexcept override { return CredentialKind::certificate; }

    Deferred<AvatarId> requestAvatarId(const Credentials& credentials) override {
        if (auto fresh = read(path_))
            owners_ = *std::move(fresh);
        else
            logLine(
                LogLevel::error, "cred", fresh.error().message() + "; the entries read before stay in force"
            );
        const auto& given = static_cast<const ClientCertificate&>(credentials);
        const auto found = owners_.find(given.fingerprint());
        if (found == owners_.end() || (!given.name().empty() && given.name() != found->second))
            return Failure(UnauthorizedLogin());
        AvatarId id(found->second);
        id.add("checker", "certificate");
        return id;
    }

private:
    std::string path_;
    Owners owners_;
};

Result<std::unique_ptr<Checker>> make(Reactor&, std::string_view arguments) {
    if (arguments.empty())
        return Error("name the file: certificate:PATH");
    auto owners = read(std::string(arguments));
    if (!owners)
        return std::move(owners).error();
    return std::make_unique<CertificateChecker>(std::string(arguments), *std::move(owners));
}

TWISTDPP_CHECKER(
    certificate, "TLS certificates of clients, by their fingerprints in a file",
    "One certificate a line, NAME:FINGERPRINT, its SHA-256 in hexadecimal, with or without\n"
    "colons: openssl x509 -in cert.pem -noout -fingerprint -sha256. Blank lines and lines\n"
    "that begin with '#' are skipped. The file is read at each login. The endpoint has to\n"
    "ask for certificates: ssl:...:clientCertificate=any. Clients log in by SASL EXTERNAL.",
    "PATH", CredentialKind::certificate, make
);

} // namespace

} // namespace twistdpp
