#include "twistdpp/ftp_server/incoming_file.h"

#include "twistdpp/ftp_server/pool_work.h"

#include "twistdpp/base/hex.h"
#include "twistdpp/cred/sha256.h"

#include <algorithm>
#include <cerrno>
#include <mutex>
#include <poll.h>
#include <sys/socket.h>
#include <utility>

namespace twistdpp::ftp {

struct IncomingFile::Shared {
    std::mutex lock; // a write that nobody waits for any more may still be at work
    std::unique_ptr<files::Upload> upload;
    bool done = false;
    std::optional<Sha256> sum;
    std::string digest;
};

namespace {

constexpr std::size_t kBlock = 256 * 1024; // fits into a processor's cache
constexpr int kPatience = 1;               // milliseconds

template <class Write>
Result<void> drain(const RawSocket& socket, std::uint64_t most, IncomingFile::Received& got, Write write) {
    static thread_local const std::unique_ptr<char[]> block(new char[kBlock]);
    std::uint64_t waitedAt = 0;
    while (got.bytes < most) {
        const auto room = static_cast<std::size_t>(std::min<std::uint64_t>(kBlock, most - got.bytes));
        const ssize_t came = ::recv(socket.fd(), block.get(), room, 0);
        if (came < 0 && errno == EINTR)
            continue;
        if (came < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            // Whoever is so fast goes on in no time, before another thread could have been told to wait.
            pollfd more{socket.fd(), POLLIN, 0};
            if (got.bytes - waitedAt < kBlock || ::poll(&more, 1, kPatience) != 1)
                break;
            waitedAt = got.bytes;
            continue;
        }
        if (came <= 0) {
            // What we have cut ourselves looks like the peer's end.
            got.error = came < 0 ? errno : socket.aborted() ? ECONNABORTED : 0;
            got.ended = got.error == 0;
            break;
        }
        got.bytes += static_cast<std::uint64_t>(came);
        if (auto written = write(Bytes(block.get(), static_cast<std::size_t>(came))); !written)
            return written;
    }
    return {};
}

} // namespace

IncomingFile::IncomingFile(Reactor& reactor, std::unique_ptr<files::Upload> upload, bool digests)
    : reactor_(reactor), shared_(std::make_shared<Shared>()) {
    shared_->upload = std::move(upload);
    if (digests)
        shared_->sum.emplace();
}

IncomingFile::~IncomingFile() {
    reactor_
        .runInThread(
            Pool::io,
            [shared = std::move(shared_)] {
                const std::lock_guard hold(shared->lock);
                if (!shared->done && shared->upload)
                    shared->upload->keepHalf();
                shared->upload.reset();
            }
        )
        .detach();
}

Deferred<void> IncomingFile::work(std::function<Result<void>(files::Upload&)> what) {
    return onPool<bool>(
               reactor_,
               [shared = shared_, what = std::move(what)]() -> Result<bool> {
                   const std::lock_guard hold(shared->lock);
                   if (auto done = what(*shared->upload); !done) {
                       shared->upload.reset(); // and with it what has come
                       shared->done = true;
                       return std::move(done).error();
                   }
                   return true;
               }
    ).addCallback([](bool) {});
}

Deferred<void> IncomingFile::write(std::string block) {
    return work([shared = shared_, block = std::move(block)](files::Upload& upload) {
        if (shared->sum)
            shared->sum->add(block);
        return upload.write(block);
    });
}

Deferred<IncomingFile::Received>
IncomingFile::receive(std::shared_ptr<RawSocket> socket, std::uint64_t most) {
    const auto got = std::make_shared<Received>();
    return work([shared = shared_, socket = std::move(socket), most, got](files::Upload& upload) {
               return drain(*socket, most, *got, [&](Bytes block) {
                   if (shared->sum)
                       shared->sum->add(block);
                   return upload.write(block);
               });
           }
    ).addCallback([got] { return *got; });
}

Deferred<void> IncomingFile::finish() {
    return work([shared = shared_](files::Upload& upload) {
        auto done = upload.finish();
        if (shared->sum && done)
            shared->digest = toHex(shared->sum->finish());
        shared->done = true;
        return done;
    });
}

const std::string& IncomingFile::digest() const noexcept {
    return shared_->digest;
}

Deferred<void> IncomingFile::keepHalf() {
    return work([shared = shared_](files::Upload& upload) -> Result<void> {
        upload.keepHalf();
        shared->done = true;
        return {};
    });
}

Deferred<std::unique_ptr<files::Upload>> beginUpload(
    Reactor& reactor, std::shared_ptr<const files::FileTree> tree, std::string path,
    std::optional<std::uint64_t> offset, files::UploadOptions how
) {
    return onPool<std::unique_ptr<files::Upload>>(
        reactor,
        [tree = std::move(tree), path = std::move(path), offset,
         how]() -> Result<std::unique_ptr<files::Upload>> {
            return offset ? files::Upload::resume(tree, path, *offset, how)
                          : files::Upload::create(tree, path, how);
        }
    );
}

} // namespace twistdpp::ftp
