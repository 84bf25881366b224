#include "twistdpp/service_web/static/file_resource.h"

#include "twistdpp/service_web/static/listing.h"
#include "twistdpp/service_web/static/variants.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/http/etag.h"
#include "twistdpp/http/site.h"
#include "twistdpp/http/status.h"
#include "twistdpp/http/target.h"
#include "twistdpp/reactor/sleep.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <dirent.h>
#include <fcntl.h>
#include <random>
#include <unistd.h>

namespace twistdpp::web {

using http::Coding;
using http::KnownHeader;
using http::RequestPtr;

namespace {

/// Bodies up to this size are kept in memory with their head: one send, no file.
constexpr std::uint64_t kInMemory = 32 * 1024;
/// What is compressed on the fly: less gains nothing, more takes too long for who waits.
constexpr std::uint64_t kCompressFrom = 512;
constexpr std::uint64_t kCompressUpTo = 4 * 1024 * 1024;
constexpr Duration kRecheck = std::chrono::seconds(1);
constexpr std::array<Coding, 3> kPreferred{Coding::brotli, Coding::zstd, Coding::gzip};
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
    : reactor_(reactor), root_(std::move(root)), types_(std::move(types)), options_(options),
      pathOffset_(pathOffset), cache_(options.cacheEntries, options.cacheBytes) {}

Bytes FileResource::mediaTypeOf(Bytes path) const {
    return types_->typeOf(root_->isFile() ? Bytes(root_->name()) : path);
}

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
    const auto ready = cache_.find(request->head().target(), firstChoice(*request));
    if (!ready || !fresh(*ready))
        return false;
    sendReady(*request, *ready);
    return true;
}

/// The coding under which a plain request for something compressible is kept.
Coding FileResource::firstChoice(const http::Request& request) {
    const auto accepted = request.head().headers().find(KnownHeader::acceptEncoding);
    if (!accepted || !options_.compression)
        return Coding::identity;
    if (*accepted == lastAccepted_ && !request.head().headers().repeated(KnownHeader::acceptEncoding))
        return lastChoice_;
    const Coding choice =
        http::AcceptedCodings(request.head().headers()).choose(kPreferred).value_or(Coding::identity);
    lastAccepted_ = *accepted;
    lastChoice_ = choice;
    return choice;
}

bool FileResource::fresh(ReadyFile& ready) const {
    if (reactor_.now() - ready.checked < kRecheck)
        return true;
    const auto now = root_->openPath(ready.path);
    if (!now || !now->sameAs(ready.source))
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
    std::string path(localPath(*request));
    auto opened = root_->openPath(path);
    if (!opened && opened.error() == 404 && !options_.ignoredExtensions.empty())
        opened = openIgnoringExtension(path);
    if (!opened)
        return request->respondError(opened.error());
    if (opened->directory)
        return serveFolder(request, *std::move(opened));
    if (path.size() > 1 && path.back() == '/')
        return request->respondError(404);
    serveFile(request, std::move(path), *std::move(opened));
}

Result<OpenedFile, int> FileResource::openIgnoringExtension(std::string& path) const {
    if (path.back() == '/')
        return 404;
    for (const std::string& extension : options_.ignoredExtensions) {
        if (extension != "*") {
            const std::string candidate = path + (extension.starts_with('.') ? "" : ".") + extension;
            if (auto opened = root_->openPath(candidate); opened && !opened->directory) {
                path = candidate;
                return opened;
            }
            continue;
        }
        const auto slash = path.rfind('/');
        const std::string prefix = path.substr(slash + 1) + ".";
        const auto folder = root_->openPath(path.substr(0, slash + 1));
        if (!folder || !folder->directory)
            continue;
        const auto entries = listFolder(*root_, *folder, ListingOrder());
        if (!entries)
            continue;
        for (const ListedEntry& entry : *entries) {
            if (entry.directory || !Bytes(entry.name).starts_with(prefix))
                continue;
            const std::string candidate = path.substr(0, slash + 1) + entry.name;
            if (auto opened = root_->openPath(candidate); opened && !opened->directory) {
                path = candidate;
                return opened;
            }
        }
    }
    return 404;
}

void FileResource::serveFolder(const RequestPtr& request, OpenedFile folder) {
    const std::string& path = request->path();
    if (path.back() != '/')
        return request->redirect(301, http::redirectTarget(path + "/", request->head().splitTarget().query));
    const std::string local(localPath(*request));
    for (const std::string& name : options_.indexNames) {
        const std::string candidate = local + name;
        if (auto index = root_->openPath(candidate); index && !index->directory)
            return serveFile(request, candidate, *std::move(index));
    }
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
    using Made = Result<std::string, int>;
    auto making = deferToThread(reactor_, Pool::io, [root, folder, order, path, json]() -> Made {
        const auto entries = listFolder(*root, folder, order);
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

std::vector<Coding> FileResource::wantedCodings(const http::Request& request) const {
    if (!options_.compression)
        return {};
    const http::AcceptedCodings accepted(request.head().headers());
    std::vector<Coding> codings;
    for (const Coding coding : kPreferred) {
        if (accepted.quality(coding) > 0)
            codings.push_back(coding);
    }
    std::stable_sort(codings.begin(), codings.end(), [&](Coding a, Coding b) {
        return accepted.quality(a) > accepted.quality(b);
    });
    return codings;
}

std::shared_ptr<ReadyFile>
FileResource::makeReady(const std::string& path, const OpenedFile& source, Coding coding) {
    auto ready = std::make_shared<ReadyFile>();
    ready->source = source;
    ready->body = source;
    ready->size = source.size;
    ready->path = path;
    ready->coding = coding;
    ready->mediaType = mediaTypeOf(path);
    ready->etag = http::fileTag(
        source.inode, source.size, source.modifiedNs,
        coding == Coding::identity ? Bytes() : http::codingName(coding)
    );
    ready->vary = options_.compression && compressible(ready->mediaType);
    ready->checked = reactor_.now();
    return ready;
}

/// A compressed file beside the source, unless it is older than that.
bool FileResource::findSibling(ReadyFile& ready) {
    if (root_->isFile())
        return false;
    auto sibling = root_->openPath(ready.path + std::string(siblingExtension(ready.coding)));
    if (!sibling || sibling->directory || sibling->modifiedNs < ready.source.modifiedNs)
        return false;
    ready.size = sibling->size;
    // The sibling may be made anew while the source stays: the tag must tell.
    ready.etag =
        http::fileTag(sibling->inode, sibling->size, sibling->modifiedNs, http::codingName(ready.coding));
    ready.body = *std::move(sibling);
    ready.vary = true;
    return true;
}

void FileResource::serveFile(const RequestPtr& request, std::string path, OpenedFile file) {
    const std::vector<Coding> codings = wantedCodings(*request);
    const http::AcceptedCodings accepted(request->head().headers());
    if (accepted.quality(Coding::identity) == 0 && codings.empty())
        return request->respondError(406, "No content coding that you accept is offered for this file.");
    const Bytes target = request->head().target();
    for (const Coding coding : codings) {
        if (const auto kept = cache_.find(target, coding); kept && kept->coding == coding && fresh(*kept))
            return answer(*request, kept);
    }
    for (const Coding coding : codings) {
        auto ready = makeReady(path, file, coding);
        if (!findSibling(*ready))
            continue;
        loadSmall(*ready);
        buildBlock(request->site(), *ready);
        cache_.put(target, coding, ready);
        return answer(*request, ready);
    }
    if (!codings.empty() && file.size >= kCompressFrom && file.size <= kCompressUpTo &&
        compressible(mediaTypeOf(path))) {
        request->keepHead();
        serveCompressed(request, std::move(path), std::move(file), codings).detach();
        return;
    }
    auto ready = makeReady(path, file, Coding::identity);
    loadSmall(*ready);
    buildBlock(request->site(), *ready);
    // Kept also under the coding that this client would have preferred, for which there is no better answer.
    cache_.put(target, firstChoice(*request), ready);
    answer(*request, ready);
}

Deferred<void> FileResource::serveCompressed(
    RequestPtr request, std::string path, OpenedFile file, std::vector<Coding> codings
) {
    const Coding coding = codings.front();
    using Made = std::optional<std::string>;
    auto making = deferToThread(reactor_, Pool::cpu, [file, coding]() -> Made {
        const std::string content = readAll(file.file->get(), file.size);
        if (content.size() != file.size)
            return std::nullopt;
        return compress(coding, content);
    });
    auto made = co_await std::move(making).outcome();
    std::shared_ptr<ReadyFile> ready;
    if (made.ok() && made.value()) {
        ready = makeReady(path, file, coding);
        ready->content = Buffer(*made.value());
        ready->inMemory = true;
        ready->size = ready->content.size();
    } else {
        ready = makeReady(path, file, Coding::identity);
        loadSmall(*ready);
    }
    buildBlock(request->site(), *ready);
    cache_.put(request->head().target(), coding, ready);
    if (!request->connectionLost())
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
    headers.set(KnownHeader::lastModified, http::formatDate(ready.source.modifiedSeconds()));
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
    block.append("\"\r\nLast-Modified: ").append(http::formatDate(ready.source.modifiedSeconds()));
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
    validators.lastModified = ready->source.modifiedSeconds();
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
