#pragma once
#include "twistdpp/files/upload.h"
#include "twistdpp/ftp/command_reader.h"
#include "twistdpp/ftp/listing.h"
#include "twistdpp/ftp/reply.h"
#include "twistdpp/ftp_data/data_channel.h"
#include "twistdpp/ftp_server/incoming_file.h"
#include "twistdpp/ftp_server/server_options.h"
#include "twistdpp/ftp_server/visitors.h"

#include "twistdpp/app/drainable.h"
#include "twistdpp/app/logger.h"
#include "twistdpp/net/token_bucket.h"
#include "twistdpp/reactor/reactor.h"
#include "twistdpp/reactor/timer.h"
#include "twistdpp/tls/tls_transport.h"

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace twistdpp::ftp {

/// The control connection of FTP (RFC 959, 1123, 2228, 2389, 2428, 2577, 2640, 3659, 4217). Commands are done
/// one after the other, as they come; ABOR and STAT while files go over. Owned by its transport.
class FtpServer final : public Protocol, public Drainable, public HandshakeListener {
public:
    FtpServer(std::shared_ptr<const ServerOptions> options, std::shared_ptr<Visitors> visitors, Logger log);
    ~FtpServer() override;

    void drain() override;
    void abort() override;

private:
    enum class Needs : std::uint8_t { nothing, login, writing };
    struct Verb {
        Bytes name;
        Deferred<void> (FtpServer::*run)(std::string argument);
        Needs needs;
        Bytes help; // what stands behind the name
    };
    static const std::vector<Verb>& verbs();

    void connectionMade() override;
    void dataReceived(Bytes data) override;
    void connectionLost(const Failure& reason) override;
    void handshakeCompleted(const TlsInfo& info) override;

    // How commands come and are done.
    /// Nothing: one that was too long.
    void lineReceived(std::optional<std::string> line);
    void next();
    Deferred<void> execute(std::optional<std::string> line);
    Deferred<void> perform(const Verb& verb, std::string argument);
    void say(const Reply& reply);
    void say(int code, std::string text) { say(Reply(code, std::move(text))); }
    /// Goes out with what is said next, or by itself when nothing is in this turn.
    void saySoon(const Reply& reply);
    void sayLast(const Reply& reply);
    void timedOut();
    void startClock(Duration limit);

    // The session.
    Deferred<void> user(std::string argument);
    Deferred<void> pass(std::string argument);
    Deferred<void> acct(std::string argument);
    Deferred<void> rein(std::string argument);
    Deferred<void> quit(std::string argument);
    Deferred<void> auth(std::string argument);
    Deferred<void> pbsz(std::string argument);
    Deferred<void> prot(std::string argument);
    Deferred<void> ccc(std::string argument);
    Deferred<void> feat(std::string argument);
    Deferred<void> opts(std::string argument);
    Deferred<void> help(std::string argument);
    Deferred<void> noop(std::string argument);
    Deferred<void> syst(std::string argument);
    Deferred<void> stat(std::string argument);
    Deferred<void> type(std::string argument);
    Deferred<void> mode(std::string argument);
    Deferred<void> stru(std::string argument);
    Deferred<void> allo(std::string argument);
    Deferred<void> logIn(const AvatarId* who, std::string name);
    void forgetUser();

    // Files and folders.
    Deferred<void> pwd(std::string argument);
    Deferred<void> cwd(std::string argument);
    Deferred<void> cdup(std::string argument);
    Deferred<void> mkd(std::string argument);
    Deferred<void> rmd(std::string argument);
    Deferred<void> dele(std::string argument);
    Deferred<void> rnfr(std::string argument);
    Deferred<void> rnto(std::string argument);
    Deferred<void> size(std::string argument);
    Deferred<void> mdtm(std::string argument);
    Deferred<void> mfmt(std::string argument);
    Deferred<void> mlst(std::string argument);
    Deferred<void> hash(std::string argument);
    Deferred<void> site(std::string argument);

    // Data connections and what goes over them.
    Deferred<void> pasv(std::string argument);
    Deferred<void> epsv(std::string argument);
    Deferred<void> port(std::string argument);
    Deferred<void> eprt(std::string argument);
    Deferred<void> rest(std::string argument);
    Deferred<void> abor(std::string argument);
    Deferred<void> list(std::string argument);
    Deferred<void> nlst(std::string argument);
    Deferred<void> mlsd(std::string argument);
    Deferred<void> retr(std::string argument);
    Deferred<void> stor(std::string argument);
    Deferred<void> appe(std::string argument);
    Deferred<void> stou(std::string argument);

    /// What goes over at the moment.
    struct Transfer {
        std::string what; // for STAT
        std::uint64_t bytes = 0;
        TimePoint begun;
        std::uint64_t seen = 0;         // bytes that had gone over when it was looked at last
        std::shared_ptr<DataLink> link; // nullptr before the connection is there
    };
    void passive(bool extended);
    void target(const Address& there);
    std::uint64_t gone() const; // bytes of the transfer
    /// `brief`: all of it is at hand, so that what is said of its end may come along with the beginning.
    Deferred<std::shared_ptr<DataLink>> openData(std::string what, bool brief = false);
    bool ownSession(const Transport& data) const;
    struct Taken {
        std::optional<Failure> broken; // why the data connection ended before its time
    };
    Deferred<Taken> takeAll(std::shared_ptr<DataLink> link, std::shared_ptr<IncomingFile> file);
    Deferred<Taken> takeBlocks(std::shared_ptr<DataLink> link, std::shared_ptr<IncomingFile> file);
    Deferred<void> sendText(std::string what, std::string text);
    /// What LIST and NLST tell, a line for each file.
    using LineOf = std::string (*)(const files::FileEntry&);
    Deferred<void> sendList(std::string argument, std::string what, LineOf lineOf);
    Deferred<void> receive(std::string path, std::unique_ptr<files::Upload> upload, bool digests);
    Deferred<void> pace(std::size_t bytes);
    void endTransfer(const Outcome<void>& end);
    Deferred<std::uint64_t> roomFor(std::string path);
    std::string transferText() const;

    /// The whole path of an argument. Throws FtpError.
    std::string pathOf(const std::string& argument) const;
    const std::shared_ptr<const files::FileTree>& tree() const { return home_->tree; }
    bool needsTls() const noexcept { return options_->requireTls && !encrypted_; }

    std::shared_ptr<const ServerOptions> options_;
    std::shared_ptr<Visitors> visitors_;
    Logger log_;
    CommandReader reader_;
    std::deque<std::optional<std::string>> queue_; // commands that have come and are not done yet
    std::optional<Deferred<void>> running_;
    bool looping_ = false;
    bool paused_ = false;
    bool draining_ = false;
    std::optional<TimerNode> clock_;
    Duration limit_{};
    std::string held_; // of saySoon()
    Timer sayingHeld_;
    std::size_t errors_ = 0;
    Visitors::Place place_, userPlace_;

    // RFC 4217: TLS on this connection, and on those for data.
    bool encrypted_ = false;
    bool protectData_ = false;
    bool bufferSaid_ = false; // PBSZ

    std::string name_; // between USER and PASS, and after
    std::optional<Home> home_;
    std::string folder_ = "/";
    bool text_ = true; // TYPE A, which is RFC 959's default
    unsigned facts_ = Fact::type | Fact::size | Fact::modify | Fact::perm | Fact::unique | Fact::unixMode;
    std::uint64_t restart_ = 0;
    std::string renaming_;      // of RNFR
    bool extendedOnly_ = false; // EPSV ALL
    bool digests_ = false;      // OPTS HASH: of what comes
    /// The SHA-256 of the file that came last, as long as it is the same.
    struct Known {
        std::string path, digest;
        files::FileInfo info;
    };
    std::optional<Known> known_;
    std::unique_ptr<DataChannel> data_;
    std::optional<Transfer> transfer_;
    bool abortWanted_ = false; // ABOR waits for the present command's end
    std::optional<TokenBucket> bucket_;
};

} // namespace twistdpp::ftp
