#pragma once
#include "twistdpp/base/unique_function.h"
#include "twistdpp/reactor/transport.h"
#include "twistdpp/sasl/sasl_server.h"

#include <memory>
#include <optional>
#include <string>

namespace twistdpp::mail {

/// What a login by SASL is told of the connection that it comes over. `service`: for the audit, "mail.smtp".
SaslConnection saslConnectionOf(
    Transport& transport, const std::string& service, const std::string& hostname, bool passwordsInClear
);

/// A login by SASL in lines of base64 (RFC 4954, RFC 5034): "*" gives it up, "=" is an empty initial
/// response. Belongs to a protocol; what it calls must not destroy it.
class SaslLines {
public:
    /// Longest line of a client, its end not counted (RFC 4954 section 4).
    static constexpr std::size_t kMaxLine = 12288;

    enum class End { loggedIn, givenUp, noBase64, malformed, notOffered, refused, unavailable };
    struct Calls {
        /// A challenge, in base64.
        UniqueFunction<void(Bytes)> challenge;
        /// It is over; `who` when it was loggedIn. Not when the connection ends first.
        UniqueFunction<void(End, const AvatarId* who)> ended;
        /// Whether lines are to be read now.
        UniqueFunction<void(bool)> read;
    };

    explicit SaslLines(Calls calls) : calls_(std::move(calls)) {}
    ~SaslLines() { stop(); }

    bool going() const noexcept { return server_ != nullptr; }
    /// "MECHANISM" or "MECHANISM initial-response".
    void begin(const Authenticator& accounts, SaslConnection connection, Bytes argument);
    /// The client's next line.
    void line(Bytes text);
    /// Forgets it, without a word.
    void stop();

private:
    void end(End how, const AvatarId* who = nullptr);

    Calls calls_;
    std::unique_ptr<SaslServer> server_;
    std::optional<Deferred<void>> login_;
};

} // namespace twistdpp::mail
