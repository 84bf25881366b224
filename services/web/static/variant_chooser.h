#pragma once
#include "twistdpp/service_web/static/file_cache.h"
#include "twistdpp/service_web/static/served_root.h"

#include "twistdpp/http/date.h"
#include "twistdpp/http/media_types.h"
#include "twistdpp/http/negotiation.h"
#include "twistdpp/http/request.h"

#include <memory>
#include <string>
#include <vector>

namespace twistdpp::web {

/// Which form of a file a client gets (RFC 9110 12.5.3): the file itself, a compressed one that stands beside
/// it, or one to be compressed here. Belongs to one reactor.
class VariantChooser {
public:
    /// What Accept-Encoding leads to for something of which all codings are there.
    struct Choice {
        http::Coding coding = http::Coding::identity;
        bool identity = true; ///< acceptable at all
    };

    /// `types` must not change any more. Without `compression` every file is sent as it is.
    VariantChooser(
        std::shared_ptr<const ServedRoot> root, std::shared_ptr<const http::MediaTypes> types,
        bool compression
    )
        : root_(std::move(root)), types_(std::move(types)), compression_(compression) {}

    Choice firstChoice(const http::Request& request);
    /// The codings that the client would rather have than none, the best first.
    std::vector<http::Coding> wantedCodings(const http::Request& request) const;

    /// In which codings a file stands beside the one at `path` that is not older than `source`.
    SiblingSet siblings(Bytes path, const OpenedFile& source) const;
    /// Whether it is worth while to compress the file here.
    bool compressedHere(Bytes path, const OpenedFile& source) const;

    /// The file at `path` in `coding`, described and without a body yet but the file itself. `siblings` are
    /// its own at the time of `now`, which is when its freshness begins.
    std::shared_ptr<ReadyFile> describe(
        Bytes asked, Bytes path, const OpenedFile& source, http::Coding coding, SiblingSet siblings,
        TimePoint now, http::UnixSeconds wallNow
    ) const;
    /// Makes the compressed file beside the source the body. False: it is there no more.
    bool useSibling(ReadyFile& ready) const;
    /// Whether the file whose content is the body of `ready` is still the one beside `ready.path`.
    bool sameSibling(const ReadyFile& ready) const;

private:
    Result<OpenedFile, int> openSibling(Bytes path, http::Coding coding) const;
    Bytes mediaTypeOf(Bytes path) const;

    std::shared_ptr<const ServedRoot> root_;
    std::shared_ptr<const http::MediaTypes> types_;
    bool compression_;
    std::string lastAccepted_; // the Accept-Encoding seen last, and what it led to
    Choice lastChoice_;
};

} // namespace twistdpp::web
