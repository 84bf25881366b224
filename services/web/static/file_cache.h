#pragma once
#include "twistdpp/service_web/static/served_root.h"

#include "twistdpp/base/buffer.h"
#include "twistdpp/base/intrusive_list.h"
#include "twistdpp/base/time.h"
#include "twistdpp/http/date.h"
#include "twistdpp/http/negotiation.h"

#include <bitset>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

namespace twistdpp::web {

/// Content codings, a bit each by their number in http::Coding.
using SiblingSet = std::bitset<http::kCodings>;

/// One representation of one file, ready to be sent: the file itself or a compressed form of it. Shared by
/// the cache and the requests that send it. Belongs to one reactor.
struct ReadyFile {
    OpenedFile source; ///< what the request's path named, whose change makes this stale
    OpenedFile body;   ///< what is sent: the source or its compressed sibling; unused when `content` is set
    Buffer content;    ///< the body in memory, when it is small or was made here
    bool inMemory = false;
    std::uint64_t size = 0; ///< of the body
    std::string asked;      ///< the decoded path of the request, to look the source up again
    std::string path;       ///< where that led: an index or another extension may have been added
    http::Coding coding = http::Coding::identity;
    SiblingSet siblings;      ///< in which codings a file stood beside `path`
    bool fromSibling = false; ///< `body` is of the one in `coding`
    std::string mediaType;
    std::string etag;                   ///< the opaque part
    http::UnixSeconds lastModified = 0; ///< as it is told
    bool vary = false;                  ///< other codings may be chosen for another client
    TimePoint checked{};                ///< when all this was last compared with the disk

    /// The whole answer to a plain GET, or its head alone when the body is not in memory; the Date in it is
    /// of `stamp`.
    std::string block;
    http::UnixSeconds stamp = 0;
};

/// The answers given lately, by request-target and coding, up to a number of them and of bytes; the one not
/// used for longest goes first. Belongs to one reactor.
class FileCache {
public:
    FileCache(std::size_t mostEntries, std::size_t mostBytes)
        : mostEntries_(mostEntries), mostBytes_(mostBytes) {}
    ~FileCache();

    /// The answer kept for this target in this coding, or nullptr.
    std::shared_ptr<ReadyFile> find(Bytes target, http::Coding coding);
    void put(Bytes target, http::Coding coding, std::shared_ptr<ReadyFile> ready);
    void remove(Bytes target, http::Coding coding);
    void clear();
    std::size_t bytes() const noexcept { return bytes_; }
    std::size_t entries() const noexcept { return entries_.size(); }

private:
    struct Key {
        std::string target;
        http::Coding coding;
    };
    struct KeyView {
        Bytes target;
        http::Coding coding;
    };
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(const Key& key) const noexcept {
            return operator()(KeyView{key.target, key.coding});
        }
        std::size_t operator()(const KeyView& key) const noexcept {
            return std::hash<std::string_view>{}(key.target) * kCodings +
                   static_cast<std::size_t>(key.coding);
        }
        static constexpr std::size_t kCodings = http::kCodings;
    };
    struct Equal {
        using is_transparent = void;
        template <class A, class B>
        bool operator()(const A& a, const B& b) const noexcept {
            return a.coding == b.coding && Bytes(a.target) == Bytes(b.target);
        }
    };
    struct Entry : ListHook {
        std::shared_ptr<ReadyFile> ready;
        const Key* key = nullptr;
        std::size_t cost = 0;
    };
    using Map = std::unordered_map<Key, Entry, Hash, Equal>;

    void drop(Map::iterator at);

    std::size_t mostEntries_;
    std::size_t mostBytes_;
    std::size_t bytes_ = 0;
    Map entries_;
    IntrusiveList<Entry> byUse_; // the one unused for longest in front
};

} // namespace twistdpp::web
