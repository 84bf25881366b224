#include "twistdpp/words_server/label.h"

namespace twistdpp::words {

namespace {

void appendLine(std::string& out, const std::string& first, const std::string& tags, Bytes body) {
    if (!first.empty() || !tags.empty()) {
        out.append("@").append(first);
        if (!first.empty() && !tags.empty())
            out += ';';
        out.append(tags).append(" ");
    }
    out.append(body).append("\r\n");
}

} // namespace

std::string LabeledReply::render(Bytes server, Bytes batch) const {
    const std::string label = "label=" + label_;
    const std::string source = ":" + std::string(server) + " ";
    std::string out;
    if (lines_.empty()) {
        appendLine(out, label, "", source + "ACK");
    } else if (lines_.size() == 1) {
        appendLine(out, label, lines_[0].tags, lines_[0].body);
    } else {
        const std::string id(batch);
        appendLine(out, label, "", source + "BATCH +" + id + " labeled-response");
        for (const TaggedLine& line : lines_)
            appendLine(out, line.placed ? "" : "batch=" + id, line.tags, line.body);
        appendLine(out, "", "", source + "BATCH -" + id);
    }
    return out;
}

} // namespace twistdpp::words
