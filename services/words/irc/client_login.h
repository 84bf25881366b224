#pragma once
#include "twistdpp/irc/message.h"

#include "twistdpp/base/unique_function.h"
#include "twistdpp/sasl/sasl_client.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace twistdpp::irc {

/// What a client asks of a server before it is let in: capabilities (CAP, version 302) and a login by SASL
/// (ircv3.net/specs/extensions/sasl-3.2). IRCClient has one; it does nothing when nothing is asked for.
class ClientLogin {
public:
    /// Sends a line, without its end.
    using Send = UniqueFunction<void(Bytes)>;
    /// The login came to nothing, and why.
    using Failed = UniqueFunction<void(Bytes)>;

    ClientLogin(Send send, Failed failed) : send_(std::move(send)), failed_(std::move(failed)) {}

    /// Before begin(): names of capabilities that are taken where the server has them.
    std::vector<std::string> wanted;
    /// And whom to log in as; nothing: nobody.
    std::optional<SaslIdentity> account;

    /// Asks what there is. `safe`: a password may be sent as it is.
    void begin(bool safe);
    /// CAP, AUTHENTICATE and the numerics of SASL; false when the message is none of these.
    bool handle(const Message& message);
    /// The server has let the client in.
    void welcomed();

    bool has(Bytes capability) const { return on_.find(capability) != on_.end(); }
    /// The account that the server says the client is logged in to; empty: none.
    const std::string& loggedInAs() const noexcept { return loggedInAs_; }

private:
    void capability(const Message& message);
    void request(const std::map<std::string, std::string, std::less<>>& offered);
    void authenticate(Bytes text);
    void sendResponse(Bytes response);
    void startSasl();
    void fail(Bytes why);
    void end();

    Send send_;
    Failed failed_;
    std::map<std::string, std::string, std::less<>> offered_; // with their values
    std::map<std::string, bool, std::less<>> on_;
    std::unique_ptr<SaslClient> sasl_;
    std::string challenge_; // base64 so far
    std::string loggedInAs_;
    std::size_t requests_ = 0; // that are not answered yet
    bool safe_ = false;
    bool going_ = false;
};

} // namespace twistdpp::irc
