#include "twistdpp/service_web/static/listing.h"

#include "twistdpp/http/error_page.h"
#include "twistdpp/http/target.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <ctime>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <sys/stat.h>

namespace twistdpp::web {

namespace {

constexpr std::size_t kMostEntries = 100'000;

std::string isoTime(std::int64_t seconds) {
    const auto when = static_cast<std::time_t>(seconds);
    std::tm parts{};
    ::gmtime_r(&when, &parts);
    std::array<char, 32> text{};
    std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text.data();
}

std::string shortTime(std::int64_t seconds) {
    std::string text = isoTime(seconds);
    return text.substr(0, 10) + " " + text.substr(11, 5);
}

std::string humanSize(std::uint64_t size) {
    static constexpr std::array<const char*, 6> kUnits{"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
    auto value = static_cast<double>(size);
    std::size_t unit = 0;
    while (value >= 1024 && unit + 1 < kUnits.size()) {
        value /= 1024;
        ++unit;
    }
    std::array<char, 32> text{};
    std::snprintf(
        text.data(), text.size(), unit == 0 || value >= 100 ? "%.0f %s" : "%.1f %s", value, kUnits[unit]
    );
    return text.data();
}

/// Bytes that are not UTF-8 replaced, as a page or a JSON text must not hold them.
std::string shown(Bytes name) {
    if (http::isUtf8(name))
        return std::string(name);
    std::string out;
    for (std::size_t at = 0; at < name.size();) {
        std::size_t length = 1;
        while (length < 4 && at + length <= name.size() && !http::isUtf8(name.substr(at, length)))
            ++length;
        if (at + length <= name.size() && http::isUtf8(name.substr(at, length))) {
            out.append(name.substr(at, length));
            at += length;
        } else {
            out.append("\xEF\xBF\xBD");
            ++at;
        }
    }
    return out;
}

std::string jsonString(Bytes text) {
    std::string out = "\"";
    for (const char c : shown(text)) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (byte < 0x20 || byte == 0x7F) {
            std::array<char, 8> escaped{};
            std::snprintf(escaped.data(), escaped.size(), "\\u%04x", byte);
            out += escaped.data();
        } else {
            out += c;
        }
    }
    return out + "\"";
}

/// Fills in what the system says of a name. False: it is gone again, or would not be served.
bool describeEntry(const ServedRoot& root, Bytes path, int folder, ListedEntry& entry) {
    struct stat info {};
    if (::fstatat(folder, entry.name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0)
        return false;
    if (S_ISLNK(info.st_mode)) {
        // Whether it may be followed, and to what, is for the root to say.
        const auto target = root.openPath(std::string(path) + entry.name);
        if (!target)
            return false;
        entry.directory = target->directory;
        entry.size = target->size;
        entry.modifiedSeconds = target->modifiedSeconds();
        return true;
    }
    entry.directory = S_ISDIR(info.st_mode);
    entry.size = static_cast<std::uint64_t>(info.st_size);
    entry.modifiedSeconds = info.st_mtim.tv_sec;
    return entry.directory || S_ISREG(info.st_mode);
}

/// Whether a request's path may hold the name: normalisePath() refuses these, as some readers trip over them.
bool reachable(Bytes name) {
    return std::none_of(name.begin(), name.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte < 0x20 || byte == 0x7F || c == '\\';
    });
}

std::string hrefOf(const ListedEntry& entry) {
    return http::encodeSegment(entry.name) + (entry.directory ? "/" : "");
}

std::string breadcrumbs(Bytes path) {
    std::string out = "<a href=\"/\">/</a>";
    std::size_t at = 1;
    while (at < path.size()) {
        const std::size_t end = std::min(path.find('/', at), path.size());
        out += " <a href=\"" + http::escapeHtml(http::encodePath(path.substr(0, end + 1))) + "\">" +
               http::escapeHtml(shown(path.substr(at, end - at))) + "</a> /";
        at = end + 1;
    }
    return out;
}

std::string columnLink(const ListingOrder& order, ListingOrder::By by, const char* key, const char* title) {
    const bool current = order.by == by;
    const bool nextDescending = current && !order.descending;
    return std::string("<a href=\"?sort=") + key + (nextDescending ? "&amp;order=desc" : "") + "\">" + title +
           (current ? (order.descending ? " \u2193" : " \u2191") : "") + "</a>";
}

constexpr const char* kStyle =
    "body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 "
    "1rem;color:#1d2329;background:#fff}"
    "h1{font-size:1.1rem;font-weight:600;word-break:break-all}table{border-collapse:collapse;width:100%}"
    "th{text-align:left;font-weight:600;border-bottom:2px solid #d8dee4}th a{color:inherit}"
    "td,th{padding:.35rem .6rem}tr:hover td{background:#f3f6f9}td{border-bottom:1px solid #eceff2}"
    ".n{word-break:break-all}.s,.t{text-align:right;white-space:nowrap;color:#59636e;font-variant-numeric:"
    "tabular-nums}"
    "a{text-decoration:none;color:#0a58ca}a:hover{text-decoration:underline}footer{margin-top:1rem;color:#"
    "59636e}"
    "@media(prefers-color-scheme:dark){body{color:#dfe3e7;background:#16191d}a{color:#6ea8fe}tr:hover "
    "td{background:#1f2429}"
    "td{border-color:#262b31}th{border-color:#3a4149}.s,.t,footer{color:#98a2ad}}"
    "@media(max-width:36rem){.t{display:none}}";

} // namespace

ListingOrder ListingOrder::fromQuery(Bytes query) {
    ListingOrder order;
    const std::string by = http::formValue(query, "sort").value_or("");
    order.by = by == "size" ? By::size : by == "time" ? By::time : By::name;
    order.descending = http::formValue(query, "order").value_or("") == "desc";
    return order;
}

Result<std::vector<ListedEntry>, int>
listFolder(const ServedRoot& root, Bytes path, const OpenedFile& folder, const ListingOrder& order) {
    // A descriptor of its own: reading moves its position, which others share.
    const int fd = ::openat(folder.file->get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return errno == EACCES ? 403 : 503;
    const std::unique_ptr<DIR, int (*)(DIR*)> stream(::fdopendir(fd), &::closedir);
    if (!stream)
        return 503;
    std::vector<ListedEntry> entries;
    while (const dirent* found = ::readdir(stream.get())) {
        const Bytes name(found->d_name);
        if (name == "." || name == ".." || !root.shows(name) || entries.size() == kMostEntries)
            continue;
        ListedEntry entry;
        entry.name = name;
        if (describeEntry(root, path, fd, entry))
            entries.push_back(std::move(entry));
    }
    std::sort(entries.begin(), entries.end(), [&](const ListedEntry& a, const ListedEntry& b) {
        if (a.directory != b.directory)
            return a.directory;
        const ListedEntry& first = order.descending ? b : a;
        const ListedEntry& second = order.descending ? a : b;
        if (order.by == ListingOrder::By::size && first.size != second.size)
            return first.size < second.size;
        if (order.by == ListingOrder::By::time && first.modifiedSeconds != second.modifiedSeconds)
            return first.modifiedSeconds < second.modifiedSeconds;
        return first.name < second.name;
    });
    return entries;
}

std::string listingHtml(Bytes path, const std::vector<ListedEntry>& entries, const ListingOrder& order) {
    std::string out = "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                      "<meta name=\"viewport\" content=\"width=device-width\"><title>" +
                      http::escapeHtml(shown(path)) + "</title><style>" + kStyle +
                      "</style></head><body><h1>" + breadcrumbs(path) + "</h1><table><thead><tr><th>" +
                      columnLink(order, ListingOrder::By::name, "name", "Name") + "</th><th class=\"s\">" +
                      columnLink(order, ListingOrder::By::size, "size", "Size") + "</th><th class=\"t\">" +
                      columnLink(order, ListingOrder::By::time, "time", "Modified (UTC)") +
                      "</th></tr></thead><tbody>";
    if (path != "/")
        out += "<tr><td class=\"n\"><a href=\"../\">../</a></td><td></td><td></td></tr>";
    std::size_t folders = 0;
    std::uint64_t bytes = 0;
    for (const ListedEntry& entry : entries) {
        folders += entry.directory ? 1 : 0;
        bytes += entry.directory ? 0 : entry.size;
        const bool linked = reachable(entry.name);
        out += "<tr><td class=\"n\">" +
               (linked ? "<a href=\"" + http::escapeHtml(hrefOf(entry)) + "\">" : std::string()) +
               http::escapeHtml(shown(entry.name)) + (entry.directory ? "/" : "") + (linked ? "</a>" : "") +
               "</td><td class=\"s\">" + (entry.directory ? std::string("\u2013") : humanSize(entry.size)) +
               "</td><td class=\"t\">" + shortTime(entry.modifiedSeconds) + "</td></tr>";
    }
    out += "</tbody></table><footer>" + std::to_string(folders) +
           (folders == 1 ? " folder, " : " folders, ") + std::to_string(entries.size() - folders) +
           (entries.size() - folders == 1 ? " file, " : " files, ") + humanSize(bytes) +
           "</footer></body></html>\n";
    return out;
}

std::string listingJson(Bytes path, const std::vector<ListedEntry>& entries) {
    std::string out = "{\"path\":" + jsonString(path) + ",\"entries\":[";
    bool first = true;
    for (const ListedEntry& entry : entries) {
        out += std::string(first ? "" : ",") + "\n{\"name\":" + jsonString(entry.name) + ",\"type\":\"" +
               (entry.directory ? "directory" : "file") +
               "\",\"size\":" + std::to_string(entry.directory ? 0 : entry.size) + ",\"modified\":\"" +
               isoTime(entry.modifiedSeconds) + "\",\"href\":" + jsonString(hrefOf(entry)) + "}";
        first = false;
    }
    return out + "\n]}\n";
}

} // namespace twistdpp::web
