// A client of FTP that is in a hurry, one session at a time, logged in as the anonymous.
//
//   ftp_load retr PORT NAME [tls]        fetches a file and counts its bytes
//   ftp_load stor PORT NAME MIB [tls]    stores one of so many MiB, and removes it
//   ftp_load small PORT COUNT            fetches f0 to f99 again and again, by one session
//   ftp_load logins PORT COUNT           logs in and out, so often
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
#include <string>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace {

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

    void secure(SSL* resumes) {
        ssl_ = SSL_new(context());
        SSL_set_fd(ssl_, fd_);
        if (resumes)
            SSL_set_session(ssl_, SSL_get1_session(resumes));
        if (SSL_connect(ssl_) != 1)
            fail("no TLS");
        if (resumes && !SSL_session_reused(ssl_))
            fail("the session is not resumed");
    }
    SSL* ssl() const { return ssl_; }
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
        while (::recv(fd_, rest, sizeof rest, 0) > 0) {
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
        if (tls_)
            out->secure(control_.ssl());
        return out;
    }
    std::uint64_t fetch(const std::string& name) {
        static std::vector<char> block(1 << 20);
        std::uint64_t bytes = 0;
        {
            const auto from = data("RETR " + name);
            while (const std::size_t got = from->read(block.data(), block.size()))
                bytes += got;
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
        }
        answer();
    }

private:
    Connection control_;
    bool tls_;
    std::string in_;
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
        for (; done < count; ++done)
            Session(port, false).ask("QUIT");
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
            session.store(argv[3], count);
            done = count << 20U;
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
