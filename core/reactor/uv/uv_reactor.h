#pragma once
#include "twistdpp/posix/posix_reactor.h"

#include <memory>

namespace twistdpp {

class ThreadPool;

namespace uv {

class UvPoller;

/// The real reactor: sockets of ../posix over a libuv loop, and what libuv has beside them. makeReactor("uv")
/// makes one.
class UvReactor final : public PosixReactor {
public:
    UvReactor();
    ~UvReactor() override;

    Deferred<std::vector<Address>> resolveBySystem(std::string host, Family family) override;
    Deferred<void> runInThread(Pool pool, UniqueFunction<void()> f) override;
    Result<Watch> onSignal(int signal, UniqueFunction<void()> f) override;
    Result<Watch> watchFile(const std::string& path, UniqueFunction<void()> f) override;

    UvPoller& loop() noexcept { return *uv_; }

private:
    UvPoller* uv_;
    std::unique_ptr<ThreadPool> io_;
    std::unique_ptr<ThreadPool> cpu_;
};

Deferred<std::vector<Address>> lookUp(UvReactor& reactor, std::string host, Family family);
Result<Watch> watchSignal(UvReactor& reactor, int signal, UniqueFunction<void()> f);
Result<Watch> watchPath(UvReactor& reactor, const std::string& path, UniqueFunction<void()> f);

} // namespace uv
} // namespace twistdpp
