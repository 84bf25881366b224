#pragma once
#include "twistdpp/files/upload.h"
#include "twistdpp/ftp_data/raw_socket.h"

#include "twistdpp/defer/deferred.h"
#include "twistdpp/reactor/reactor.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace twistdpp::ftp {

/// An upload by the hands of the pool. What breaks off with the session, which is the end of this object
/// before it was finished, is kept as half of a file where that can be (files::Upload::keepHalf). Fails with
/// FtpError.
class IncomingFile {
public:
    /// `digests`: its SHA-256 is computed while it comes.
    IncomingFile(Reactor& reactor, std::unique_ptr<files::Upload> upload, bool digests);
    ~IncomingFile();
    IncomingFile(const IncomingFile&) = delete;
    IncomingFile& operator=(const IncomingFile&) = delete;

    Deferred<void> write(std::string block);
    /// What one call of receive() has brought.
    struct Received {
        std::uint64_t bytes = 0;
        bool ended = false; // the peer has sent all
        int error = 0;      // of the socket
    };
    /// Reads the socket as long as there is something, `most` bytes at most, and writes that.
    Deferred<Received> receive(std::shared_ptr<RawSocket> socket, std::uint64_t most);
    Deferred<void> finish();
    Deferred<void> keepHalf();
    /// After finish(): in hexadecimal; empty when that was not asked for.
    const std::string& digest() const noexcept;

private:
    struct Shared;
    Deferred<void> work(std::function<Result<void>(files::Upload&)> what);

    Reactor& reactor_;
    std::shared_ptr<Shared> shared_;
};

/// Begins one on the pool. `offset`: where it goes on (files::Upload::resume); nothing: it is a new one.
Deferred<std::unique_ptr<files::Upload>> beginUpload(
    Reactor& reactor, std::shared_ptr<const files::FileTree> tree, std::string path,
    std::optional<std::uint64_t> offset, files::UploadOptions how
);

} // namespace twistdpp::ftp
