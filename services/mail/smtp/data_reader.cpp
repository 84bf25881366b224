#include "twistdpp/smtp/data_reader.h"

namespace twistdpp::smtp {

std::size_t DataReader::readText(Bytes data, std::size_t at) noexcept {
    // Three searches for one byte each are many times as fast as one for three.
    const std::size_t lineFeed = data.find('\n', at);
    const bool whole = lineFeed != Bytes::npos;
    const std::size_t end = whole ? lineFeed : data.size();
    const Bytes text = data.substr(at, end - at);
    const std::size_t firstCr = text.find('\r');
    const bool crLast = !text.empty() && text.back() == '\r';
    if (text.find('\0') != Bytes::npos || (firstCr != Bytes::npos && (!crLast || firstCr + 1 != text.size())))
        malformed_ = true;
    if (!whole) {
        after_ = crLast ? After::cr : After::text;
        return end;
    }
    if (!crLast)
        malformed_ = true;
    after_ = crLast ? After::lineEnd : After::text;
    return end + 1;
}

} // namespace twistdpp::smtp
