#pragma once
#include "twistdpp/words_store/history.h"

#include "twistdpp/base/bytes.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace twistdpp::words {

class Session;

// What was said before: how it reaches a client.

/// The history that `target` is for this client: that of a channel it is on, or of its talk with someone,
/// when both have accounts. Nothing when it may not read it or there is none.
std::optional<std::string> historyOf(const Session& session, Bytes target);

/// The items as a batch of type chathistory; tags and events only to who asked for those.
void sendHistory(Session& session, Bytes target, const std::vector<HistoryItem>& items);

/// To a client without chathistory, all that it missed since then, in milliseconds since 1970.
void sendMissed(Session& session, std::int64_t since);

/// MARKREAD of a target, to who asked for read markers.
void sendMarker(Session& session, Bytes target);

} // namespace twistdpp::words
