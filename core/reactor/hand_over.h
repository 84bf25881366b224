#pragma once
#include "twistdpp/base/intrusive_list.h"
#include "twistdpp/base/result.h"
#include "twistdpp/base/unique_fd.h"
#include "twistdpp/reactor/address.h"

#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace twistdpp {

/// The sockets and file locks that a process leaves to the one that replaces it, so that no connection is
/// refused meanwhile. It knows what is open here (enter()) and what came from the process before (inherit());
/// what is opened here looks there first (take()). One for a process; it outlives its reactors. Any thread,
/// except where it is said to be otherwise.
class HandOver {
public:
    enum class Kind : std::uint8_t { stream, datagram, lock };

    /// One descriptor. The address of a socket is not kept: the system knows it.
    struct Item {
        Item(Kind what, int number) : kind(what), fd(number) {}
        Kind kind;
        int fd;
        bool chosen = false; // the system chose the port: 0 was asked for
        std::string path;    // of a lock's file
    };

    /// Keeps an item on the list as long as it lives: beside the descriptor, in its owner. An empty one says
    /// that there is nothing to hand over.
    class Entry {
    public:
        Entry() = default;
        Entry(Entry&& other) noexcept : all_(std::exchange(other.all_, nullptr)), at_(other.at_) {}
        Entry& operator=(Entry&& other) noexcept;
        ~Entry() { leave(); }
        /// It came from the process before.
        bool inherited() const noexcept { return all_ && at_->inherited; }
        /// Whether what belongs to it outside of this process (a path, a membership) is this one's to undo:
        /// not before the process takes over what it inherited, and not once another one has.
        bool ours() const noexcept;

    private:
        friend class HandOver;
        struct Record {
            Item item;
            bool inherited;
        };
        Entry(HandOver& all, std::list<Record>::iterator at) : all_(&all), at_(at) {}
        void leave() noexcept;

        HandOver* all_ = nullptr;
        std::list<Record>::iterator at_;
    };

    /// Before the descriptor is closed its entry goes.
    Entry enter(Item item, bool inherited);
    struct Left {
        Left(Item what, UniqueFd copy) : item(std::move(what)), fd(std::move(copy)) {}
        Item item; // its descriptor is the duplicate
        UniqueFd fd;
    };
    /// Duplicates of what is open here, in the order in which it was opened.
    Result<std::vector<Left>> items() const;

    /// Before anything is taken. Owns the descriptor, also after an error (it is no socket of that kind);
    /// from here on this process waits for takeOver().
    Result<void> inherit(Item item);
    /// Duplicates of the inherited sockets for what `asked` says, for the reactor `shard` of `shards`; none:
    /// bind afresh. Several sockets of one address (SO_REUSEPORT) are dealt out among the reactors, so that
    /// none is left unserved when there are fewer; when there are more, a socket is shared. Datagram sockets
    /// come one at a time. With port 0, the first of that kind that this reactor has not got yet.
    std::vector<UniqueFd> take(Kind kind, const Address& asked, unsigned shard, unsigned shards);
    /// The descriptor that holds the lock on `path`; empty: lock it afresh.
    UniqueFd takeLock(const std::string& path);
    /// The process before has let go. Closes what nobody took, with the paths that belong to it, and names
    /// it.
    std::vector<std::string> takeOver();
    /// Another process has taken over what is open here.
    void leave() noexcept;

private:
    enum class Stage : std::uint8_t { heir, owner, gone };
    /// All inherited sockets of one address.
    struct Group {
        Kind kind = Kind::stream;
        Address bound;
        bool chosen = false;
        std::vector<UniqueFd> sockets;
        std::vector<bool> taken;      // beside the sockets
        std::vector<unsigned> shards; // that have asked
    };
    struct Lock {
        std::string path;
        UniqueFd file;
        bool taken = false;
    };
    Group* find(Kind kind, const Address& asked, unsigned shard);

    mutable std::mutex mutex_; // guards what follows
    Stage stage_ = Stage::owner;
    std::list<Entry::Record> records_;
    std::vector<Group> groups_;
    std::vector<Lock> locks_;
};

/// A reactor's place at the hand-over. Thread of the reactor.
class HandOverSeat {
public:
    /// A port on an inherited socket, which accepts nothing before the process takes over.
    class Waiting : public ListHook {
    public:
        virtual void serve() = 0;

    protected:
        ~Waiting() = default;
    };

    /// Before the first port is opened.
    void join(HandOver& all, unsigned shard, unsigned shards) noexcept;
    /// nullptr when the process hands nothing over: then the rest does nothing.
    HandOver* all() const noexcept { return all_; }
    std::vector<UniqueFd> take(HandOver::Kind kind, const Address& asked);
    /// `asked` is the address that was asked for.
    HandOver::Entry enter(HandOver::Kind kind, int fd, const Address& asked, bool inherited);

    bool serving() const noexcept { return serving_; }
    void wait(Waiting& port) noexcept { waiting_.pushBack(port); }
    /// Ports that wait begin; after HandOver::takeOver().
    void serve();

private:
    HandOver* all_ = nullptr;
    unsigned shard_ = 0, shards_ = 1;
    bool serving_ = false;
    IntrusiveList<Waiting> waiting_;
};

} // namespace twistdpp
