#include "twistdpp/uv/uv_reactor.h"

#include "twistdpp/uv/thread_pool.h"
#include "twistdpp/uv/uv_poller.h"

namespace twistdpp {

namespace uv {

namespace {

Result<std::unique_ptr<Reactor>> make(std::string_view arguments) {
    if (!arguments.empty())
        return Error("reactor 'uv' takes no arguments, but got '" + std::string(arguments) + "'");
    return std::unique_ptr<Reactor>(std::make_unique<UvReactor>());
}

const Registry<ReactorMaker>::Entry entry({"uv", "libuv's loop with our own sockets (the default)", &make});

} // namespace

UvReactor::UvReactor() {
    auto poller = std::make_unique<UvPoller>(static_cast<Poller::Turn&>(*this));
    uv_ = poller.get();
    setPoller(std::move(poller));
}

UvReactor::~UvReactor() {
    installResolver(nullptr);
    // Threads first: what they still have to say comes by callFromThread, which must be there.
    io_.reset();
    cpu_.reset();
    endAll();
}

Deferred<void> UvReactor::runInThread(Pool pool, UniqueFunction<void()> f) {
    std::unique_ptr<ThreadPool>& threads = pool == Pool::io ? io_ : cpu_;
    if (!threads)
        threads = std::make_unique<ThreadPool>(*this, pool == Pool::io ? 4 : 2);
    return threads->run(std::move(f));
}

Deferred<std::vector<Address>> UvReactor::resolveBySystem(std::string host, Family family) {
    return lookUp(*this, std::move(host), family);
}

Result<Watch> UvReactor::onSignal(int signal, UniqueFunction<void()> f) {
    return watchSignal(*this, signal, std::move(f));
}

Result<Watch> UvReactor::watchFile(const std::string& path, UniqueFunction<void()> f) {
    return watchPath(*this, path, std::move(f));
}

} // namespace uv

} // namespace twistdpp
