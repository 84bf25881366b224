#pragma once
#include "twistdpp/http/framing.h"
#include "twistdpp/http/header_block.h"
#include "twistdpp/http/method.h"
#include "twistdpp/http/target.h"

#include "twistdpp/base/buffer.h"
#include "twistdpp/base/bytes.h"

#include <cstdint>

namespace twistdpp::http {

/// The head of one request, checked: what RequestParser makes. Everything in it is borrowed from the bytes
/// that were parsed, so it lives as long as they do (in a server: until dataReceived returns); keptIn() makes
/// one that lasts.
class RequestHead {
public:
    Method method() const noexcept { return method_; }
    /// The method as sent, for one that is Method::other.
    Bytes methodToken() const noexcept { return methodSpan_.in(base_); }
    /// The request-target as sent: a good key for a cache of ready answers. Only visible ASCII.
    Bytes target() const noexcept { return targetSpan_.in(base_); }
    TargetForm form() const noexcept { return form_; }
    /// The target taken to pieces (the parser has checked that it can be).
    Target splitTarget() const noexcept { return *http::splitTarget(method_, target()); }
    /// Whom the request is for: the target's authority if it names one, else Host. Empty when neither does.
    /// parseAuthority() accepts it.
    Bytes authority() const noexcept { return authoritySpan_.in(base_); }
    /// x of HTTP/1.x: 0, or 1 for every later one.
    int minorVersion() const noexcept { return minor_; }

    const HeaderBlock& headers() const noexcept { return headers_; }
    BodyKind body() const noexcept { return framing_.body; }
    /// Of BodyKind::length: how many bytes of body follow. Else 0.
    std::uint64_t contentLength() const noexcept { return framing_.contentLength; }
    /// Whether the client wants the connection to stay. After an error, or a body left unread, close all the
    /// same.
    bool keepAlive() const noexcept { return keepAlive_; }
    /// Whether the client waits for "100 Continue" before it sends the body. Send it when the body is wanted,
    /// unless some of the body is there already; a final status may come without it.
    bool expectContinue() const noexcept { return expectContinue_; }
    /// Whether Connection names Upgrade and there is an Upgrade field.
    bool wantsUpgrade() const noexcept { return upgrade_; }

    /// All bytes of the head, the blank line included.
    Bytes raw() const noexcept { return {base_ + methodSpan_.at, size_ - methodSpan_.at}; }
    /// A copy that borrows from `storage`, into which the bytes are copied (one allocation, and one for the
    /// fields).
    RequestHead keptIn(Buffer& storage) const {
        storage = Buffer(Bytes(base_, size_));
        RequestHead kept = *this;
        kept.rebase(storage.data());
        return kept;
    }
    /// Tells where the head's bytes are now.
    void rebase(const char* base) noexcept {
        base_ = base;
        headers_.rebase(base);
    }

private:
    friend class RequestParser;

    const char* base_ = nullptr;
    std::uint32_t size_ = 0;
    Method method_ = Method::other;
    TargetForm form_ = TargetForm::origin;
    std::uint8_t minor_ = 1;
    bool keepAlive_ = true;
    bool expectContinue_ = false;
    bool upgrade_ = false;
    Span methodSpan_;
    Span targetSpan_;
    Span authoritySpan_;
    Framing framing_;
    HeaderBlock headers_;
};

} // namespace twistdpp::http
