// A load generator of whole TLS handshakes: each connection is new, offers no session, asks for one file and
// is closed.
//     handshake_client PORT PATH THREADS SECONDS
// Prints "ANSWERS SECONDS". Anything but a 200 ends it with 1.
#include <arpa/inet.h>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <memory>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

class Socket {
public:
    explicit Socket(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in where{};
        where.sin_family = AF_INET;
        where.sin_port = htons(port);
        where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (::connect(fd_, reinterpret_cast<const sockaddr*>(&where), sizeof where) != 0)
            throw std::runtime_error("cannot connect to port " + std::to_string(port));
    }
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
    ~Socket() { ::close(fd_); }
    int fd() const { return fd_; }

private:
    int fd_;
};

struct Free {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};

[[noreturn]] void failed(const char* what) {
    char text[256] = "no reason";
    if (const auto code = ERR_get_error())
        ERR_error_string_n(code, text, sizeof text);
    throw std::runtime_error(std::string(what) + ": " + text);
}

void fetchOnce(SSL_CTX* context, std::uint16_t port, const std::string& request) {
    const Socket socket(port);
    const std::unique_ptr<SSL, Free> ssl(SSL_new(context));
    if (!ssl || SSL_set_fd(ssl.get(), socket.fd()) != 1 || SSL_connect(ssl.get()) != 1)
        failed("handshake");
    if (SSL_session_reused(ssl.get()))
        throw std::runtime_error("a session was resumed that was never offered");
    if (SSL_write(ssl.get(), request.data(), static_cast<int>(request.size())) <= 0)
        failed("cannot send");
    char block[16384];
    std::string head;
    for (int got = 0; (got = SSL_read(ssl.get(), block, sizeof block)) > 0;)
        if (head.size() < 16)
            head.append(block, static_cast<std::size_t>(got));
    if (!std::string_view(head).starts_with("HTTP/1.1 200 "))
        throw std::runtime_error("not a 200: " + head.substr(0, 100));
    SSL_shutdown(ssl.get());
    ERR_clear_error();
}

void run(std::uint16_t port, const std::string& path, unsigned threads, double seconds) {
    // A server that closes without close_notify must not end the run.
    std::signal(SIGPIPE, SIG_IGN);
    const std::unique_ptr<SSL_CTX, Free> context(SSL_CTX_new(TLS_client_method()));
    if (!context)
        failed("SSL_CTX_new");
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
    SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
    SSL_CTX_set_options(context.get(), SSL_OP_IGNORE_UNEXPECTED_EOF);
    const std::string request = "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) +
                                "\r\nConnection: close\r\n\r\n";

    std::atomic<unsigned long> total = 0;
    std::atomic<bool> broken = false;
    const auto start = Clock::now();
    const auto end =
        start + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
    std::vector<std::jthread> workers;
    for (unsigned i = 0; i < threads; ++i)
        workers.emplace_back([&] {
            try {
                while (!broken && Clock::now() < end) {
                    fetchOnce(context.get(), port, request);
                    ++total;
                }
            } catch (const std::exception& error) {
                if (!broken.exchange(true))
                    std::fprintf(stderr, "handshake_client: %s\n", error.what());
            }
        });
    workers.clear();
    if (broken)
        throw std::runtime_error("stopped");
    std::printf("%lu %.6f\n", total.load(), std::chrono::duration<double>(Clock::now() - start).count());
}

} // namespace

int main(int argc, char** argv) try {
    if (argc != 5)
        throw std::runtime_error("say: handshake_client PORT PATH THREADS SECONDS");
    run(static_cast<std::uint16_t>(std::stoul(argv[1])), argv[2], static_cast<unsigned>(std::stoul(argv[3])),
        std::stod(argv[4]));
    return 0;
} catch (const std::exception& error) {
    std::fprintf(stderr, "handshake_client: %s\n", error.what());
    return 1;
}
