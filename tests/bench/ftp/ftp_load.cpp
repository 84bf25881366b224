// A client of FTP that is in a hurry, logged in as the anonymous, by one session at a time but for logins.
//
//   ftp_load retr PORT NAME [tls]        fetches a file and counts its bytes
//   ftp_load stor PORT NAME MIB [tls]    stores one of 64 MiB over and over, so many MiB, and removes it
//   ftp_load small PORT COUNT            fetches f0 to f99 again and again, by one session
//   ftp_load logins PORT COUNT           logs in and out, so often, sixteen at a time
//   ftp_load idle PORT COUNT             logs so many in, says so, and stays until its input ends
//
// The result is one line of JSON: what was done, and the seconds that it took from the first command on (of
// logins: from the first connection on). Data connections are passive, and with TLS they resume the session.
#include <arpa/inet.h>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <string>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace {

constexpr std::uint64_t kPiece = 64; // MiB

using Clock = std::chrono::steady_clock;

[[noreturn]] void fail(const std::string& why) {
    std::fprintf(stderr, "ftp_load: %s\n", why.c_str());
    std::exit(1);
}

SSL_CTX* context() {
    static SSL_CTX* const made = [] {
        SSL_CTX* const out = SSL_CTX_new(TLS_client_method());
        SSL_CTX_set_session_cache_mode(out, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
        return out;
    }();
    return made;
}

class Connection {
public:
    explicit Connection(int port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(static_cast<std::uint16_t>(port));
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const int one = 1;
        ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        if (::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0)
            fail(std::string("connect: ") + std::strerror(errno));
    }
    ~Connection() {
        if (ssl_)
            SSL_free(ssl_);
        ::close(fd_);
    }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    void secure(SSL_SESSION* resumes) {
        ssl_ = SSL_new(context());
        SSL_set_fd(ssl_, fd_);
        if (resumes)
            SSL_set_session(ssl_, resumes);
        if (SSL_connect(ssl_) != 1)
            fail("no TLS");
        if (resumes && !SSL_session_reused(ssl_))
            fail("the session is not resumed");
    }
    /// To be freed; with the newest ticket that has come.
    SSL_SESSION* session() const { return SSL_SESSION_dup(SSL_get_session(ssl_)); }
    void send(const char* data, std::size_t size) {
        while (size > 0) {
            const auto sent =
                ssl_ ? SSL_write(ssl_, data, static_cast<int>(size)) : ::send(fd_, data, size, MSG_NOSIGNAL);
            if (sent <= 0)
                fail("the server does not take it");
            data += sent;
            size -= static_cast<std::size_t>(sent);
        }
    }
    std::size_t read(char* to, std::size_t size) {
        const auto got = ssl_ ? SSL_read(ssl_, to, static_cast<int>(size)) : ::recv(fd_, to, size, 0);
        return got > 0 ? static_cast<std::size_t>(got) : 0;
    }
    /// At once: a server that says two things one behind the other waits for it with the second (Nagle).
    void acknowledge() {
        const int one = 1;
        ::setsockopt(fd_, IPPROTO_TCP, TCP_QUICKACK, &one, sizeof one);
    }
    /// Says that no more comes, and waits until the server has closed: unread bytes of its, were it only a
    /// ticket, would make a reset of the end, and that loses what it has not read.
    void goodbye() {
        if (ssl_)
            SSL_shutdown(ssl_);
        ::shutdown(fd_, SHUT_WR);
        char rest[4096];
        while (read(rest, sizeof rest) > 0) {
        }
    }

private:
    int fd_;
    SSL* ssl_ = nullptr;
};

class Session {
public:
    Session(int port, bool tls) : control_(port), tls_(tls) {
        answer();
        if (tls) {
            ask("AUTH TLS");
            control_.secure(nullptr);
        }
        ask("USER anonymous");
        ask("PASS x");
        if (tls) {
            ask("PBSZ 0");
            ask("PROT P");
        }
        ask("TYPE I");
    }
    std::string ask(const std::string& command) {
        const std::string line = command + "\r\n";
        control_.send(line.data(), line.size());
        return answer();
    }
    std::string answer() {
        while (true) {
            std::size_t end = 0;
            while ((end = in_.find("\r\n")) == std::string::npos) {
                char block[4096];
                const std::size_t got = control_.read(block, sizeof block);
                control_.acknowledge();
                if (got == 0)
                    fail("the server has closed");
                in_.append(block, got);
            }
            const std::string line = in_.substr(0, end);
            in_.erase(0, end + 2);
            if (line.size() < 4 || line[3] != ' ' || line[0] < '1' || line[0] > '5')
                continue;
            if (line[0] > '3')
                fail("it said " + line);
            return line;
        }
    }
    std::unique_ptr<Connection> data(const std::string& command) {
        const std::string where = ask("EPSV");
        auto out = std::make_unique<Connection>(std::atoi(where.c_str() + where.find("|||") + 3));
        ask(command);
        if (tls_) {
            SSL_SESSION* const session = session_ ? session_ : control_.session();
            out->secure(session);
            SSL_SESSION_free(session);
            session_ = nullptr;
        }
        return out;
    }
    /// Some servers take a ticket once, and give the next one on the data connection; others on the control
    /// connection.
    void ended(const Connection& data) {
        SSL_SESSION* const next = tls_ ? data.session() : nullptr;
        if (next && SSL_SESSION_is_resumable(next))
            session_ = next;
        else
            SSL_SESSION_free(next);
    }
    std::uint64_t fetch(const std::string& name) {
        static std::vector<char> block(1 << 20);
        std::uint64_t bytes = 0;
        {
            const auto from = data("RETR " + name);
            while (const std::size_t got = from->read(block.data(), block.size()))
                bytes += got;
            ended(*from);
        } // a server may wait for this with its answer
        answer();
        return bytes;
    }
    void store(const std::string& name, std::uint64_t mib) {
        const std::vector<char> block(1 << 20, 'x');
        {
            const auto to = data("STOR " + name);
            for (std::uint64_t i = 0; i < mib; ++i)
                to->send(block.data(), block.size());
            to->goodbye();
            ended(*to);
        }
        answer();
    }

private:
    Connection control_;
    bool tls_;
    SSL_SESSION* session_ = nullptr;
    std::string in_;
};

/// Logins of many at a time: each says the next thing when its answer is there.
class Crowd {
public:
    Crowd(int port, std::uint64_t count) : port_(port), left_(count) {}
    std::uint64_t run() {
        while (all_.size() < 16 && left_ > 0)
            arrive();
        while (!all_.empty()) {
            std::vector<pollfd> wanted;
            for (const Guest& each : all_)
                wanted.push_back({each.fd, POLLIN, 0});
            ::poll(wanted.data(), wanted.size(), -1);
            for (std::size_t i = wanted.size(); i-- > 0;) {
                if (wanted[i].revents != 0 && !hear(all_[i])) {
                    ::close(all_[i].fd);
                    all_[i] = all_.back();
                    all_.pop_back();
                    ++done_;
                    if (left_ > 0)
                        arrive();
                }
            }
        }
        return done_;
    }

private:
    struct Guest {
        int fd;
        std::size_t said;
    };
    void arrive() {
        --left_;
        const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(static_cast<std::uint16_t>(port_));
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0)
            fail(std::string("connect: ") + std::strerror(errno));
        all_.push_back({fd, 0});
    }
    /// False: it has left. All answers are one line, and short.
    static bool hear(Guest& guest) {
        static constexpr const char* kAnswers[] = {"220", "331", "230", "200", "221"};
        static constexpr const char* kSays[] = {"USER anonymous\r\n", "PASS x\r\n", "TYPE I\r\n", "QUIT\r\n"};
        char block[4096];
        const ssize_t got = ::recv(guest.fd, block, sizeof block, 0);
        if (guest.said >= 5)
            return false; // the server has closed
        const bool whole = got > 3 && block[got - 1] == '\n' && block[3] == ' ';
        if (!whole || std::strncmp(block, kAnswers[guest.said], 3) != 0)
            fail("not logged in: " + std::string(block, got > 0 ? static_cast<std::size_t>(got) : 0));
        if (guest.said < 4)
            ::send(guest.fd, kSays[guest.said], std::strlen(kSays[guest.said]), MSG_NOSIGNAL);
        ++guest.said;
        return true;
    }

    int port_;
    std::uint64_t left_;
    std::uint64_t done_ = 0;
    std::vector<Guest> all_;
};

} // namespace

int main(int argc, char** argv) {
    if (argc < 4)
        fail("say: ftp_load retr|stor|small|logins|idle PORT ...");
    const std::string what = argv[1];
    const int port = std::atoi(argv[2]);
    const bool tls = std::string(argv[argc - 1]) == "tls";
    const auto count = static_cast<std::uint64_t>(std::atoll(what == "stor" ? argv[4] : argv[3]));
    std::uint64_t done = 0;
    Clock::time_point begin = Clock::now();
    if (what == "logins") {
        done = Crowd(port, count).run();
    } else if (what == "idle") {
        const rlimit many{20'000, 20'000};
        ::setrlimit(RLIMIT_NOFILE, &many);
        std::vector<std::unique_ptr<Session>> all;
        for (; done < count; ++done)
            all.push_back(std::make_unique<Session>(port, false));
        std::printf("{\"done\": %llu}\n", static_cast<unsigned long long>(done));
        std::fflush(stdout);
        while (std::getchar() != EOF) {
        }
        return 0;
    } else {
        Session session(port, tls);
        begin = Clock::now();
        if (what == "retr") {
            done = session.fetch(argv[3]);
        } else if (what == "stor") {
            // One large file would measure how a virtual machine is given fresh memory.
            for (; done < count << 20U; done += kPiece << 20U)
                session.store(argv[3], kPiece);
        } else {
            for (; done < count; ++done) {
                if (session.fetch("f" + std::to_string(done % 100)) != 1024)
                    fail("a file is not whole");
            }
        }
        const std::chrono::duration<double> took = Clock::now() - begin;
        if (what == "stor")
            session.ask(std::string("DELE ") + argv[3]);
        std::printf(
            "{\"done\": %llu, \"seconds\": %.6f}\n", static_cast<unsigned long long>(done), took.count()
        );
        return 0;
    }
    const std::chrono::duration<double> took = Clock::now() - begin;
    std::printf("{\"done\": %llu, \"seconds\": %.6f}\n", static_cast<unsigned long long>(done), took.count());
    return 0;
}
