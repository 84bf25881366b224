#include "twistdpp/app/service.h"

#include "twistdpp/app/logger.h"
#include "twistdpp/app/service_error.h"

#include <optional>

namespace twistdpp {

namespace {

const Logger& log() {
    static const Logger logger("app.service");
    return logger;
}

/// A call that may also throw before it returns its Deferred.
template <class F>
Deferred<void> guarded(F f) {
    try {
        return f();
    } catch (const std::exception&) {
        return fail(Failure::current());
    }
}

std::string withBusy(const std::string& name, const std::string& busy) {
    return busy.empty() ? name : name + " (" + busy + ")";
}

} // namespace

Deferred<void> Service::reload(const ServiceConfig&, std::span<const std::string> changed) {
    if (changed.empty())
        return succeed();
    std::string names;
    for (const std::string& each : changed)
        names.append(names.empty() ? "" : ", ").append(each);
    return fail(ServiceError(names + " changed: this service takes that at its next start"));
}

MultiService::~MultiService() {
    // Latest first: a service may use those that were added before it.
    while (!children_.empty())
        children_.pop_back();
}

void MultiService::add(std::string name, std::unique_ptr<Service> service) {
    auto child = std::make_unique<Child>();
    child->name = std::move(name);
    child->service = std::move(service);
    children_.push_back(std::move(child));
}

Service* MultiService::named(std::string_view name) const noexcept {
    for (const auto& child : children_) {
        if (child->name == name)
            return child->service.get();
    }
    return nullptr;
}

Deferred<void> MultiService::privilegedStart() {
    return inOrder(&Service::privilegedStart, State::prepared);
}

Deferred<void> MultiService::start() {
    return inOrder(&Service::start, State::running);
}

Deferred<void> MultiService::inOrder(Phase phase, State reached) {
    for (std::size_t i = 0; i < children_.size(); ++i) {
        Child& child = *children_[i];
        auto outcome = co_await guarded([&] { return (child.service.get()->*phase)(); }).outcome();
        if (outcome.ok()) {
            child.state = reached;
            continue;
        }
        child.state = State::failed;
        const Drain rollback(rollbackLimit_);
        for (std::size_t j = children_.size(); j-- > 0;) {
            if (auto stopped = co_await stopChild(*children_[j], rollback).outcome(); !stopped.ok())
                log().error("{} failed to stop again: {}", children_[j]->name, stopped.failure().message());
        }
        Failure because = ServiceError::within(child.name, outcome.failure());
        co_return co_await fail(std::move(because));
    }
}

Deferred<void> MultiService::stopChild(Child& child, Drain drain) {
    if (child.state != State::prepared && child.state != State::running)
        return succeed();
    child.state = State::stopping;
    return guarded([&] { return child.service->stop(drain); }).addBoth([&child](Outcome<void> outcome) {
        child.state = outcome.ok() ? State::stopped : State::failed;
        return outcome;
    });
}

Deferred<void> MultiService::stop(Drain drain) {
    std::vector<std::pair<Child*, Deferred<void>>> stopping;
    for (std::size_t i = children_.size(); i-- > 0;)
        stopping.emplace_back(children_[i].get(), stopChild(*children_[i], drain));
    std::optional<Failure> first;
    for (auto& [child, stopped] : stopping) {
        auto outcome = co_await std::move(stopped).outcome();
        if (outcome.ok())
            continue;
        log().error("{} failed to stop: {}", child->name, outcome.failure().message());
        if (!first)
            first = ServiceError::within(child->name, outcome.failure());
    }
    if (first)
        co_return co_await fail(*first);
}

Deferred<void> MultiService::reload(const ServiceConfig& fresh, std::span<const std::string> changed) {
    std::optional<Failure> first;
    for (const auto& child : children_) {
        auto outcome = co_await guarded([&] { return child->service->reload(fresh, changed); }).outcome();
        if (!outcome.ok() && !first)
            first = ServiceError::within(child->name, outcome.failure());
    }
    if (first)
        co_return co_await fail(*first);
}

std::vector<std::string> MultiService::pending() const {
    std::vector<std::string> names;
    for (const auto& child : children_) {
        if (child->state == State::prepared || child->state == State::running ||
            child->state == State::stopping)
            names.push_back(withBusy(child->name, child->service->busyWith()));
    }
    return names;
}

std::string MultiService::busyWith() const {
    std::string all;
    for (const std::string& each : pending())
        all.append(all.empty() ? "" : ", ").append(each);
    return all;
}

} // namespace twistdpp
