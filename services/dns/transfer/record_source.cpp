#include "twistdpp/dns_transfer/record_source.h"

#include <optional>

namespace twistdpp::dns {

namespace {

RecordRef soaOf(const Zone& zone) noexcept {
    return {zone.name(zone.apex()), Type::SOA, zone.soa()->ttl(), zone.soa()->first()};
}

class WholeZone final : public RecordSource {
public:
    explicit WholeZone(std::shared_ptr<const Zone> zone) noexcept : zone_(std::move(zone)) {}

    bool next(RecordRef& record) override {
        switch (part_) {
        case Part::begin:
            part_ = Part::middle;
            name_ = zone_->firstName();
            set_ = name_ ? zone_->sets(name_) : nullptr;
            openSet();
            record = soaOf(*zone_);
            return true;
        case Part::middle:
            if (nextInZone(record))
                return true;
            part_ = Part::end;
            record = soaOf(*zone_);
            return true;
        case Part::end:
            break;
        }
        return false;
    }

private:
    enum class Part { begin, middle, end };

    void openSet() noexcept {
        if (set_)
            at_ = set_->begin();
    }
    bool nextInZone(RecordRef& record) noexcept {
        while (name_) {
            const bool isSoa = set_ && set_->type() == Type::SOA && name_ == zone_->apex();
            if (set_ && !isSoa && at_ != set_->end()) {
                record = {zone_->name(name_), set_->type(), set_->ttl(), *at_};
                ++at_;
                return true;
            }
            if (set_)
                set_ = zone_->next(*set_);
            if (!set_) {
                name_ = zone_->nameAfter(name_);
                set_ = name_ ? zone_->sets(name_) : nullptr;
            }
            openSet();
        }
        return false;
    }

    std::shared_ptr<const Zone> zone_;
    Part part_ = Part::begin;
    Zone::Ref name_ = 0;
    const RecordSet* set_ = nullptr;
    RecordSet::Iterator at_{nullptr};
};

class Differences final : public RecordSource {
public:
    Differences(std::shared_ptr<const Zone> zone, DifferenceChain chain) noexcept
        : zone_(std::move(zone)), chain_(std::move(chain)) {}

    bool next(RecordRef& record) override {
        if (!begun_) {
            begun_ = true;
            record = soaOf(*zone_);
            return true;
        }
        for (; list_ < 2 * chain_.size(); ++list_, cursor_.reset()) {
            const ZoneDifference& one = *chain_[list_ / 2];
            if (!cursor_)
                cursor_.emplace(list_ % 2 == 0 ? one.removed : one.added);
            if (cursor_->next(record))
                return true;
        }
        record = soaOf(*zone_);
        return !std::exchange(ended_, true);
    }

private:
    std::shared_ptr<const Zone> zone_;
    DifferenceChain chain_;
    std::size_t list_ = 0;
    std::optional<RecordList::Cursor> cursor_;
    bool begun_ = false, ended_ = false;
};

class SoaAlone final : public RecordSource {
public:
    explicit SoaAlone(std::shared_ptr<const Zone> zone) noexcept : zone_(std::move(zone)) {}
    bool next(RecordRef& record) override {
        record = soaOf(*zone_);
        return !std::exchange(ended_, true);
    }

private:
    std::shared_ptr<const Zone> zone_;
    bool ended_ = false;
};

} // namespace

std::unique_ptr<RecordSource> wholeZone(std::shared_ptr<const Zone> zone) {
    return std::make_unique<WholeZone>(std::move(zone));
}

std::unique_ptr<RecordSource> zoneDifferences(std::shared_ptr<const Zone> zone, DifferenceChain chain) {
    return std::make_unique<Differences>(std::move(zone), std::move(chain));
}

std::unique_ptr<RecordSource> soaAlone(std::shared_ptr<const Zone> zone) {
    return std::make_unique<SoaAlone>(std::move(zone));
}

} // namespace twistdpp::dns
