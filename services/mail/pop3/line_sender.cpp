#include "twistdpp/pop3/line_sender.h"

namespace twistdpp::pop3 {

std::string LineSender::next(Bytes data) {
    std::string out;
    out.reserve(data.size() + data.size() / 32 + 16);
    for (const char c : data) {
        if (done_)
            break;
        if (c == '\n') {
            cr_ = false;
            out += "\r\n";
            lineStart_ = true;
            if (header_)
                header_ = !empty_;
            else if (left_ != kAll)
                --left_;
            empty_ = true;
            done_ = !header_ && left_ == 0;
            continue;
        }
        if (cr_) {
            out += '\r';
            cr_ = false;
            lineStart_ = empty_ = false;
        }
        if (c == '\r') {
            cr_ = true;
            continue;
        }
        if (lineStart_ && c == '.')
            out += '.';
        lineStart_ = empty_ = false;
        out += c;
    }
    return out;
}

std::string LineSender::end() {
    return lineStart_ && !cr_ ? ".\r\n" : "\r\n.\r\n";
}

} // namespace twistdpp::pop3
