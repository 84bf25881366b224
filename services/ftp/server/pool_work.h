#pragma once
#include "twistdpp/ftp/reply.h"

#include "twistdpp/base/result.h"
#include "twistdpp/reactor/reactor.h"

#include <functional>
#include <memory>
#include <optional>

namespace twistdpp::ftp {

/// What a client is told of a file operation that failed.
Reply replyTo(const Error& error);

/// Runs on the pool what gives a Result, whose error is an FtpError.
template <class T>
Deferred<T> onPool(Reactor& reactor, std::function<Result<T>()> work) {
    const auto done = std::make_shared<std::optional<Result<T>>>();
    return reactor.runInThread(
                      Pool::io, [done, work = std::move(work)] { done->emplace(work()); }
    ).addCallback([done] {
        Result<T>& result = **done;
        if (!result)
            throw FtpError(replyTo(result.error()));
        if constexpr (!std::is_void_v<T>)
            return *std::move(result);
    });
}

} // namespace twistdpp::ftp
