#pragma once
#include "twistdpp/base/bytes.h"
#include "twistdpp/base/unique_function.h"
#include "twistdpp/cred/secret.h"

#include <cstdint>
#include <string>

namespace twistdpp::words {

class Session;

/// Why no account was made, or that one was.
enum class AccountMade : std::uint8_t {
    yes,
    exists,
    badName,
    weakPassword,
    notAllowed,
    loggedIn,
    busy,
    tooMany, // from the client's address, within the hour
    notKept
};

/// Makes an account for the client and logs it in. `done` is called with the result, later unless something
/// is wrong at once, and not at all when the client has gone meanwhile. Errors: `notKept` when the database
/// does not take it.
void makeAccount(
    Session& session, const std::string& name, Bytes password, UniqueFunction<void(AccountMade)> done
);

/// Another password for the account that the client is logged in to.
void changePassword(Session& session, Bytes password, UniqueFunction<void(AccountMade)> done);

} // namespace twistdpp::words
