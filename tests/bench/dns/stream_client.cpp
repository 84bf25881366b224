// A TCP load generator for name servers: it keeps DEPTH queries in flight on each of its connections (RFC
// 7766). One thread, one epoll.
//     stream_client PORT QUERIES CONNECTIONS DEPTH SECONDS
// QUERIES is a file of lines "NAME TYPE RCODE", the type and the rcode as numbers. Prints "ANSWERS SECONDS".
// An answer with another rcode or question, or a connection that the server closes, ends it with 1.
#include <arpa/inet.h>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <memory>
#include <netinet/tcp.h>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kHeader = 12;

[[noreturn]] void failed(const std::string& what) {
    throw std::runtime_error(what + ": " + std::strerror(errno));
}

struct Query {
    std::string message; // with its length in front
    unsigned rcode = 0;
};

Query makeQuery(const std::string& name, unsigned type, unsigned rcode) {
    std::string message(2 + kHeader, '\0');
    message[2 + 5] = 1;
    for (std::size_t at = 0; at < name.size();) {
        const auto dot = std::min(name.find('.', at), name.size());
        message += static_cast<char>(dot - at);
        message.append(name, at, dot - at);
        at = dot + 1;
    }
    message += '\0';
    message += {static_cast<char>(type >> 8), static_cast<char>(type), '\0', '\1'};
    message[0] = static_cast<char>((message.size() - 2) >> 8);
    message[1] = static_cast<char>(message.size() - 2);
    return {message, rcode};
}

std::vector<Query> readQueries(const std::string& path) {
    std::ifstream file(path);
    std::vector<Query> queries;
    std::string name;
    for (unsigned type = 0, rcode = 0; file >> name >> type >> rcode;)
        queries.push_back(makeQuery(name, type, rcode));
    if (queries.empty() || queries.size() > 65536)
        throw std::runtime_error(path + ": from 1 to 65536 queries are wanted");
    return queries;
}

unsigned number16(std::string_view data, std::size_t at) {
    return static_cast<unsigned>(
        static_cast<unsigned char>(data[at]) << 8 | static_cast<unsigned char>(data[at + 1])
    );
}

/// One connection. The message id is the number of the query in the file, so answers may come in any order.
class Connection {
public:
    Connection(std::uint16_t port, const std::vector<Query>& queries, std::size_t first)
        : queries_(queries), next_(first), asked_(queries.size()) {
        fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in where{};
        where.sin_family = AF_INET;
        where.sin_port = htons(port);
        where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (fd_ < 0 || ::connect(fd_, reinterpret_cast<const sockaddr*>(&where), sizeof where) != 0)
            failed("cannot connect to port " + std::to_string(port));
        const int on = 1;
        if (::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0)
            failed("TCP_NODELAY");
    }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection() { ::close(fd_); }

    int fd() const { return fd_; }
    unsigned waiting() const { return waiting_; }

    void ask(unsigned count) {
        std::string burst;
        for (unsigned i = 0; i < count; ++i) {
            const std::size_t start = burst.size();
            burst += queries_[next_].message;
            burst[start + 2] = static_cast<char>(next_ >> 8);
            burst[start + 3] = static_cast<char>(next_);
            ++asked_[next_];
            next_ = (next_ + 1) % queries_.size();
        }
        for (std::string_view rest = burst; !rest.empty();) {
            const auto sent = ::send(fd_, rest.data(), rest.size(), MSG_NOSIGNAL);
            if (sent < 0)
                failed("cannot send");
            rest.remove_prefix(static_cast<std::size_t>(sent));
        }
        waiting_ += count;
    }

    /// Reads what is there; how many answers ended.
    unsigned receive() {
        char block[65536];
        const auto got = ::recv(fd_, block, sizeof block, MSG_DONTWAIT);
        if (got == 0)
            throw std::runtime_error("the server has closed a connection");
        if (got < 0)
            failed("cannot receive");
        held_.append(block, static_cast<std::size_t>(got));
        std::string_view data = held_;
        unsigned ended = 0;
        while (data.size() >= 2 && data.size() - 2 >= number16(data, 0)) {
            const std::size_t size = number16(data, 0);
            check(data.substr(2, size));
            data.remove_prefix(2 + size);
            ++ended;
        }
        held_.erase(0, held_.size() - data.size());
        waiting_ -= ended;
        return ended;
    }

private:
    void check(std::string_view answer) {
        if (answer.size() < kHeader || number16(answer, 0) >= queries_.size() ||
            asked_[number16(answer, 0)] == 0)
            throw std::runtime_error("an answer to nothing");
        --asked_[number16(answer, 0)];
        const Query& query = queries_[number16(answer, 0)];
        const unsigned flags = number16(answer, 2);
        if ((flags & 0x8000) == 0 || (flags & 15) != query.rcode ||
            (query.rcode == 0 && number16(answer, 6) == 0) ||
            !answer.substr(kHeader).starts_with(std::string_view(query.message).substr(2 + kHeader)))
            throw std::runtime_error("a wrong answer: flags " + std::to_string(flags));
    }

    const std::vector<Query>& queries_;
    std::size_t next_;
    std::vector<unsigned> asked_;
    int fd_ = -1;
    unsigned waiting_ = 0;
    std::string held_; // what came of an answer that has not ended
};

void run(std::uint16_t port, const std::string& path, unsigned count, unsigned depth, double seconds) {
    const std::vector<Query> queries = readQueries(path);
    const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
    if (epoll < 0)
        failed("epoll_create1");
    std::vector<std::unique_ptr<Connection>> connections;
    for (unsigned i = 0; i < count; ++i) {
        connections.push_back(std::make_unique<Connection>(port, queries, queries.size() / count * i));
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.ptr = connections.back().get();
        if (::epoll_ctl(epoll, EPOLL_CTL_ADD, connections.back()->fd(), &event) != 0)
            failed("epoll_ctl");
    }
    std::vector<epoll_event> events(count);
    const auto start = Clock::now();
    const auto end =
        start + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
    for (const auto& one : connections)
        one->ask(depth);
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
            const unsigned ended = one.receive();
            total += ended;
            if (!over && ended > 0)
                one.ask(ended);
            else if (one.waiting() == 0)
                --busy;
        }
    }
    ::close(epoll);
    std::printf("%lu %.6f\n", total, std::chrono::duration<double>(Clock::now() - start).count());
}

} // namespace

int main(int argc, char** argv) try {
    if (argc != 6)
        throw std::runtime_error("say: stream_client PORT QUERIES CONNECTIONS DEPTH SECONDS");
    run(static_cast<std::uint16_t>(std::stoul(argv[1])), argv[2], static_cast<unsigned>(std::stoul(argv[3])),
        static_cast<unsigned>(std::stoul(argv[4])), std::stod(argv[5]));
    return 0;
} catch (const std::exception& error) {
    std::fprintf(stderr, "stream_client: %s\n", error.what());
    return 1;
}
