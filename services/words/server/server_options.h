#pragma once
#include "twistdpp/cred/password_hash.h"
#include "twistdpp/words_server/arrivals.h"
#include "twistdpp/words_server/cloak.h"
#include "twistdpp/words_server/gateway.h"
#include "twistdpp/words_store/history.h"

#include "twistdpp/base/time.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace twistdpp::words {

/// Longest names and texts, in bytes, and how many of a thing one may have. ISUPPORT tells them.
struct NameLimits {
    NameLimits() = default;
    std::size_t nick = 32;
    std::size_t user = 18;
    std::size_t channel = 64;
    std::size_t key = 32;
    std::size_t topic = 390;
    std::size_t away = 200;
    std::size_t kick = 255;
    std::size_t realname = 150;
    std::size_t channels = 60; // joined by one user
    std::size_t list = 100;    // entries of each of a channel's lists
    std::size_t targets = 4;   // of one PRIVMSG
    std::size_t modes = 13;    // changes with a parameter in one MODE: as many as a message has place for
    std::size_t monitor = 100;
    std::size_t multilineBytes = 4096; // of one message of several lines
    std::size_t multilineLines = 24;
    std::size_t metadataKeys = 32; // of one user or channel
    std::size_t metadataValue = 300;
    std::size_t metadataSubscriptions = 100;
};

/// What a connection may use.
struct ConnectionLimits {
    ConnectionLimits() = default;
    std::size_t sendQueue =
        1024 * 1024;            // bytes that may wait for a client that does not read; then it is cut
    double linesPerSecond = 10; // that a client may send in the long run; 0: no limit
    double lineBurst = 40;      // and at once after a quiet time
    Duration registrationTime = std::chrono::seconds(60);
    Duration pingInterval = std::chrono::seconds(120); // without a line; then it is asked
    Duration pingTimeout = std::chrono::seconds(60);   // for the answer
    Duration closingTime = std::chrono::seconds(5);    // to take in what is still queued
};

/// How a Server is set up. A value.
struct ServerOptions {
    ServerOptions() = default;
    std::string hostname = "localhost";
    std::string network = "twistdpp";
    std::string version = "twistdpp";
    std::vector<std::string> motd;   // lines; empty: there is none
    std::vector<std::string> admin;  // up to three lines for ADMIN
    std::vector<std::string> groups; // channels that stand without members
    bool accountNeeded = false;      // nobody is let in who has not logged in
    bool registration = false;       // people may make accounts of their own
    bool utf8Only = true;            // lines that are no UTF-8 are refused
    std::uint16_t stsPort = 0;       // of TLS, for clients that came without; 0: they are not told
    Duration stsDuration{};          // how long clients shall remember to use TLS
    HistoryLimits history;           // where no store is given
    std::size_t historyAtOnce = 100; // messages that one CHATHISTORY brings
    std::optional<PasswordHash> password;
    std::unordered_map<std::string, PasswordHash> operators;
    std::vector<Gateway> gateways;
    std::optional<Cloak> cloak; // nothing: addresses are shown
    NameLimits names;
    ConnectionLimits connections;
    ArrivalLimits arrivals;
};

} // namespace twistdpp::words
