#include "twistdpp/service_web/static/variant_chooser.h"

#include "twistdpp/service_web/static/variants.h"

#include "twistdpp/http/etag.h"

#include <algorithm>
#include <array>

namespace twistdpp::web {

using http::Coding;
using http::KnownHeader;

namespace {

/// What is compressed on the fly: less gains nothing, more takes too long for who waits.
constexpr std::uint64_t kCompressFrom = 512;
constexpr std::uint64_t kCompressUpTo = 4 * 1024 * 1024;
constexpr std::array<Coding, 3> kPreferred{Coding::brotli, Coding::zstd, Coding::gzip};

} // namespace

VariantChooser::Choice VariantChooser::firstChoice(const http::Request& request) {
    const auto accepted = request.head().headers().find(KnownHeader::acceptEncoding);
    if (!accepted)
        return {};
    const bool repeated = request.head().headers().repeated(KnownHeader::acceptEncoding);
    if (!repeated && *accepted == lastAccepted_)
        return lastChoice_;
    const http::AcceptedCodings codings(request.head().headers());
    Choice choice;
    choice.identity = codings.quality(Coding::identity) > 0;
    if (compression_)
        choice.coding = codings.choose(kPreferred).value_or(Coding::identity);
    if (!repeated) {
        lastAccepted_ = *accepted;
        lastChoice_ = choice;
    }
    return choice;
}

std::vector<Coding> VariantChooser::wantedCodings(const http::Request& request) const {
    if (!compression_)
        return {};
    const http::AcceptedCodings accepted(request.head().headers());
    std::vector<Coding> codings;
    for (const Coding coding : kPreferred) {
        if (accepted.quality(coding) > 0 && accepted.quality(coding) >= accepted.quality(Coding::identity))
            codings.push_back(coding);
    }
    std::stable_sort(codings.begin(), codings.end(), [&](Coding a, Coding b) {
        return accepted.quality(a) > accepted.quality(b);
    });
    return codings;
}

Result<OpenedFile, int> VariantChooser::openSibling(Bytes path, Coding coding) const {
    return root_->openPath(std::string(path).append(siblingExtension(coding)));
}

SiblingSet VariantChooser::siblings(Bytes path, const OpenedFile& source) const {
    SiblingSet found;
    if (root_->isFile() || !compression_)
        return found;
    for (const Coding coding : kPreferred) {
        const auto sibling = openSibling(path, coding);
        if (sibling && !sibling->directory && sibling->modifiedNs >= source.modifiedNs)
            found.set(static_cast<std::size_t>(coding));
    }
    return found;
}

bool VariantChooser::compressedHere(Bytes path, const OpenedFile& source) const {
    return compression_ && source.size >= kCompressFrom && source.size <= kCompressUpTo &&
           compressible(mediaTypeOf(path));
}

Bytes VariantChooser::mediaTypeOf(Bytes path) const {
    return types_->typeOf(root_->isFile() ? Bytes(root_->name()) : path);
}

std::shared_ptr<ReadyFile> VariantChooser::describe(
    Bytes asked, Bytes path, const OpenedFile& source, Coding coding, SiblingSet siblings, TimePoint now,
    http::UnixSeconds wallNow
) const {
    auto ready = std::make_shared<ReadyFile>();
    ready->source = source;
    ready->body = source;
    ready->size = source.size;
    ready->asked = asked;
    ready->path = path;
    ready->coding = coding;
    ready->siblings = siblings;
    ready->mediaType = mediaTypeOf(path);
    ready->etag = http::fileTag(
        source.inode, source.size, source.modifiedNs,
        coding == Coding::identity ? Bytes() : http::codingName(coding)
    );
    // A file from the future: no answer may say that it was changed after it was sent (RFC 9110 8.8.2.1).
    ready->lastModified = std::min(source.modifiedSeconds(), wallNow);
    // What another client may get in another coding: caches must be told with this one too.
    ready->vary =
        coding != Coding::identity || siblings.any() || (compression_ && compressible(ready->mediaType));
    ready->checked = now;
    return ready;
}

bool VariantChooser::useSibling(ReadyFile& ready) const {
    auto sibling = openSibling(ready.path, ready.coding);
    if (!sibling || sibling->directory || sibling->modifiedNs < ready.source.modifiedNs)
        return false;
    ready.size = sibling->size;
    // The sibling may be made anew while the source stays: the tag must tell.
    ready.etag =
        http::fileTag(sibling->inode, sibling->size, sibling->modifiedNs, http::codingName(ready.coding));
    ready.body = *std::move(sibling);
    ready.fromSibling = true;
    ready.source.file.reset(); // what it was is known, and it is not sent
    return true;
}

bool VariantChooser::sameSibling(const ReadyFile& ready) const {
    const auto beside = openSibling(ready.path, ready.coding);
    return beside && beside->sameAs(ready.body);
}

} // namespace twistdpp::web
