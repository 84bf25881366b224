#include "twistdpp/dns_transfer/record_list.h"

#include "twistdpp/dns_wire/octets.h"

#include <algorithm>

namespace twistdpp::dns {

namespace {

// Before the owner: its length, the type, the TTL, the length of the rdata.
constexpr std::size_t kHead = 1 + 2 + 4 + 2;
constexpr std::size_t kFirstPiece = 512, kLargestPiece = 1 << 20; // bytes

} // namespace

void RecordList::add(const RecordRef& record) {
    const std::size_t size = kHead + record.owner.size() + record.rdata.size();
    if (pieces_.empty() || pieces_.back().capacity() - pieces_.back().size() < size) {
        const std::size_t wanted = std::clamp(memory_, kFirstPiece, kLargestPiece);
        pieces_.emplace_back().reserve(std::max(size, wanted));
    }
    std::string& to = pieces_.back();
    append8(to, static_cast<std::uint8_t>(record.owner.size()));
    append16(to, static_cast<std::uint16_t>(record.type));
    append32(to, record.ttl);
    append16(to, static_cast<std::uint16_t>(record.rdata.size()));
    to += record.owner;
    to += record.rdata;
    ++count_;
    memory_ += size;
}

void RecordList::clear() noexcept {
    pieces_.clear();
    count_ = memory_ = 0;
}

bool RecordList::Cursor::next(RecordRef& record) noexcept {
    while (piece_ < list_->pieces_.size() && at_ == list_->pieces_[piece_].size()) {
        ++piece_;
        at_ = 0;
    }
    if (piece_ == list_->pieces_.size())
        return false;
    const char* const head = list_->pieces_[piece_].data() + at_;
    const std::size_t owner = get8(head), rdata = get16(head + 7);
    record.type = static_cast<Type>(get16(head + 1));
    record.ttl = get32(head + 3);
    record.owner = {head + kHead, owner};
    record.rdata = {head + kHead + owner, rdata};
    at_ += kHead + owner + rdata;
    return true;
}

} // namespace twistdpp::dns
