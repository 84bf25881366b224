#include "twistdpp/http/site.h"

#include "twistdpp/http/channel.h"
#include "twistdpp/http/target.h"
#include "twistdpp/http/tokens.h"

#include "twistdpp/reactor/errors.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <optional>
#include <utility>

namespace twistdpp::http {

namespace {
constexpr Duration kSweep = std::chrono::seconds(1);
}

Site::Site(Reactor& reactor, std::shared_ptr<Resource> root, const SiteLimits& limits)
    : reactor_(reactor), root_(std::move(root)), limits_(limits), parser_(limits.head),
      sweeper_(reactor.timers(), [this] { sweep(); }),
      lastCall_(reactor.timers(), [this] { endLastCall(); }) {}

Site::~Site() = default;

std::unique_ptr<Protocol> Site::buildProtocol(const Address&) {
    if (stopping_)
        return nullptr;
    ++connections_;
    if (!sweeper_.active())
        sweeper_.start(kSweep);
    return std::make_unique<Channel>(*this);
}

void Site::setLimits(const SiteLimits& limits) {
    limits_ = limits;
    parser_ = RequestParser(limits.head);
}

void Site::setServerName(std::string name) {
    serverName_ = isFieldValue(name) ? std::move(name) : std::string();
    commonFields_.clear();
}

bool Site::mayAddHeader(Bytes name, Bytes value) {
    static constexpr std::array kOurs{
        KnownHeader::contentLength,
        KnownHeader::transferEncoding,
        KnownHeader::connection,
        KnownHeader::keepAlive,
        KnownHeader::date,
        KnownHeader::trailer,
        KnownHeader::upgrade,
        KnownHeader::contentType,
        KnownHeader::contentEncoding,
        KnownHeader::contentRange,
        KnownHeader::etag,
        KnownHeader::lastModified,
        KnownHeader::location};
    return HeaderList().add(name, value) &&
           std::find(kOurs.begin(), kOurs.end(), knownHeader(name)) == kOurs.end();
}

void Site::setHeaders(std::vector<std::pair<std::string, std::string>> headers) {
    std::erase_if(headers, [](const auto& field) { return !mayAddHeader(field.first, field.second); });
    fixedHeaders_ = std::move(headers);
    commonFields_.clear();
}

void Site::refreshDate() noexcept {
    const TimePoint now = reactor_.now();
    if (unixNow_ != 0 && now - dateTime_ < std::chrono::milliseconds(500) && now >= dateTime_)
        return;
    const auto wall = std::chrono::system_clock::now().time_since_epoch();
    dateTime_ = now;
    const UnixSeconds seconds = std::chrono::duration_cast<std::chrono::seconds>(wall).count();
    if (seconds == unixNow_)
        return;
    unixNow_ = seconds;
    formatDate(seconds, date_);
    if (!commonFields_.empty())
        std::copy(date_.begin(), date_.end(), commonFields_.begin() + kDateOffset);
}

Bytes Site::commonFields() {
    refreshDate();
    if (commonFields_.empty()) {
        commonFields_.append("Date: ").append(date_.data(), date_.size()).append("\r\n");
        const bool named = std::any_of(fixedHeaders_.begin(), fixedHeaders_.end(), [](const auto& field) {
            return knownHeader(field.first) == KnownHeader::server;
        });
        if (!serverName_.empty() && !named)
            commonFields_.append("Server: ").append(serverName_).append("\r\n");
        for (const auto& [name, value] : fixedHeaders_)
            commonFields_.append(name).append(": ").append(value).append("\r\n");
    }
    return commonFields_;
}

RequestPtr Site::takeRequest() {
    if (spare_)
        return std::exchange(spare_, nullptr);
    return std::make_shared<Request>(*this);
}

void Site::giveBack(RequestPtr request) {
    // Only when nobody else kept it: then it serves the next request, without an allocation.
    if (request.use_count() == 1 && !spare_)
        spare_ = std::move(request);
}

// A resource must not die while it still works on an answer, even if another tree takes its tree's place.

void Site::dispatch(const RequestPtr& request) {
    auto resource = answerFrom(root_, request);
    // Where it is set, this one has passed the request on.
    if (!request->isFinished() && !request->resource_)
        request->resource_ = std::move(resource);
}

void Site::dispatchIn(std::shared_ptr<Resource> root, const RequestPtr& request) {
    auto resource = answerFrom(std::move(root), request);
    if (!request->isFinished())
        request->resource_ = std::move(resource);
}

std::shared_ptr<Resource> Site::answerFrom(std::shared_ptr<Resource> root, const RequestPtr& request) {
    try {
        return serve(std::move(root), request);
    } catch (const std::exception& error) {
        request->fail(error.what());
    } catch (...) {
        request->fail("a resource threw something that is no std::exception");
    }
    return nullptr;
}

/// Finds the resource and lets it answer; gives nullptr when there was none to ask.
std::shared_ptr<Resource> Site::serve(std::shared_ptr<Resource> at, const RequestPtr& request) {
    const TargetForm form = request->head().form();
    if (form == TargetForm::asterisk || form == TargetForm::authority) {
        request->decodePath();
        return nullptr;
    }
    if (!at->isLeaf() && !request->decodePath())
        return nullptr;
    const std::string& path = request->path();
    for (std::size_t offset = 1; !at->isLeaf() && offset <= path.size();) {
        const std::size_t end = std::min(path.find('/', offset), path.size());
        const Bytes segment = Bytes(path).substr(offset, end - offset);
        offset = end + 1;
        request->setPostpath(std::min(offset, path.size()));
        auto child = at->getChild(segment, *request);
        if (request->isFinished())
            return nullptr;
        if (!child) {
            // "/" is the root itself where it has no child for the empty name; so is a directory's own name.
            if (segment.empty() && offset > path.size())
                break;
            request->respondError(404);
            return nullptr;
        }
        at = std::move(child);
    }
    at->render(request);
    return at;
}

void Site::answered(Request& request, const Address& peer) {
    if (accessLog_)
        accessLog_(AccessRecord{request, peer, unixNow(), request.responseCode(), request.sent()});
}

void Site::enter(Channel& channel, Phase phase) {
    channel.unlink();
    channel.phase_ = phase;
    channel.since_ = reactor_.now();
    channel.waited_ = 0;
    channel.progress_ = 0;
    phases_[static_cast<std::size_t>(phase)].pushBack(channel);
    if (stopping_ && (phase == Phase::head || phase == Phase::idle) && !lastCall_.active())
        lastCall_.start(limits_.lastCall);
}

void Site::gone(Channel& channel) {
    channel.unlink();
    if (--connections_ > 0 || !stopping_)
        return;
    auto promises = std::move(whenEmpty_);
    for (Promise<void>& promise : promises)
        promise.callback();
}

void Site::sweep() {
    const TimePoint now = reactor_.now();
    const auto expire = [&](Phase phase, Duration limit) {
        // Oldest first: the list is in the order in which the phase was entered.
        auto& list = phases_[static_cast<std::size_t>(phase)];
        while (!list.empty() && now - list.front().since_ >= limit) {
            Channel& channel = list.front();
            channel.timeUp();
            if (channel.phase_ == phase)
                enter(channel, Phase::closing);
        }
    };
    expire(Phase::head, limits_.headTime);
    expire(Phase::idle, limits_.idleTime);
    // Gathered first: who is told may do something that moves other connections in the lists.
    std::vector<Channel*> stalled;
    for (const Phase phase : {Phase::active, Phase::closing}) {
        phases_[static_cast<std::size_t>(phase)].forEach([&](Channel& channel) {
            if (channel.stalled())
                stalled.push_back(&channel);
        });
    }
    for (Channel* channel : stalled)
        channel->timeUp();
    if (connections_ > 0)
        sweeper_.start(kSweep);
}

/// Connections that have waited long enough for a last request close.
void Site::endLastCall() {
    std::optional<TimePoint> next;
    for (const Phase phase : {Phase::head, Phase::idle}) {
        phases_[static_cast<std::size_t>(phase)].forEach([&](Channel& channel) {
            if (reactor_.now() - channel.since_ >= limits_.lastCall)
                channel.shutDown();
            else if (!next || channel.since_ < *next)
                next = channel.since_;
        });
    }
    if (next)
        lastCall_.start(*next + limits_.lastCall - reactor_.now());
}

Deferred<void> Site::stop() {
    stopping_ = true;
    if (connections_ == 0)
        return succeed();
    // What a client has sent by now must not meet a closed connection.
    for (auto& list : phases_)
        list.forEach([](Channel& channel) { channel.lastRequest(); });
    lastCall_.start(limits_.lastCall);
    return whenEmpty_.emplace_back().deferred();
}

void Site::abortAll() {
    for (auto& list : phases_)
        list.forEach([](Channel& channel) {
            channel.transport().abortConnection(ConnectionAborted("the server stops"));
        });
}

} // namespace twistdpp::http
