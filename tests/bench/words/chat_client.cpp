// Many clients of a chat server in one process, over epoll.
//
//   chat_client fan PORT PID CAPS MEMBERS SENDERS IN_FLIGHT SECONDS AT_ONCE
//       MEMBERS clients in one channel; SENDERS of them keep IN_FLIGHT lines under way in all: a line is
//       replaced by the next when all others have it. Every member must get every line once and in order. PID
//       is the server, whose CPU time is read at both ends of the measured time. CAPS are requested, "-"
//       stands for none. AT_ONCE is how many come in at the same time.
//   chat_client logins PORT CLIENTS AT_ONCE
//       Logs that many in, says how long that took, and stays until its input ends.
//
// The result is one line of JSON.
#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string>
#include <string_view>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

[[noreturn]] void fail(const std::string& why) {
    std::fprintf(stderr, "chat_client: %s\n", why.c_str());
    std::exit(1);
}

std::uint64_t nanoseconds() {
    return static_cast<std::uint64_t>(Clock::now().time_since_epoch().count());
}

/// User and system time of a process in seconds.
std::array<double, 2> cpuOf(const std::string& pid) {
    std::ifstream file("/proc/" + pid + "/stat");
    std::string text((std::istreambuf_iterator<char>(file)), {});
    const auto end = text.rfind(')');
    if (end == std::string::npos)
        fail("there is no process " + pid);
    long long user = 0;
    long long system = 0;
    std::sscanf(
        text.c_str() + end + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lld %lld", &user, &system
    );
    const double tick = static_cast<double>(::sysconf(_SC_CLK_TCK));
    return {static_cast<double>(user) / tick, static_cast<double>(system) / tick};
}

/// Counts by size, each bucket an eighth of a power of two.
class Histogram {
public:
    void add(std::uint64_t value) {
        ++counts_[bucket(value)];
        ++total_;
    }
    double quantile(double part) const {
        const auto wanted = static_cast<std::uint64_t>(part * static_cast<double>(total_));
        std::uint64_t seen = 0;
        for (std::size_t i = 0; i < counts_.size(); ++i) {
            seen += counts_[i];
            if (seen > wanted)
                return static_cast<double>(lowest(i + 1));
        }
        return 0;
    }

private:
    static std::size_t bucket(std::uint64_t value) {
        if (value < 8)
            return value;
        const auto power = static_cast<unsigned>(63 - __builtin_clzll(value));
        return (power - 2) * 8 + ((value >> (power - 3)) & 7U);
    }
    static std::uint64_t lowest(std::size_t index) {
        if (index < 8)
            return index;
        return (std::uint64_t{8} + index % 8) << (index / 8 - 1);
    }
    std::array<std::uint64_t, 512> counts_{};
    std::uint64_t total_ = 0;
};

/// The command of a line with a source.
std::string_view commandOf(std::string_view body) {
    const auto space = body.find(' ');
    if (body.empty() || body.front() != ':' || space == std::string_view::npos)
        return body.substr(0, space);
    body.remove_prefix(space + 1);
    return body.substr(0, body.find(' '));
}

struct Client {
    int fd = -1;
    std::string in, out;
    bool registered = false, joined = false;
    std::vector<std::uint32_t> last; // number of the last line of each sender
};

class Clients {
public:
    Clients(int port, std::size_t count) : all(count), port_(port), epoll_(::epoll_create1(0)) {}

    void connect(std::size_t index, const std::string& caps) {
        Client& client = all[index];
        client.fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(static_cast<std::uint16_t>(port_));
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const int one = 1;
        ::setsockopt(client.fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        if (::connect(client.fd, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0 && errno != EINPROGRESS)
            fail(std::string("connect: ") + std::strerror(errno));
        epoll_event event{};
        event.events = EPOLLIN | EPOLLOUT | EPOLLET;
        event.data.u64 = index;
        ::epoll_ctl(epoll_, EPOLL_CTL_ADD, client.fd, &event);
        // Those of the run before may still be on their way out. ngircd takes nine bytes.
        const std::string nick =
            std::string(1, static_cast<char>('a' + ::getpid() % 26)) + std::to_string(index);
        std::string hello;
        if (caps != "-")
            hello += "CAP REQ :" + caps + "\r\n";
        hello += "NICK " + nick + "\r\nUSER " + nick + " 0 * :Somebody\r\n";
        if (caps != "-")
            hello += "CAP END\r\n";
        client.out = std::move(hello);
    }
    void send(std::size_t index, std::string_view text) {
        Client& client = all[index];
        client.out += text;
        flush(client);
    }
    /// Waits and calls line(index, text) for each line that comes.
    template <class F>
    void turn(int milliseconds, F line) {
        std::array<epoll_event, 512> events;
        const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), milliseconds);
        for (int i = 0; i < count; ++i) {
            const auto index = static_cast<std::size_t>(events[static_cast<std::size_t>(i)].data.u64);
            flush(all[index]);
            read(index, line);
        }
    }
    std::vector<Client> all;

private:
    static void flush(Client& client) {
        while (!client.out.empty()) {
            const ssize_t sent = ::send(client.fd, client.out.data(), client.out.size(), MSG_NOSIGNAL);
            if (sent < 0) {
                if (errno == EAGAIN || errno == ENOTCONN)
                    return;
                fail(std::string("send: ") + std::strerror(errno));
            }
            client.out.erase(0, static_cast<std::size_t>(sent));
        }
    }
    template <class F>
    void read(std::size_t index, F& line) {
        Client& client = all[index];
        static std::array<char, 1 << 18> block;
        for (;;) {
            const ssize_t got = ::recv(client.fd, block.data(), block.size(), 0);
            if (got < 0) {
                if (errno == EAGAIN || errno == ENOTCONN)
                    return;
                fail(std::string("recv: ") + std::strerror(errno));
            }
            if (got == 0)
                fail("client " + std::to_string(index) + " was cut: " + client.in);
            std::string_view rest(block.data(), static_cast<std::size_t>(got));
            for (;;) {
                const auto end = rest.find('\n');
                if (end == std::string_view::npos)
                    break;
                std::string_view text = rest.substr(0, end);
                rest.remove_prefix(end + 1);
                if (!client.in.empty()) {
                    client.in += text;
                    text = client.in;
                }
                while (!text.empty() && text.back() == '\r')
                    text.remove_suffix(1);
                one(index, text, line);
                client.in.clear();
            }
            client.in += rest;
        }
    }
    template <class F>
    void one(std::size_t index, std::string_view text, F& line) {
        std::string_view body = text;
        if (!body.empty() && body.front() == '@')
            body.remove_prefix(std::min(body.find(' ') + 1, body.size()));
        if (body.substr(0, 5) == "PING ")
            return send(index, "PONG " + std::string(body.substr(5)) + "\r\n");
        if (body.substr(0, 6) == "ERROR " || commandOf(body) == "433")
            fail("client " + std::to_string(index) + ": " + std::string(body));
        line(index, body);
    }

    int port_;
    int epoll_;
};

bool isEnd(std::string_view command) {
    return command == "376" || command == "422";
}

int logins(int port, std::size_t count, std::size_t atOnce) {

    Clients clients(port, count);
    const std::uint64_t begin = nanoseconds();
    std::size_t begun = 0;
    std::size_t done = 0;
    while (done < count) {
        while (begun < count && begun - done < atOnce)
            clients.connect(begun++, "-");
        clients.turn(10'000, [&](std::size_t index, std::string_view body) {
            if (!clients.all[index].registered && isEnd(commandOf(body))) {
                clients.all[index].registered = true;
                ++done;
            }
        });
        if (nanoseconds() - begin > 100'000'000'000U)
            fail(std::to_string(done) + " logins only");
    }
    std::printf(
        "{\"answers\": %zu, \"seconds\": %.4f}\n", count, static_cast<double>(nanoseconds() - begin) / 1e9
    );
    std::fflush(stdout);
    char byte;
    while (::read(STDIN_FILENO, &byte, 1) > 0) {
    }
    return 0;
}

class Fan {
public:
    Fan(int port, std::string pid, std::string caps, std::size_t members, std::size_t senders,
        std::size_t inFlight)
        : clients_(port, members), pid_(std::move(pid)), caps_(std::move(caps)), members_(members),
          senders_(senders), inFlight_(inFlight), missing_(senders), next_(senders, 0) {}

    int run(double seconds, std::size_t atOnce) {
        enter(atOnce);
        for (std::size_t i = 0; i < inFlight_; ++i)
            say(i % senders_);
        const auto length = static_cast<std::uint64_t>(seconds * 1e9);
        const std::uint64_t warm = nanoseconds() + 200'000'000U;
        while (nanoseconds() < warm)
            listen();
        const auto cpu = cpuOf(pid_);
        measuring_ = true;
        const std::uint64_t begin = nanoseconds();
        while (nanoseconds() - begin < length)
            listen();
        measuring_ = false;
        const double took = static_cast<double>(nanoseconds() - begin) / 1e9;
        const auto used = cpuOf(pid_);
        std::printf(
            "{\"answers\": %llu, \"seconds\": %.4f, \"user\": %.4f, \"system\": %.4f, \"p50\": %.1f, "
            "\"p99\": %.1f}\n",
            static_cast<unsigned long long>(deliveries_), took, used[0] - cpu[0], used[1] - cpu[1],
            latency_.quantile(0.5) / 1e3, latency_.quantile(0.99) / 1e3
        );
        return 0;
    }

private:
    void enter(std::size_t atOnce) {
        std::size_t joined = 0;
        std::size_t begun = 0;
        const std::uint64_t begin = nanoseconds();
        for (Client& client : clients_.all)
            client.last.assign(senders_, 0);
        while (joined < members_) {
            while (begun < members_ && begun - joined < atOnce)
                clients_.connect(begun++, caps_);
            clients_.turn(1000, [&](std::size_t index, std::string_view body) {
                Client& client = clients_.all[index];
                const std::string_view command = commandOf(body);
                if (!client.registered && isEnd(command)) {
                    client.registered = true;
                    clients_.send(index, "JOIN #bench\r\n");
                } else if (!client.joined && command == "366") {
                    client.joined = true;
                    ++joined;
                }
            });
            if (nanoseconds() - begin > 30'000'000'000U)
                fail(std::to_string(joined) + " of " + std::to_string(members_) + " came into the channel");
        }
        // The last JOINs are still on their way to the first members.
        const std::uint64_t settle = nanoseconds() + 300'000'000U;
        while (nanoseconds() < settle)
            clients_.turn(50, [](std::size_t, std::string_view) {});
    }
    void say(std::size_t sender) {
        const std::uint32_t number = ++next_[sender];
        missing_[sender].push_back(static_cast<std::uint32_t>(members_ - 1));
        std::array<char, 200> text;
        const int size = std::snprintf(
            text.data(), text.size(),
            "PRIVMSG #bench :%zu %u %llu ........................................\r\n", sender, number,
            static_cast<unsigned long long>(nanoseconds())
        );
        clients_.send(sender, {text.data(), static_cast<std::size_t>(size)});
    }
    void listen() {
        clients_.turn(1000, [&](std::size_t index, std::string_view body) {
            if (commandOf(body) != "PRIVMSG")
                return;
            const auto at = body.find(" :");
            if (at == std::string_view::npos)
                fail("a line without a text");
            const char* text = body.data() + at + 2;
            char* rest = nullptr;
            const auto sender = static_cast<std::size_t>(std::strtoull(text, &rest, 10));
            const auto number = static_cast<std::uint32_t>(std::strtoul(rest, &rest, 10));
            const std::uint64_t sent = std::strtoull(rest, &rest, 10);
            std::uint32_t& last = clients_.all[index].last.at(sender);
            if (number != last + 1)
                fail(
                    "member " + std::to_string(index) + " got line " + std::to_string(number) + " after " +
                    std::to_string(last)
                );
            last = number;
            if (measuring_) {
                ++deliveries_;
                latency_.add(nanoseconds() - sent);
            }
            if (--missing_[sender][number - 1] == 0)
                say(sender);
        });
    }

    Clients clients_;
    std::string pid_, caps_;
    std::size_t members_, senders_, inFlight_;
    std::vector<std::vector<std::uint32_t>> missing_; // members that have not got it, by sender and line
    std::vector<std::uint32_t> next_;
    Histogram latency_;
    std::uint64_t deliveries_ = 0;
    bool measuring_ = false;
};

} // namespace

int main(int count, char** words) {
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
    const std::string mode = count > 1 ? words[1] : "";
    const auto number = [&](int at) { return static_cast<std::size_t>(std::atoi(words[at])); };
    if (mode == "logins" && count == 5)
        return logins(std::atoi(words[2]), number(3), number(4));
    if (mode == "fan" && count == 10)
        return Fan(std::atoi(words[2]), words[3], words[4], number(5), number(6), number(7))
            .run(std::atof(words[8]), number(9));
    fail("say: fan PORT PID CAPS MEMBERS SENDERS IN_FLIGHT SECONDS AT_ONCE, or: logins PORT CLIENTS AT_ONCE");
}
