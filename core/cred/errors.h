#pragma once
#include "twistdpp/base/time.h"

#include <stdexcept>
#include <string>

namespace twistdpp {

/// Why a login came to nothing. Its text is for the log: what the client is told is the protocol's matter and
/// must not say more than "no".
class LoginFailed : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// The credentials are not right: unknown user, wrong password, key not listed. One text for all of these.
class UnauthorizedLogin : public LoginFailed {
public:
    UnauthorizedLogin() : LoginFailed("the credentials were not accepted") {}
};

/// No checker judges this kind of credentials.
class UnhandledCredentials : public LoginFailed {
public:
    explicit UnhandledCredentials(const std::string& kind)
        : LoginFailed("no checker takes this kind of credentials: " + kind) {}
};

/// The question could not be answered now (a file cannot be read, too many checks wait). Neither yes nor no:
/// mail answers 454 and not 535.
class CheckerUnavailable : public LoginFailed {
public:
    using LoginFailed::LoginFailed;
};

/// Too many failures before; the credentials were not looked at.
class LoginThrottled : public LoginFailed {
public:
    explicit LoginThrottled(Duration retryAfter)
        : LoginFailed("too many failed logins before"), retryAfter_(retryAfter) {}
    /// How long until another try is looked at.
    Duration retryAfter() const noexcept { return retryAfter_; }

private:
    Duration retryAfter_;
};

} // namespace twistdpp
