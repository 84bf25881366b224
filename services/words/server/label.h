#pragma once
#include "twistdpp/base/bytes.h"

#include <string>
#include <utility>
#include <vector>

namespace twistdpp::words {

/// What a command with a `label` tag is answered with, gathered until the command has ended: one line gets
/// the label itself, several go into a batch of type labeled-response, none is answered with ACK (IRCv3
/// "labeled-response").
class LabeledReply {
public:
    explicit LabeledReply(Bytes label) : label_(label) {}

    /// `tags` without '@' and the space.
    void add(std::string tags, Bytes body) { lines_.emplace_back(std::move(tags), std::string(body)); }
    /// The whole answer, ready to be sent. `batch` names the batch, `server` is the source of its lines.
    std::string render(Bytes server, Bytes batch) const;

private:
    std::string label_; // as it came, still escaped
    std::vector<std::pair<std::string, std::string>> lines_;
};

} // namespace twistdpp::words
