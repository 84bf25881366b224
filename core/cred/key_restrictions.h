#pragma once
#include "twistdpp/base/bytes.h"
#include "twistdpp/cred/authorized_keys.h"
#include "twistdpp/reactor/address.h"

#include <ctime>
#include <optional>

namespace twistdpp {

/// Whether `peer` is one of a pattern list (ssh_config(5), PATTERNS): patterns separated by ',' with '*' and
/// '?', or networks like 192.0.2.0/24; one behind '!' that matches excludes. Nobody is in a list that holds a
/// network that is none. Compared with the numeric
/// address alone: names are not looked up, as whoever runs the client's DNS could choose them.
bool addressInList(Bytes patterns, const Address& peer);

/// When a key ends: YYYYMMDD, YYYYMMDDHHMM or YYYYMMDDHHMMSS in local time, with a 'Z' behind it in UTC.
/// Nothing for other text.
std::optional<std::time_t> parseExpiryTime(Bytes text);

/// Whether the line's own conditions (from=, expiry-time=) hold for a client at `peer` at the time `now`. One
/// that cannot be judged does not hold.
bool restrictionsHold(const AuthorizedKey& key, const Address& peer, std::time_t now);

} // namespace twistdpp
