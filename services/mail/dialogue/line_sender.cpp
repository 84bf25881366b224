#include "twistdpp/mail_dialogue/line_sender.h"

namespace twistdpp::mail {

void LineSender::endLine(std::string& out) {
    out += "\r\n";
    if (header_)
        header_ = !empty_;
    else if (left_ != kAll)
        --left_;
    empty_ = true;
    done_ = !header_ && left_ == 0;
}

std::string LineSender::next(Bytes data) {
    std::string out;
    out.reserve(data.size() + data.size() / 32 + 16);
    for (const char c : data) {
        if (done_)
            break;
        const bool afterCr = cr_;
        cr_ = c == '\r';
        if (afterCr && c != '\n')
            endLine(out);
        if (c == '\r' || done_)
            continue;
        if (c == '\n') {
            endLine(out);
            continue;
        }
        if (empty_ && c == '.')
            out += '.';
        empty_ = false;
        out += c;
    }
    return out;
}

std::string LineSender::end() {
    std::string out;
    if (!empty_ || (cr_ && !done_))
        endLine(out);
    return out + ".\r\n";
}

} // namespace twistdpp::mail
