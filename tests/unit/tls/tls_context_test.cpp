#include "twistdpp/tls/tls_context.h"

#include "twistdpp/tls/self_signed.h"
#include "unit/tls/scratch_files.h"

#include <gmock/gmock.h>

namespace twistdpp::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class TlsContextFiles : public testing::Test {
protected:
    static const PemPair& pair() {
        static const PemPair made = *makeSelfSigned({"server.example"});
        return made;
    }
    static std::string failure(const ServerTlsOptions& options) {
        auto made = TlsContext::forServer(options);
        return made ? "(no error)" : made.error().message();
    }
    static std::string failure(const ClientTlsOptions& options) {
        auto made = TlsContext::forClient(options);
        return made ? "(no error)" : made.error().message();
    }
    static std::string failure(const TlsIdentity& identity) { return failure(ServerTlsOptions(identity)); }

    ScratchFiles files;
    std::string good = files.store("good.pem", pair().certificate + pair().privateKey);
    std::string certificate = files.store("certificate.pem", pair().certificate);
    std::string key = files.store("key.pem", pair().privateKey);
};

TEST_F(TlsContextFiles, TakesCertificateAndKeyFromOneFileOrTwo) {
    EXPECT_EQ(failure(TlsIdentity::files(good)), "(no error)");
    EXPECT_EQ(failure(TlsIdentity::files(certificate, key)), "(no error)");
    EXPECT_EQ(failure(TlsIdentity::files(certificate, key, good)), "(no error)");
    EXPECT_EQ(failure(pair().identity()), "(no error)");
}

TEST_F(TlsContextFiles, NamesTheFileThatIsMissing) {
    const std::string gone = files.path("gone.pem");
    EXPECT_EQ(
        failure(TlsIdentity::files(gone)),
        "cannot read the certificate file '" + gone + "': No such file or directory"
    );
    EXPECT_EQ(
        failure(TlsIdentity::files(certificate, gone)),
        "cannot read the private key file '" + gone + "': No such file or directory"
    );
    EXPECT_EQ(
        failure(TlsIdentity::files(certificate, key, gone)),
        "cannot read the certificate chain file '" + gone + "': No such file or directory"
    );
    EXPECT_THAT(failure(TlsIdentity::files(files.path())), HasSubstr("Is a directory"));
}

TEST_F(TlsContextFiles, NamesTheFileThatIsNotPem) {
    const std::string text = files.store("text.pem", "this is a shopping list\n");
    EXPECT_EQ(
        failure(TlsIdentity::files(text)),
        "the certificate file '" + text + "' holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)"
    );
    EXPECT_EQ(
        failure(TlsIdentity::files(certificate, text)),
        "the private key file '" + text + "' holds no private key in PEM form (-----BEGIN PRIVATE KEY-----)"
    );
    EXPECT_THAT(
        failure(TlsIdentity::files(certificate)), HasSubstr("'" + certificate + "' holds no private key")
    );
    std::string damaged = pair().certificate;
    damaged[damaged.size() / 2] = '!';
    const std::string broken = files.store("broken.pem", damaged);
    EXPECT_EQ(
        failure(TlsIdentity::files(broken, key)),
        "the certificate file '" + broken + "' holds a damaged certificate"
    );
}

TEST_F(TlsContextFiles, SaysWhenTheKeyIsAnothersOrEncrypted) {
    const std::string other = files.store("other.pem", makeSelfSigned({"x.example"})->privateKey);
    EXPECT_EQ(
        failure(TlsIdentity::files(certificate, other)),
        "the private key file '" + other + "' does not belong to the certificate file '" + certificate + "'"
    );
    // A key made for this test, with a password.
    const std::string locked = files.store("locked.pem", R"(-----BEGIN ENCRYPTED PRIVATE KEY-----
MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAhNJJj84cgP7AICCAAw
DAYIKoZIhvcNAgkFADAdBglghkgBZQMEAQIEEF1uV6c55qCik0NtlgF3tMoEgZD8
tKEueTHBEgCGuLINw1RP77cQgZX2NCfMEaFij5a2m4ILiT/2sxwIDzcpDykqmESO
+/uFth27zHV1Gx6Df+D9R+cBes5qEOPl5X9M4YLQeX/582/B79hqJzs/Ta+GhPwv
j46IlxpTRHlg9lQFCWkvBx553T3Wk4ymUGUlZ4T9J/HzJxRFgjoWq6wQhXjvDk0=
-----END ENCRYPTED PRIVATE KEY-----
)");
    EXPECT_EQ(
        failure(TlsIdentity::files(certificate, locked)),
        "the private key file '" + locked + "' is encrypted; decrypt it: openssl pkey -in " + locked +
            " -out new.pem"
    );
}

TEST_F(TlsContextFiles, AServerNeedsACertificate) {
    EXPECT_EQ(failure(ServerTlsOptions()), "a TLS server needs a certificate and its private key");
}

TEST_F(TlsContextFiles, ServesAFolderOfCertificates) {
    files.store("a.pem", makeSelfSigned({"a.example"})->certificate);
    ServerTlsOptions options;
    options.sniDirectory = files.path();
    EXPECT_THAT(failure(options), HasSubstr("a.pem' holds no private key"));
    ScratchFiles empty;
    std::filesystem::remove_all(empty.path());
    options.sniDirectory = empty.path();
    EXPECT_THAT(failure(options), StartsWith("cannot read the certificate folder '" + empty.path() + "'"));
    std::filesystem::create_directories(empty.path());
    EXPECT_EQ(failure(options), "the certificate folder '" + empty.path() + "' holds no *.pem file");
    const PemPair a = *makeSelfSigned({"a.example"});
    empty.store("a.pem", a.certificate);
    empty.store("a.key", a.privateKey);
    empty.store("default.pem", pair().certificate + pair().privateKey);
    EXPECT_EQ(failure(options), "(no error)");
}

TEST_F(TlsContextFiles, RefusesSettingsThatMeanNothing) {
    ServerTlsOptions options(pair().identity());
    options.ciphers = "SNAKE-OIL";
    EXPECT_EQ(failure(options), "the TLS cipher list 'SNAKE-OIL' names no known cipher");
    options = ServerTlsOptions(pair().identity());
    options.cipherSuites = "TLS_SNAKE_OIL";
    EXPECT_EQ(failure(options), "the TLS 1.3 cipher suites 'TLS_SNAKE_OIL' are not all known");
    options = ServerTlsOptions(pair().identity());
    options.alpn = {""};
    EXPECT_THAT(failure(options), StartsWith("an ALPN protocol's name must have 1 to 255 bytes"));
    options = ServerTlsOptions(pair().identity());
    options.minVersion = TlsVersion::tls13;
    options.maxVersion = TlsVersion::tls12;
    EXPECT_EQ(failure(options), "the lowest TLS version asked for is above the highest");
    options = ServerTlsOptions(pair().identity());
    options.sni.emplace_back(std::vector<std::string>{"no name"}, pair().identity());
    EXPECT_EQ(failure(options), "'no name' cannot be a server's name: use example.org or *.example.org");
}

TEST_F(TlsContextFiles, ChecksWhomToTrust) {
    ServerTlsOptions options(pair().identity());
    options.clientCertificates = ServerTlsOptions::ClientCertificate::required;
    EXPECT_THAT(failure(options), HasSubstr("no authority to check them with"));
    options.clientCa = Pem::file(files.path("gone.pem"));
    EXPECT_THAT(failure(options), StartsWith("cannot read the client certificate authority file"));
    EXPECT_EQ(failure(ClientTlsOptions(Pem())), "no certificate authorities were given to trust");
    EXPECT_THAT(failure(ClientTlsOptions(Pem::file(key))), HasSubstr("holds no certificate"));
    EXPECT_EQ(failure(ClientTlsOptions()), "(no error)"); // the system's
}

TEST_F(TlsContextFiles, KnowsWhetherItsMaterialIsTheSame) {
    const auto first = *TlsContext::forServer(ServerTlsOptions(TlsIdentity::files(good)));
    const auto second = *TlsContext::forServer(ServerTlsOptions(TlsIdentity::files(good)));
    const auto other =
        *TlsContext::forServer(ServerTlsOptions(makeSelfSigned({"server.example"})->identity()));
    EXPECT_TRUE(first->sameMaterial(*second));
    EXPECT_FALSE(first->sameMaterial(*other));
}

TEST(SelfSigned, RefusesNamesThatWouldBeSomethingElse) {
    EXPECT_FALSE(makeSelfSigned({}).ok());
    EXPECT_FALSE(makeSelfSigned({""}).ok());
    EXPECT_EQ(
        makeSelfSigned({"a,IP:1.2.3.4"}).error().message(),
        "'a,IP:1.2.3.4' cannot be the name of a certificate"
    );
    EXPECT_TRUE(makeSelfSigned({"localhost", "::1", "127.0.0.1"}).ok());
}

} // namespace
} // namespace twistdpp::test
