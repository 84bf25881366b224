#include "twistdpp/ftp/line_ends.h"

#include <algorithm>
#include <utility>

namespace twistdpp::ftp {

void ToNetwork::read(Bytes piece, std::string& out) {
    while (!piece.empty()) {
        const std::size_t end = std::min(piece.find('\n'), piece.size());
        out.append(piece.substr(0, end));
        if (end > 0)
            afterCr_ = piece[end - 1] == '\r';
        if (end < piece.size()) {
            out.append(afterCr_ ? "\n" : "\r\n");
            afterCr_ = false;
        }
        piece.remove_prefix(std::min(end + 1, piece.size()));
    }
}

void FromNetwork::read(Bytes piece, std::string& out) {
    if (std::exchange(afterCr_, false) && !piece.empty() && piece.front() != '\n')
        out += '\r';
    while (!piece.empty()) {
        const std::size_t cr = piece.find('\r');
        out.append(piece.substr(0, cr));
        if (cr == Bytes::npos)
            return;
        piece.remove_prefix(cr + 1);
        afterCr_ = piece.empty();
        if (!afterCr_ && piece.front() != '\n')
            out += '\r';
    }
}

void FromNetwork::end(std::string& out) {
    if (std::exchange(afterCr_, false))
        out += '\r';
}

} // namespace twistdpp::ftp
