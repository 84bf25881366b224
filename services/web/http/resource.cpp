#include "twistdpp/http/resource.h"

namespace twistdpp::http {

std::shared_ptr<Resource> Resource::getChild(Bytes segment, Request&) {
    const auto found = children_.find(segment);
    return found == children_.end() ? nullptr : found->second;
}

void Resource::methodNotAllowed(const RequestPtr& request) {
    if (request->method() == Method::other)
        return request->respondError(501);
    request->responseHeaders().set(KnownHeader::allow, allowed());
    request->respondError(405);
}

void Resource::render(const RequestPtr& request) {
    switch (request->method()) {
    case Method::get:
    case Method::head:
        return renderGet(request);
    case Method::post:
        return renderPost(request);
    case Method::put:
        return renderPut(request);
    case Method::options:
        request->setResponseCode(204);
        request->responseHeaders().set(KnownHeader::allow, allowed());
        return request->respond({});
    default:
        return methodNotAllowed(request);
    }
}

void Resource::renderGet(const RequestPtr& request) {
    request->respondError(404);
}
void Resource::renderPost(const RequestPtr& request) {
    methodNotAllowed(request);
}
void Resource::renderPut(const RequestPtr& request) {
    methodNotAllowed(request);
}

void CoroutineResource::render(const RequestPtr& request) {
    request->keepHead();
    handler_(request).addErrback([request](const Failure& failure) { request->fail(failure.message()); }
    ).detach();
}

} // namespace twistdpp::http
