#pragma once
#include "twistdpp/service_web/static/file_cache.h"
#include "twistdpp/service_web/static/served_root.h"
#include "twistdpp/service_web/static/variant_chooser.h"

#include "twistdpp/defer/deferred.h"
#include "twistdpp/http/conditional.h"
#include "twistdpp/http/media_types.h"
#include "twistdpp/http/range.h"
#include "twistdpp/http/resource.h"
#include "twistdpp/reactor/reactor.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace twistdpp::web {

/// How files are served.
struct FileOptions {
    std::vector<std::string> indexNames{"index", "index.html", "index.htm"}; ///< tried in a folder, in order
    std::vector<std::string> ignoredExtensions; ///< "/foo" may be "foo.html"; "*" is any
    bool listings = true;
    bool compression = true; ///< on the fly and by siblings (.gz, .br, .zst)
    std::size_t cacheEntries = 1024;
    std::size_t cacheBytes = 64 * 1024 * 1024;
};

/// A folder or file of the disk as a web resource: Twisted's static.File. A leaf: it handles all paths below
/// it. Conditions, ranges, content codings, listings and redirects are in here; what was answered once is
/// kept ready and compared with the disk once a second at most.
class FileResource final : public http::Resource {
public:
    /// `types` must not change any more. `pathOffset`: how many bytes of the request's path stand before this
    /// resource
    /// ("/files" has 6), when it is not the root of its site.
    FileResource(
        Reactor& reactor, std::shared_ptr<const ServedRoot> root,
        std::shared_ptr<const http::MediaTypes> types, const FileOptions& options = {},
        std::size_t pathOffset = 0
    );

    bool isLeaf() const noexcept override { return true; }
    void render(const http::RequestPtr& request) override;
    void renderGet(const http::RequestPtr& request) override;

    const FileCache& cache() const noexcept { return cache_; }

private:
    /// What a path leads to: itself, an index, or a file with one more extension.
    struct Found {
        std::string path;
        OpenedFile file;
    };

    bool answerFromCache(const http::RequestPtr& request);
    void sendReady(http::Request& request, ReadyFile& ready);
    bool fresh(ReadyFile& ready);
    Result<Found, int> find(Bytes asked);
    Result<OpenedFile, int> open(Bytes path);
    void serveFile(const http::RequestPtr& request, std::string asked, Found found);
    void serveFolder(const http::RequestPtr& request, OpenedFile folder);
    Deferred<void> serveListing(http::RequestPtr request, OpenedFile folder);
    Deferred<void> serveCompressed(
        http::RequestPtr request, std::string asked, Found found, http::Coding coding, SiblingSet siblings
    );
    std::shared_ptr<ReadyFile> makeReady(
        http::Request& request, const std::string& asked, const Found& found, http::Coding coding,
        SiblingSet siblings
    ) const;
    void refuseCoding(http::Request& request) const;
    void loadSmall(ReadyFile& ready) const;
    void answer(http::Request& request, const std::shared_ptr<ReadyFile>& ready);
    void
    sendRanges(http::Request& request, const ReadyFile& ready, const std::vector<http::ByteRange>& ranges);
    void sendPart(http::Request& request, const ReadyFile& ready, const http::ByteRange& part);
    void describe(http::Request& request, const ReadyFile& ready) const;
    void buildBlock(http::Site& site, ReadyFile& ready) const;
    Result<Found, int> findIgnoringExtension(const std::string& path) const;
    Bytes localPath(const http::Request& request) const;

    Reactor& reactor_;
    std::shared_ptr<const ServedRoot> root_;
    FileOptions options_;
    std::size_t pathOffset_;
    VariantChooser variants_;
    FileCache cache_;
};

} // namespace twistdpp::web
