#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace twistdpp::words {

/// A channel that someone has registered: what comes back when nobody was there, or after a restart. A value.
struct ChannelRecord {
    struct Mask {
        char list; // the mode's letter
        std::string mask, setter;
        std::int64_t time;
    };
    std::string name;
    std::string founder; // an account
    std::int64_t created = 0;
    std::string topic, topicSetter;
    std::int64_t topicTime = 0;
    std::string flags; // letters of modes without a parameter
    std::string key;
    std::size_t limit = 0;
    std::vector<Mask> masks;
    std::map<std::string, char> access; // folded account: the letter of the rank that it gets on joining
};

} // namespace twistdpp::words
