#pragma once
#include "twistdpp/base/bytes.h"
#include "twistdpp/dns_wire/types.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace twistdpp::dns {

/// A record in memory of somebody else's: uncompressed wire data of class IN.
struct RecordRef {
    Bytes owner;
    Type type = Type::none;
    std::uint32_t ttl = 0; // seconds
    Bytes rdata;
};

/// Records one behind the other, packed, in the order in which they were added. A million of them cost no
/// more than their bytes: memory grows by pieces that are never copied. A value.
class RecordList {
public:
    void add(const RecordRef& record);
    void clear() noexcept;
    std::size_t count() const noexcept { return count_; }
    bool empty() const noexcept { return count_ == 0; }
    /// Bytes of all records.
    std::size_t memory() const noexcept { return memory_; }

    /// Walks over a list, which must not change meanwhile.
    class Cursor {
    public:
        explicit Cursor(const RecordList& list) noexcept : list_(&list) {}
        /// The next record, borrowed from the list; false at its end.
        bool next(RecordRef& record) noexcept;

    private:
        const RecordList* list_;
        std::size_t piece_ = 0, at_ = 0;
    };

private:
    std::vector<std::string> pieces_;
    std::size_t count_ = 0, memory_ = 0;
};

} // namespace twistdpp::dns
