#include "twistdpp/smtp/header_completer.h"

#include "twistdpp/base/ascii.h"

namespace twistdpp::smtp {

namespace {

constexpr std::size_t kLongestName = 78; // of a field that is looked at

} // namespace

void HeaderCompleter::read(Bytes data, std::string& out) {
    while (!data.empty()) {
        if (!inside_) {
            out.append(data);
            return;
        }
        if (state_ != Line::begins) {
            const std::size_t newline = data.find('\n');
            const Bytes rest = data.substr(0, newline == Bytes::npos ? data.size() : newline + 1);
            if (state_ == Line::kept)
                out.append(rest);
            if (newline != Bytes::npos)
                state_ = Line::begins;
            data.remove_prefix(rest.size());
            continue;
        }
        const char c = data.front();
        line_ += c;
        data.remove_prefix(1);
        const bool folded = line_.front() == ' ' || line_.front() == '\t';
        if (c == ':' || c == '\n' || folded || line_.size() >= kLongestName)
            decide(out);
    }
}

void HeaderCompleter::decide(std::string& out) {
    const bool whole = line_.back() == '\n';
    if (line_.front() == ' ' || line_.front() == '\t') {
        state_ = dropping_ ? Line::dropped : Line::kept;
    } else if (line_.back() == ':') {
        const Bytes name = ascii::trim(Bytes(line_).substr(0, line_.size() - 1));
        dropping_ = ascii::equalsIgnoreCase(name, unwanted_);
        if (ascii::equalsIgnoreCase(name, "Date"))
            date_.clear();
        if (ascii::equalsIgnoreCase(name, "Message-ID"))
            messageId_.clear();
        state_ = dropping_ ? Line::dropped : Line::kept;
    } else {
        // The empty line, or the first of a body that has none before it.
        complete(out);
        if (line_ != "\r\n")
            out.append("\r\n");
        inside_ = false;
        state_ = Line::kept;
    }
    if (state_ == Line::kept)
        out.append(line_);
    if (whole)
        state_ = Line::begins;
    line_.clear();
}

void HeaderCompleter::complete(std::string& out) {
    if (!date_.empty())
        out.append("Date: ").append(date_).append("\r\n");
    if (!messageId_.empty())
        out.append("Message-ID: ").append(messageId_).append("\r\n");
    date_.clear();
    messageId_.clear();
}

void HeaderCompleter::end(std::string& out) {
    if (!inside_)
        return;
    if (!line_.empty())
        decide(out);
    if (inside_)
        complete(out);
}

} // namespace twistdpp::smtp
