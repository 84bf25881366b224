// A load generator for what wrk cannot do without being the bottleneck: it keeps DEPTH requests in flight on
// each of its connections and reads in large blocks. One thread, one epoll.
//     pipeline_client PORT PATH CONNECTIONS DEPTH SECONDS
// Prints "ANSWERS SECONDS". Every answer must be a 200 of the same length as the first; anything else ends it
// with 1.
#include <arpa/inet.h>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <netinet/tcp.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

[[noreturn]] void failed(const std::string& what) {
    throw std::runtime_error(what + ": " + std::strerror(errno));
}

std::size_t contentLength(std::string_view head) {
    constexpr std::string_view name = "\r\ncontent-length: ";
    for (std::size_t at = head.find("\r\n"); at != std::string_view::npos; at = head.find("\r\n", at + 2)) {
        if (head.size() - at <= name.size() || strncasecmp(head.data() + at, name.data(), name.size()) != 0)
            continue;
        std::size_t value = 0;
        const char* const digits = head.data() + at + name.size();
        if (std::from_chars(digits, head.data() + head.size(), value).ec == std::errc())
            return value;
    }
    throw std::runtime_error("an answer has no Content-Length:\n" + std::string(head));
}

/// Counts answers in the bytes of one connection.
class Answers {
public:
    /// How many answers ended within `data`.
    unsigned feed(std::string_view data) {
        unsigned ended = 0;
        while (!data.empty()) {
            if (!inBody_ && !takeHead(data))
                return ended;
            const auto used = std::min(body_, data.size());
            body_ -= used;
            data.remove_prefix(used);
            if (body_ > 0)
                return ended;
            inBody_ = false;
            ++ended;
        }
        return ended;
    }

private:
    bool takeHead(std::string_view& data) {
        const auto held = head_.size();
        std::string_view text = data;
        if (held > 0) {
            head_ += data.substr(0, 16384);
            text = head_;
        }
        const auto end = text.find("\r\n\r\n");
        if (end == std::string_view::npos) {
            if (held == 0)
                head_ = data;
            if (head_.size() > 16384)
                throw std::runtime_error("an answer's head does not end");
            return false;
        }
        const auto head = text.substr(0, end + 2);
        if (!head.starts_with("HTTP/1.1 200 "))
            throw std::runtime_error("not the answer of the first request:\n" + std::string(head));
        if (length_ == kUnknown)
            length_ = contentLength(head);
        body_ = length_;
        inBody_ = true;
        data.remove_prefix(end + 4 - held);
        head_.clear();
        return true;
    }

    static constexpr std::size_t kUnknown = static_cast<std::size_t>(-1);
    std::size_t length_ = kUnknown;
    std::size_t body_ = 0;
    bool inBody_ = false;
    std::string head_; // the beginning of a head that a read has cut
};

struct Connection {
    int fd = -1;
    unsigned waiting = 0;
    Answers answers;
};

int connectTo(std::uint16_t port) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_port = htons(port);
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || ::connect(fd, reinterpret_cast<const sockaddr*>(&where), sizeof where) != 0)
        failed("cannot connect to port " + std::to_string(port));
    const int on = 1;
    if (::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0)
        failed("TCP_NODELAY");
    return fd;
}

void sendAll(int fd, std::string_view data) {
    while (!data.empty()) {
        const auto sent = ::send(fd, data.data(), data.size(), MSG_NOSIGNAL);
        if (sent < 0)
            failed("cannot send");
        data.remove_prefix(static_cast<std::size_t>(sent));
    }
}

void run(std::uint16_t port, const std::string& path, unsigned count, unsigned depth, double seconds) {
    const std::string request =
        "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) + "\r\n\r\n";
    std::string burst;
    for (unsigned i = 0; i < depth; ++i)
        burst += request;

    const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
    if (epoll < 0)
        failed("epoll_create1");
    std::vector<Connection> connections(count);
    for (Connection& one : connections) {
        one.fd = connectTo(port);
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.ptr = &one;
        if (::epoll_ctl(epoll, EPOLL_CTL_ADD, one.fd, &event) != 0)
            failed("epoll_ctl");
    }

    std::vector<char> block(512 * 1024);
    std::vector<epoll_event> events(count);
    const auto start = Clock::now();
    const auto end =
        start + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
    for (Connection& one : connections) {
        sendAll(one.fd, burst);
        one.waiting = depth;
    }
    // After the end nothing new is asked, and what is in flight is read: each answer that cost the server is
    // counted.
    unsigned long total = 0;
    unsigned busy = count;
    while (busy > 0) {
        const int ready = ::epoll_wait(epoll, events.data(), static_cast<int>(count), 10000);
        if (ready <= 0)
            throw std::runtime_error("no answer within ten seconds");
        const bool over = Clock::now() >= end;
        for (int i = 0; i < ready; ++i) {
            auto& one = *static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr);
            const auto got = ::recv(one.fd, block.data(), block.size(), MSG_DONTWAIT);
            if (got == 0)
                throw std::runtime_error("the server has closed a connection");
            if (got < 0)
                failed("cannot receive");
            const unsigned ended = one.answers.feed({block.data(), static_cast<std::size_t>(got)});
            if (ended > one.waiting)
                throw std::runtime_error("more answers than requests");
            total += ended;
            one.waiting -= ended;
            if (one.waiting > 0)
                continue;
            if (over) {
                --busy;
                continue;
            }
            sendAll(one.fd, burst);
            one.waiting = depth;
        }
    }
    std::printf("%lu %.6f\n", total, std::chrono::duration<double>(Clock::now() - start).count());
}

} // namespace

int main(int argc, char** argv) try {
    if (argc != 6)
        throw std::runtime_error("say: pipeline_client PORT PATH CONNECTIONS DEPTH SECONDS");
    run(static_cast<std::uint16_t>(std::stoul(argv[1])), argv[2], static_cast<unsigned>(std::stoul(argv[3])),
        static_cast<unsigned>(std::stoul(argv[4])), std::stod(argv[5]));
    return 0;
} catch (const std::exception& error) {
    std::fprintf(stderr, "pipeline_client: %s\n", error.what());
    return 1;
}
