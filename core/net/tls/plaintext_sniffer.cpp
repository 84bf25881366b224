#include "twistdpp/tls/plaintext_sniffer.h"

namespace twistdpp::detail {

PlaintextSniffer::Verdict PlaintextSniffer::look(Bytes data) {
    if (text_.empty() && !data.empty()) {
        const char first = data.front();
        const bool printable =
            (first >= ' ' && first < 0x7f) || first == '\r' || first == '\n' || first == '\t';
        if (!printable)
            return Verdict::tls;
    }
    text_.append(data.substr(0, kMost - text_.size()));
    return text_.size() == kMost || text_.find('\n') != std::string::npos ? Verdict::plaintext
                                                                          : Verdict::undecided;
}

std::string PlaintextSniffer::excerpt() const {
    std::string line;
    for (const char c : text_.substr(0, text_.find_first_of("\r\n"))) {
        if (line.size() == 60)
            return line + "...";
        line += c >= ' ' && c < 0x7f ? c : '?';
    }
    return line;
}

} // namespace twistdpp::detail
