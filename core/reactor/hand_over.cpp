#include "twistdpp/reactor/hand_over.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace twistdpp {

namespace {

constexpr int kAboveStandard = 3;

UniqueFd duplicate(int fd) {
    return UniqueFd(::fcntl(fd, F_DUPFD_CLOEXEC, kAboveStandard));
}

int option(int fd, int name) {
    int value = -1;
    socklen_t size = sizeof value;
    return ::getsockopt(fd, SOL_SOCKET, name, &value, &size) == 0 ? value : -1;
}

bool isOfKind(int fd, HandOver::Kind kind) {
    if (kind == HandOver::Kind::stream)
        return option(fd, SO_ACCEPTCONN) == 1;
    return option(fd, SO_TYPE) == SOCK_DGRAM;
}

bool sameHost(const Address& a, const Address& b) {
    return a.isIp() && a.withPort(0) == b.withPort(0);
}

} // namespace

HandOver::Entry& HandOver::Entry::operator=(Entry&& other) noexcept {
    if (this != &other) {
        leave();
        all_ = std::exchange(other.all_, nullptr);
        at_ = other.at_;
    }
    return *this;
}

bool HandOver::Entry::ours() const noexcept {
    if (!all_)
        return true;
    const std::lock_guard lock(all_->mutex_);
    return all_->stage_ == Stage::owner || (all_->stage_ == Stage::heir && !at_->inherited);
}

void HandOver::Entry::leave() noexcept {
    if (!all_)
        return;
    const std::lock_guard lock(all_->mutex_);
    all_->records_.erase(at_);
    all_ = nullptr;
}

HandOver::Entry HandOver::enter(Item item, bool inherited) {
    const std::lock_guard lock(mutex_);
    return Entry(*this, records_.insert(records_.end(), Entry::Record{std::move(item), inherited}));
}

Result<std::vector<HandOver::Left>> HandOver::items() const {
    const std::lock_guard lock(mutex_);
    std::vector<Left> all;
    for (const Entry::Record& record : records_) {
        UniqueFd copy = duplicate(record.item.fd);
        if (!copy)
            return Error::fromErrno(errno, "duplicate descriptor " + std::to_string(record.item.fd));
        Left& left = all.emplace_back(record.item, std::move(copy));
        left.item.fd = left.fd.get();
    }
    return all;
}

Result<void> HandOver::inherit(Item item) {
    const std::lock_guard lock(mutex_);
    stage_ = Stage::heir;
    UniqueFd fd(item.fd);
    const std::string what = "inherited descriptor " + std::to_string(item.fd);
    if (::fcntl(item.fd, F_SETFD, FD_CLOEXEC) != 0) {
        fd.release();
        return Error::fromErrno(errno, what);
    }
    if (item.kind == Kind::lock) {
        Lock& held = locks_.emplace_back();
        held.path = std::move(item.path);
        held.file = std::move(fd);
        return {};
    }
    sockaddr_storage name{};
    socklen_t size = sizeof name;
    if (!isOfKind(item.fd, item.kind) ||
        ::getsockname(item.fd, reinterpret_cast<sockaddr*>(&name), &size) != 0)
        return Error(
            what +
            (item.kind == Kind::stream ? " is no socket that listens" : " is no socket that takes datagrams")
        );
    const Address bound = Address::fromSockaddr(reinterpret_cast<const sockaddr*>(&name), size);
    auto group = std::find_if(groups_.begin(), groups_.end(), [&](const Group& each) {
        return each.kind == item.kind && each.bound == bound;
    });
    if (group == groups_.end()) {
        group = groups_.emplace(groups_.end());
        group->kind = item.kind;
        group->bound = bound;
    }
    group->chosen = group->chosen || item.chosen;
    group->sockets.push_back(std::move(fd));
    group->taken.push_back(false);
    return {};
}

HandOver::Group* HandOver::find(Kind kind, const Address& asked, unsigned shard) {
    for (Group& group : groups_) {
        const bool fits =
            group.bound == asked || (group.chosen && asked.port() == 0 && sameHost(group.bound, asked));
        const auto& had = group.shards;
        if (group.kind == kind && fits && std::find(had.begin(), had.end(), shard) == had.end())
            return &group;
    }
    return nullptr;
}

std::vector<UniqueFd> HandOver::take(Kind kind, const Address& asked, unsigned shard, unsigned shards) {
    const std::lock_guard lock(mutex_);
    std::vector<UniqueFd> mine;
    Group* const group = find(kind, asked, shard);
    if (!group)
        return mine;
    group->shards.push_back(shard);
    const std::size_t count = group->sockets.size();
    for (std::size_t i = shard % count; i < count; i += std::max(shards, 1u)) {
        group->taken[i] = true;
        mine.push_back(duplicate(group->sockets[i].get()));
        if (kind == Kind::datagram || shard >= count)
            break;
    }
    std::erase_if(mine, [](const UniqueFd& fd) { return !fd; });
    return mine;
}

UniqueFd HandOver::takeLock(const std::string& path) {
    const std::lock_guard lock(mutex_);
    for (Lock& each : locks_) {
        if (each.path == path && !std::exchange(each.taken, true))
            return duplicate(each.file.get());
    }
    return {};
}

std::vector<std::string> HandOver::takeOver() {
    const std::lock_guard lock(mutex_);
    stage_ = Stage::owner;
    std::vector<std::string> closed;
    for (const Group& group : groups_) {
        const auto left = std::count(group.taken.begin(), group.taken.end(), false);
        if (left == 0)
            continue;
        const bool all = static_cast<std::size_t>(left) == group.taken.size();
        closed.push_back(
            group.bound.toString() + (all ? "" : " (" + std::to_string(left) + " sockets of several)")
        );
        if (const Bytes path = group.bound.path(); all && !path.empty() && path[0] != '\0')
            ::unlink(std::string(path).c_str());
    }
    for (const Lock& each : locks_) {
        // Where the file may not be removed it can still be made to mislead no one.
        if (!each.taken && ::unlink(each.path.c_str()) != 0) {
            [[maybe_unused]] const int emptied = ::ftruncate(each.file.get(), 0);
        }
    }
    groups_.clear();
    locks_.clear();
    return closed;
}

void HandOver::leave() noexcept {
    const std::lock_guard lock(mutex_);
    stage_ = Stage::gone;
}

void HandOverSeat::join(HandOver& all, unsigned shard, unsigned shards) noexcept {
    all_ = &all;
    shard_ = shard;
    shards_ = shards;
}

std::vector<UniqueFd> HandOverSeat::take(HandOver::Kind kind, const Address& asked) {
    return all_ ? all_->take(kind, asked, shard_, shards_) : std::vector<UniqueFd>();
}

HandOver::Entry HandOverSeat::enter(HandOver::Kind kind, int fd, const Address& asked, bool inherited) {
    if (!all_)
        return {};
    HandOver::Item item(kind, fd);
    item.chosen = asked.isIp() && asked.port() == 0;
    return all_->enter(std::move(item), inherited);
}

void HandOverSeat::serve() {
    serving_ = true;
    while (Waiting* port = waiting_.popFront())
        port->serve();
}

} // namespace twistdpp
