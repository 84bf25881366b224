#include "twistdpp/smtp/hop_counter.h"

#include "twistdpp/base/ascii.h"

namespace twistdpp::smtp {

namespace {

constexpr Bytes kField = "Received:";

} // namespace

void HopCounter::read(Bytes data) {
    while (inside_ && !data.empty()) {
        const std::size_t end = data.find('\n');
        const Bytes part = data.substr(0, end);
        if (begin_.size() < kField.size())
            begin_.append(part.substr(0, kField.size() - begin_.size()));
        if (end == Bytes::npos)
            return;
        data.remove_prefix(end + 1);
        if (begin_.empty() || begin_ == "\r")
            inside_ = false;
        else if (ascii::equalsIgnoreCase(begin_, kField))
            ++hops_;
        begin_.clear();
    }
}

} // namespace twistdpp::smtp
