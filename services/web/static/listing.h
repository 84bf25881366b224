#pragma once
#include "twistdpp/base/bytes.h"
#include "twistdpp/base/result.h"
#include "twistdpp/service_web/static/served_root.h"

#include <cstdint>
#include <string>
#include <vector>

namespace twistdpp::web {

/// One name in a folder.
struct ListedEntry {
    std::string name; ///< the bytes that the file system has
    bool directory = false;
    std::uint64_t size = 0;
    std::int64_t modifiedSeconds = 0;
};

/// How a listing is ordered.
struct ListingOrder {
    enum class By : std::uint8_t { name, size, time } by = By::name;
    bool descending = false;
    /// From "?sort=size&order=desc"; anything else is the default.
    static ListingOrder fromQuery(Bytes query);
};

/// What of an opened folder the policy shows and would serve; folders first. `path` is where in the root the
/// folder is, ending in '/'. Reads the disk: for a thread of the io pool. The error is an HTTP status.
Result<std::vector<ListedEntry>, int>
listFolder(const ServedRoot& root, Bytes path, const OpenedFile& folder, const ListingOrder& order);

/// A page for people. `path` is the decoded path of the folder, ending in '/'. Names that are not UTF-8 are
/// shown with replacement characters and linked by their bytes; names that no URL path may hold (control
/// characters, '\\') are shown without a link.
std::string listingHtml(Bytes path, const std::vector<ListedEntry>& entries, const ListingOrder& order);

/// The same for programs: {"path": ..., "entries": [{"name", "type", "size", "modified", "href"}]}.
std::string listingJson(Bytes path, const std::vector<ListedEntry>& entries);

} // namespace twistdpp::web
