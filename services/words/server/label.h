#pragma once
#include "twistdpp/words_server/event.h"

#include "twistdpp/base/bytes.h"

#include <string>
#include <vector>

namespace twistdpp::words {

/// What a command with a `label` tag is answered with, gathered until the command has ended: one line gets
/// the label itself, several go into a batch of type labeled-response, none is answered with ACK (IRCv3
/// "labeled-response").
class LabeledReply {
public:
    explicit LabeledReply(Bytes label) : label_(label) {}

    void add(TaggedLine line) { lines_.push_back(std::move(line)); }
    /// The whole answer, ready to be sent. `batch` names the batch, `server` is the source of its lines.
    std::string render(Bytes server, Bytes batch) const;

private:
    std::string label_; // as it came, still escaped
    std::vector<TaggedLine> lines_;
};

} // namespace twistdpp::words
