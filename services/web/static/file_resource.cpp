#include "twistdpp/service_web/static/file_resource.h"

#include "twistdpp/service_web/static/listing.h"
#include "twistdpp/service_web/static/variants.h"

#include "twistdpp/http/site.h"
#include "twistdpp/http/status.h"
#include "twistdpp/http/target.h"
#include "twistdpp/reactor/sleep.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <random>
#include <unistd.h>

namespace twistdpp::web {

using http::Coding;
using http::KnownHeader;
using http::RequestPtr;

namespace {

/// Bodies up to this size are kept in memory with their head: one send, no file.
constexpr std::uint64_t kInMemory = 32 * 1024;
constexpr Duration kRecheck = std::chrono::seconds(1);
constexpr Bytes kStatusLine = "HTTP/1.1 200 OK\r\n";

/// The fields that make an answer depend on more than the target and the coding.
constexpr std::array<KnownHeader, 6> kSpecial{KnownHeader::range,           KnownHeader::ifRange,
                                              KnownHeader::ifMatch,         KnownHeader::ifNoneMatch,
                                              KnownHeader::ifModifiedSince, KnownHeader::ifUnmodifiedSince};

bool plain(const http::HeaderBlock& headers) noexcept {
    return std::none_of(kSpecial.begin(), kSpecial.end(), [&](KnownHeader h) { return headers.has(h); });
}

std::string readAll(int fd, std::uint64_t size) {
    std::string out(static_cast<std::size_t>(size), '\0');
    std::size_t at = 0;
    while (at < out.size()) {
        const ssize_t got = ::pread(fd, out.data() + at, out.size() - at, static_cast<off_t>(at));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        at += static_cast<std::size_t>(got);
    }
    out.resize(at);
    return out;
}

/// What an answer is kept under: the query changes nothing about a file.
Bytes cacheKey(const http::Request& request) {
    const Bytes target = request.head().target();
    return target.substr(0, target.find('?'));
}

std::string boundary() {
    static constexpr char kDigits[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    std::random_device source;
    std::string out;
    for (int i = 0; i < 24; ++i)
        out += kDigits[source() % 36];
    return out;
}

} // namespace

FileResource::FileResource(
    Reactor& reactor, std::shared_ptr<const ServedRoot> root, std::shared_ptr<const http::MediaTypes> types,
    const FileOptions& options, std::size_t pathOffset
)
    : reactor_(reactor), root_(std::move(root)), options_(options), pathOffset_(pathOffset),
      variants_(root_, std::move(types), options.compression),
      cache_(options.cacheEntries, options.cacheBytes) {}

Bytes FileResource::localPath(const http::Request& request) const {
    const Bytes path = Bytes(request.path()).substr(std::min(pathOffset_, request.path().size()));
    return path.empty() ? Bytes("/") : path;
}

void FileResource::render(const RequestPtr& request) {
    if (answerFromCache(request))
        return;
    Resource::render(request);
}

bool FileResource::answerFromCache(const RequestPtr& request) {
    if (!request->takesBlock() || !plain(request->head().headers()))
        return false;
    const VariantChooser::Choice choice = variants_.firstChoice(*request);
    const auto ready = cache_.find(cacheKey(*request), choice.coding);
    if (!ready || (ready->coding == Coding::identity && !choice.identity) || !fresh(*ready))
        return false;
    sendReady(*request, *ready);
    return true;
}

/// Whether what was made ready is what would be made now; looked at once a second at most.
bool FileResource::fresh(ReadyFile& ready) {
    if (reactor_.now() - ready.checked < kRecheck)
        return true;
    const auto now = find(ready.asked);
    if (!now || now->path != ready.path || !now->file.sameAs(ready.source) || now->file.directory)
        return false;
    // A compressed file that has come or gone beside it leads to another choice.
    if (variants_.siblings(now->path, now->file) != ready.siblings)
        return false;
    if (ready.fromSibling && !variants_.sameSibling(ready))
        return false;
    ready.checked = reactor_.now();
    return true;
}

void FileResource::sendReady(http::Request& request, ReadyFile& ready) {
    http::Site& site = request.site();
    if (ready.stamp != site.unixNow()) {
        const Bytes date = site.dateText();
        date.copy(ready.block.data() + kStatusLine.size() + http::Site::kDateOffset, date.size());
        ready.stamp = site.unixNow();
    }
    if (ready.inMemory)
        request.sendBlock(ready.block, 200, ready.size);
    else
        request.sendBlock(ready.block, FileRange(ready.body.file, 0, ready.size), 200);
}

void FileResource::renderGet(const RequestPtr& request) {
    if (request->path().empty() && !request->decodePath())
        return;
    std::string asked(localPath(*request));
    auto found = find(asked);
    if (!found)
        return request->respondError(found.error());
    if (found->file.directory)
        return serveFolder(request, std::move(found->file));
    if (asked.size() > 1 && asked.back() == '/' && found->path == asked)
        return request->respondError(404);
    serveFile(request, std::move(asked), *std::move(found));
}

/// Opens; when descriptors are short, those that the cache holds are let go first.
Result<OpenedFile, int> FileResource::open(Bytes path) {
    auto opened = root_->openPath(path);
    if (opened || opened.error() != 503 || cache_.entries() == 0)
        return opened;
    cache_.clear();
    return root_->openPath(path);
}

Result<FileResource::Found, int> FileResource::find(Bytes asked) {
    Found found;
    found.path = asked;
    auto opened = open(asked);
    if (!opened && opened.error() == 404 && !options_.ignoredExtensions.empty())
        return findIgnoringExtension(found.path);
    if (!opened)
        return opened.error();
    found.file = *std::move(opened);
    if (!found.file.directory || asked.back() != '/')
        return found;
    for (const std::string& name : options_.indexNames) {
        const std::string candidate = found.path + name;
        auto index = open(candidate);
        // One that is there and cannot be read is no reason to show what else is there.
        if (!index && index.error() != 404)
            return index.error();
        if (index && !index->directory) {
            found.path = candidate;
            found.file = *std::move(index);
            break;
        }
    }
    return found;
}

Result<FileResource::Found, int> FileResource::findIgnoringExtension(const std::string& path) const {
    if (path.back() == '/')
        return 404;
    const auto tryOne = [&](const std::string& candidate) {
        auto opened = root_->openPath(candidate);
        return opened && !opened->directory ? std::optional<Found>(Found{candidate, *std::move(opened)})
                                            : std::nullopt;
    };
    for (const std::string& extension : options_.ignoredExtensions) {
        if (extension != "*") {
            if (auto found = tryOne(path + (extension.starts_with('.') ? "" : ".") + extension))
                return *std::move(found);
            continue;
        }
        const auto slash = path.rfind('/');
        const std::string before = path.substr(0, slash + 1);
        const std::string prefix = path.substr(slash + 1) + ".";
        const auto folder = root_->openPath(before);
        if (!folder || !folder->directory)
            continue;
        const auto entries = listFolder(*root_, before, *folder, ListingOrder());
        if (!entries)
            continue;
        for (const ListedEntry& entry : *entries) {
            if (entry.directory || !Bytes(entry.name).starts_with(prefix))
                continue;
            if (auto found = tryOne(before + entry.name))
                return *std::move(found);
        }
    }
    return 404;
}

void FileResource::serveFolder(const RequestPtr& request, OpenedFile folder) {
    const std::string& path = request->path();
    if (path.back() != '/')
        return request->redirect(301, http::redirectTarget(path + "/", request->head().splitTarget().query));
    if (!options_.listings)
        return request->respondError(403, "This folder has no index, and listings are off.");
    request->keepHead();
    serveListing(request, std::move(folder)).detach();
}

Deferred<void> FileResource::serveListing(RequestPtr request, OpenedFile folder) {
    const std::string query(request->head().splitTarget().query);
    const bool json =
        http::formValue(query, "format").value_or("") == "json" ||
        request->head().headers().find(KnownHeader::accept).value_or("").starts_with("application/json");
    const ListingOrder order = ListingOrder::fromQuery(query);
    const auto root = root_;
    const std::string path = request->path();
    const std::string local(localPath(*request));
    using Made = Result<std::string, int>;
    auto making = deferToThread(reactor_, Pool::io, [root, folder, order, path, local, json]() -> Made {
        const auto entries = listFolder(*root, local, folder, order);
        if (!entries)
            return entries.error();
        return json ? listingJson(path, *entries) : listingHtml(path, *entries, order);
    });
    auto made = co_await std::move(making).outcome();
    if (!made.ok())
        co_return request->respondError(503);
    Made& page = made.value();
    if (!page)
        co_return request->respondError(page.error());
    request->responseHeaders().set(
        KnownHeader::contentType, json ? "application/json" : "text/html; charset=utf-8"
    );
    request->responseHeaders().set(KnownHeader::vary, "Accept");
    request->responseHeaders().set("X-Content-Type-Options", "nosniff");
    request->respond(*page);
}

std::shared_ptr<ReadyFile> FileResource::makeReady(
    http::Request& request, const std::string& asked, const Found& found, Coding coding, SiblingSet siblings
) const {
    return variants_.describe(
        asked, found.path, found.file, coding, siblings, reactor_.now(), request.site().unixNow()
    );
}

void FileResource::refuseCoding(http::Request& request) const {
    request.responseHeaders().set(KnownHeader::vary, "Accept-Encoding");
    request.respondError(406, "No content coding that you accept is offered for this file.");
}

void FileResource::serveFile(const RequestPtr& request, std::string asked, Found found) {
    const std::vector<Coding> codings = variants_.wantedCodings(*request);
    const VariantChooser::Choice choice = variants_.firstChoice(*request);
    const Bytes key = cacheKey(*request);
    for (const Coding coding : codings) {
        if (const auto kept = cache_.find(key, coding); kept && kept->coding == coding && fresh(*kept))
            return answer(*request, kept);
    }
    const SiblingSet siblings = variants_.siblings(found.path, found.file);
    for (const Coding coding : codings) {
        if (!siblings.test(static_cast<std::size_t>(coding)))
            continue;
        auto ready = makeReady(*request, asked, found, coding, siblings);
        if (!variants_.useSibling(*ready))
            continue;
        loadSmall(*ready);
        buildBlock(request->site(), *ready);
        cache_.put(key, coding, ready);
        if (coding != choice.coding)
            cache_.put(key, choice.coding, ready); // the best there is for who would rather have another
        return answer(*request, ready);
    }
    if (!codings.empty() && variants_.compressedHere(found.path, found.file)) {
        request->keepHead();
        serveCompressed(request, std::move(asked), std::move(found), codings.front(), siblings).detach();
        return;
    }
    if (!choice.identity)
        return refuseCoding(*request);
    auto ready = makeReady(*request, asked, found, Coding::identity, siblings);
    loadSmall(*ready);
    buildBlock(request->site(), *ready);
    // Kept also under the coding that this client would have preferred, for which there is no better answer.
    cache_.put(key, choice.coding, ready);
    answer(*request, ready);
}

Deferred<void> FileResource::serveCompressed(
    RequestPtr request, std::string asked, Found found, Coding coding, SiblingSet siblings
) {
    using Made = std::optional<std::string>;
    const OpenedFile file = found.file;
    auto making = deferToThread(reactor_, Pool::cpu, [file, coding]() -> Made {
        const std::string content = readAll(file.file->get(), file.size);
        if (content.size() != file.size)
            return std::nullopt;
        return compress(coding, content);
    });
    auto made = co_await std::move(making).outcome();
    if (request->connectionLost())
        co_return;
    std::shared_ptr<ReadyFile> ready;
    if (made.ok() && made.value()) {
        ready = makeReady(*request, asked, found, coding, siblings);
        ready->content = Buffer(*made.value());
        ready->inMemory = true;
        ready->size = ready->content.size();
        ready->body.file.reset();
        ready->source.file.reset();
    } else {
        ready = makeReady(*request, asked, found, Coding::identity, siblings);
        loadSmall(*ready);
    }
    buildBlock(request->site(), *ready);
    cache_.put(cacheKey(*request), coding, ready);
    if (ready->coding == Coding::identity && !variants_.firstChoice(*request).identity)
        co_return refuseCoding(*request);
    answer(*request, ready);
}

void FileResource::loadSmall(ReadyFile& ready) const {
    if (ready.size > kInMemory)
        return;
    const std::string content = readAll(ready.body.file->get(), ready.size);
    if (content.size() != ready.size)
        return; // it changes at this moment: send what the file holds then
    ready.content = Buffer(content);
    ready.inMemory = true;
    // The descriptors are not needed any more: what was read is what is compared.
    ready.body.file.reset();
    ready.source.file.reset();
}

void FileResource::describe(http::Request& request, const ReadyFile& ready) const {
    http::HeaderList& headers = request.responseHeaders();
    headers.set(KnownHeader::contentType, ready.mediaType);
    headers.set(KnownHeader::etag, "\"" + ready.etag + "\"");
    headers.set(KnownHeader::lastModified, http::formatDate(ready.lastModified));
    headers.set(KnownHeader::acceptRanges, "bytes");
    headers.set("X-Content-Type-Options", "nosniff");
    if (ready.coding != Coding::identity)
        headers.set(KnownHeader::contentEncoding, http::codingName(ready.coding));
    if (ready.vary)
        headers.set(KnownHeader::vary, "Accept-Encoding");
}

void FileResource::buildBlock(http::Site& site, ReadyFile& ready) const {
    std::string& block = ready.block;
    block = kStatusLine;
    block.append(site.commonFields());
    ready.stamp = site.unixNow();
    block.append("Content-Type: ").append(ready.mediaType);
    block.append("\r\nETag: \"").append(ready.etag);
    block.append("\"\r\nLast-Modified: ").append(http::formatDate(ready.lastModified));
    block.append("\r\nAccept-Ranges: bytes\r\nX-Content-Type-Options: nosniff\r\n");
    if (ready.coding != Coding::identity)
        block.append("Content-Encoding: ").append(http::codingName(ready.coding)).append("\r\n");
    if (ready.vary)
        block.append("Vary: Accept-Encoding\r\n");
    block.append("Content-Length: ").append(std::to_string(ready.size)).append("\r\n\r\n");
    if (ready.inMemory)
        block.append(ready.content.bytes());
}

void FileResource::answer(http::Request& request, const std::shared_ptr<ReadyFile>& ready) {
    const http::HeaderBlock& fields = request.head().headers();
    if (request.takesBlock() && plain(fields))
        return sendReady(request, *ready);
    const http::UnixSeconds now = request.site().unixNow();
    http::Validators validators;
    validators.etag = http::EntityTag{false, ready->etag};
    validators.lastModified = ready->lastModified;
    switch (http::evaluateConditions(fields, request.method(), validators, now)) {
    case http::Verdict::notModified:
        request.setResponseCode(304);
        request.responseHeaders().set(KnownHeader::etag, "\"" + ready->etag + "\"");
        if (ready->vary)
            request.responseHeaders().set(KnownHeader::vary, "Accept-Encoding");
        return request.respond({});
    case http::Verdict::preconditionFailed:
        return request.respondError(412);
    case http::Verdict::proceed:
        break;
    }
    if (const auto range = fields.find(KnownHeader::range);
        range && !fields.repeated(KnownHeader::range) && request.method() == http::Method::get &&
        http::rangeConditionHolds(fields, validators, now)) {
        const http::RangeDecision decision = http::resolveRange(*range, ready->size);
        if (decision.kind == http::RangeDecision::Kind::unsatisfiable) {
            request.responseHeaders().set(KnownHeader::contentRange, http::unsatisfiedRange(ready->size));
            return request.respondError(416);
        }
        if (decision.kind == http::RangeDecision::Kind::partial)
            return sendRanges(request, *ready, decision.ranges);
    }
    describe(request, *ready);
    request.begin(ready->size);
    sendPart(request, *ready, http::ByteRange(0, ready->size));
    request.finish();
}

void FileResource::sendPart(http::Request& request, const ReadyFile& ready, const http::ByteRange& part) {
    if (ready.inMemory)
        request.write(
            ready.content.slice(static_cast<std::size_t>(part.offset), static_cast<std::size_t>(part.length))
        );
    else
        request.writeFile(FileRange(ready.body.file, part.offset, part.length));
}

void FileResource::sendRanges(
    http::Request& request, const ReadyFile& ready, const std::vector<http::ByteRange>& ranges
) {
    request.setResponseCode(206);
    describe(request, ready);
    if (ranges.size() == 1) {
        request.responseHeaders().set(KnownHeader::contentRange, http::contentRange(ranges[0], ready.size));
        request.begin(ranges[0].length);
        sendPart(request, ready, ranges[0]);
        return request.finish();
    }
    const http::MultipartRanges frame(ranges, ready.size, ready.mediaType, boundary());
    request.responseHeaders().set(KnownHeader::contentType, frame.contentType());
    request.begin(frame.contentLength());
    for (std::size_t i = 0; i < ranges.size(); ++i) {
        request.write(Bytes(frame.preamble(i)));
        sendPart(request, ready, ranges[i]);
    }
    request.write(Bytes(frame.closing()));
    request.finish();
}

} // namespace twistdpp::web
