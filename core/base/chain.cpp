#include "twistdpp/base/chain.h"

#include <algorithm>
#include <cassert>

namespace twistdpp {

namespace {
constexpr std::size_t kCopyBelow = 1024;
} // namespace

Chain::Chunk& Chain::room() {
    if (head_ < items_.size()) {
        if (auto* last = std::get_if<Chunk>(&items_.back()); last && last->end < kChunk)
            return *last;
    }
    Chunk& chunk = std::get<Chunk>(items_.emplace_back(std::in_place_type<Chunk>));
    chunk.memory = spare_ ? std::move(spare_) : std::make_unique_for_overwrite<char[]>(kChunk);
    return chunk;
}

void Chain::append(Bytes bytes) {
    size_ += bytes.size();
    while (!bytes.empty()) {
        Chunk& chunk = room();
        const std::size_t count = bytes.copy(chunk.memory.get() + chunk.end, kChunk - chunk.end);
        chunk.end += count;
        bytes.remove_prefix(count);
    }
}

void Chain::append(Buffer buffer) {
    if (buffer.size() < kCopyBelow)
        return append(buffer.bytes());
    size_ += buffer.size();
    items_.emplace_back(std::move(buffer));
}

void Chain::append(FileRange range) {
    if (range.length == 0)
        return;
    size_ += range.length;
    ++files_;
    items_.emplace_back(std::move(range));
}

int Chain::iov(iovec* segments, int most) const {
    int used = 0;
    for (std::size_t i = head_; i < items_.size() && used < most; ++i) {
        if (const auto* chunk = std::get_if<Chunk>(&items_[i]))
            segments[used++] = {chunk->memory.get() + chunk->begin, chunk->end - chunk->begin};
        else if (const auto* buffer = std::get_if<Buffer>(&items_[i]))
            segments[used++] = {const_cast<char*>(buffer->data()), buffer->size()};
        else
            break;
    }
    return used;
}

const FileRange* Chain::file() const {
    return head_ < items_.size() ? std::get_if<FileRange>(&items_[head_]) : nullptr;
}

void Chain::dropHead() {
    if (auto* chunk = std::get_if<Chunk>(&items_[head_]); chunk && !spare_)
        spare_ = std::move(chunk->memory);
    items_[head_++] = Buffer();
    if (head_ == items_.size()) {
        items_.clear();
        head_ = 0;
    } else if (head_ >= 64 && head_ * 2 >= items_.size()) {
        items_.erase(items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(head_));
        head_ = 0;
    }
}

void Chain::consume(std::size_t count) {
    assert(count <= size_);
    size_ -= count;
    while (count > 0) {
        Item& item = items_[head_];
        if (auto* chunk = std::get_if<Chunk>(&item)) {
            const std::size_t part = std::min(count, chunk->end - chunk->begin);
            chunk->begin += part;
            count -= part;
            if (chunk->begin == chunk->end)
                dropHead();
        } else if (auto* buffer = std::get_if<Buffer>(&item)) {
            const std::size_t part = std::min(count, buffer->size());
            count -= part;
            if (part == buffer->size())
                dropHead();
            else
                *buffer = buffer->slice(part);
        } else {
            auto& range = std::get<FileRange>(item);
            const auto part = static_cast<std::size_t>(std::min<std::uint64_t>(count, range.length));
            range.offset += part;
            range.length -= part;
            count -= part;
            if (range.length == 0) {
                --files_;
                dropHead();
            }
        }
    }
}

void Chain::clear() {
    while (head_ < items_.size())
        dropHead();
    size_ = files_ = 0;
}

} // namespace twistdpp
