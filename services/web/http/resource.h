#pragma once
#include "twistdpp/http/request.h"

#include <functional>
#include <map>
#include <memory>
#include <string>

namespace twistdpp::http {

/// A place in the tree of what a Site serves: Twisted's Resource. Derive and override render(), or one of
/// renderGet() and its like. A resource belongs to one reactor.
class Resource {
public:
    Resource() = default;
    Resource(const Resource&) = delete;
    Resource& operator=(const Resource&) = delete;
    virtual ~Resource() = default;

    /// A leaf handles all paths below it itself (Request::postpath()).
    virtual bool isLeaf() const noexcept { return false; }
    /// The child of one decoded path segment; empty for the directory itself ("/a/"). nullptr: 404.
    virtual std::shared_ptr<Resource> getChild(Bytes segment, Request& request);
    /// Puts a fixed child in place.
    void putChild(std::string segment, std::shared_ptr<Resource> child) {
        children_[std::move(segment)] = std::move(child);
    }

    /// Answers the request, now or later. The default calls renderGet() for GET and HEAD, renderPost() and
    /// renderPut() for theirs, answers OPTIONS with what allowed() lists, 405 for other known methods and 501
    /// for unknown ones.
    virtual void render(const RequestPtr& request);
    virtual void renderGet(const RequestPtr& request);
    virtual void renderPost(const RequestPtr& request);
    virtual void renderPut(const RequestPtr& request);
    /// The value of Allow.
    virtual Bytes allowed() const noexcept { return "GET, HEAD, OPTIONS"; }

    void methodNotAllowed(const RequestPtr& request);

private:
    std::map<std::string, std::shared_ptr<Resource>, std::less<>> children_;
};

/// A leaf made of a coroutine: `Deferred<void> respond(RequestPtr)`. What it throws is logged and answered
/// with 500 (or, when the answer has begun, cuts the connection).
class CoroutineResource : public Resource {
public:
    using Handler = std::function<Deferred<void>(RequestPtr)>;
    explicit CoroutineResource(Handler handler) : handler_(std::move(handler)) {}
    bool isLeaf() const noexcept override { return true; }
    void render(const RequestPtr& request) override;

private:
    Handler handler_;
};

} // namespace twistdpp::http
