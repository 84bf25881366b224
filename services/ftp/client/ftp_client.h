#pragma once
#include "twistdpp/ftp/listing.h"
#include "twistdpp/ftp/reply.h"

#include "twistdpp/base/time.h"
#include "twistdpp/defer/deferred.h"
#include "twistdpp/reactor/context_factory.h"
#include "twistdpp/reactor/reactor.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace twistdpp::ftp {

/// How a client goes about it.
struct FTPClientOptions {
    FTPClientOptions() = default;
    std::string user = "anonymous";
    std::string password = "twistdpp@";
    bool passive = true;                        // false: the server connects to us for data
    std::shared_ptr<const ContextFactory> tls;  // AUTH TLS, and data by TLS; nullptr: in clear
    Duration timeout = std::chrono::minutes(1); // for an answer, and for a connection
};

/// A client of FTP, with Twisted's calls. What is asked for is done one after the other. Whatever fails,
/// fails with an FtpError, whose reply is the server's, or with the end of the connection. Belongs to its
/// reactor's thread; what is under way goes on without it.
///
///     FTPClient client = co_await FTPClient::connect(reactor, "ftp.example.org", 21);
///     for (const ListedFile& each : co_await client.list("pub"))
///         std::cout << each.name << "\n";
class FTPClient {
public:
    /// Connects and logs in.
    static Deferred<FTPClient> connect(
        Reactor& reactor, std::string host, std::uint16_t port = 21,
        FTPClientOptions options = FTPClientOptions()
    );

    /// What is in a folder, or a file: by MLSD where the server has it, else by LIST.
    Deferred<std::vector<ListedFile>> list(std::string path = {});
    /// Names alone.
    Deferred<std::vector<std::string>> nlst(std::string path = {});

    /// Is given a file piece by piece; the next one comes when what it returns has fired.
    using Sink = std::function<Deferred<void>(std::string piece)>;
    /// From byte `offset` on.
    Deferred<void> retrieve(std::string path, Sink sink, std::uint64_t offset = 0);
    /// All of it. Fails with an FtpError of code 552 above `most` bytes.
    Deferred<std::string> retrieve(std::string path, std::size_t most = std::size_t{64} << 20U);

    /// Gives the next piece of a file; empty at its end.
    using Source = std::function<Deferred<std::string>()>;
    /// From byte `offset` of the file on, where the server has the bytes before it.
    Deferred<void> store(std::string path, Source source, std::uint64_t offset = 0);
    Deferred<void> store(std::string path, std::string content);
    /// At the end of a file.
    Deferred<void> append(std::string path, Source source);

    Deferred<void> rename(std::string from, std::string to);
    /// Gives the whole path of the new folder, as the server tells it.
    Deferred<std::string> makeDirectory(std::string path);
    Deferred<void> removeFile(std::string path);
    Deferred<void> removeDirectory(std::string path);
    /// The folder that paths are seen from.
    Deferred<std::string> getDirectory();
    Deferred<void> changeDirectory(std::string path);
    Deferred<void> cdup();
    Deferred<std::uint64_t> size(std::string path);
    /// Seconds of Unix.
    Deferred<std::int64_t> modified(std::string path);

    /// Any command of one line, and its answer; fails with an FtpError for one from 400 on.
    Deferred<Reply> queueStringCommand(std::string command);
    Deferred<void> quit();

    class State;
    explicit FTPClient(std::shared_ptr<State> state) : state_(std::move(state)) {}

private:
    std::shared_ptr<State> state_;
};

} // namespace twistdpp::ftp
