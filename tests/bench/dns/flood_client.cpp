// An open-loop UDP load generator for name servers: it sends at a fixed rate whether answers come or not, or
// keeps a number of queries in flight and so goes as fast as answers come. One thread, sendmmsg and recvmmsg.
//     flood_client PORT QUERIES SECONDS RATE IN_FLIGHT
// QUERIES is a file of lines "NAME TYPE RCODE", the type and the rcode as numbers; it is gone through again
// and again. RATE is queries a second, 0 for as fast as answers come; IN_FLIGHT is the most that are
// unanswered then. Prints one line of JSON: sent, answers, right (the rcode, the question, and a record where
// the rcode is 0), wrong, seconds, and percentiles of the latency in microseconds. With RATE 0 a wrong answer
// ends it with 1.
#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <bit>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <memory>
#include <netinet/in.h>
#include <poll.h>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kBatch = 32;
constexpr std::size_t kSockets = 8;
constexpr std::size_t kHeader = 12;
constexpr std::int64_t kLost = 500'000'000; // nanoseconds after which an answer no longer comes

[[noreturn]] void failed(const std::string& what) {
    throw std::runtime_error(what + ": " + std::strerror(errno));
}

std::int64_t now() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now().time_since_epoch()).count();
}

struct Query {
    std::string packet;
    unsigned rcode = 0;
};

Query makeQuery(const std::string& name, unsigned type, unsigned rcode) {
    std::string packet(kHeader, '\0');
    packet[5] = 1;
    for (std::size_t at = 0; at < name.size();) {
        const auto dot = std::min(name.find('.', at), name.size());
        if (dot == at || dot - at > 63)
            throw std::runtime_error("a label of " + std::to_string(dot - at) + " bytes in " + name);
        packet += static_cast<char>(dot - at);
        packet.append(name, at, dot - at);
        at = dot + 1;
    }
    packet += '\0';
    packet += {static_cast<char>(type >> 8), static_cast<char>(type), '\0', '\1'};
    return {packet, rcode};
}

std::vector<Query> readQueries(const std::string& path) {
    std::ifstream file(path);
    std::vector<Query> queries;
    for (std::string line; std::getline(file, line);) {
        std::istringstream words(line);
        std::string name;
        unsigned type = 0;
        unsigned rcode = 0;
        if (!(words >> name >> type >> rcode))
            throw std::runtime_error(path + ": not a query: " + line);
        queries.push_back(makeQuery(name, type, rcode));
    }
    if (queries.empty())
        throw std::runtime_error(path + " has no queries");
    return queries;
}

/// Counts by latency, 16 steps for each doubling, so that a percentile is right to 6 %.
class Histogram {
public:
    void add(std::int64_t nanoseconds) {
        const auto value = static_cast<std::uint64_t>(std::max<std::int64_t>(nanoseconds, 16));
        const unsigned doublings = static_cast<unsigned>(std::bit_width(value)) - 5;
        const std::size_t slot = doublings * 16 + ((value >> doublings) & 15);
        ++counts_[std::min(slot, counts_.size() - 1)];
        ++total_;
    }
    /// Microseconds within which that share of the answers came.
    double percentile(double share) const {
        const auto wanted = static_cast<std::uint64_t>(share * static_cast<double>(total_));
        std::uint64_t seen = 0;
        for (std::size_t slot = 0; slot < counts_.size(); ++slot) {
            seen += counts_[slot];
            if (seen > wanted || (seen == total_ && total_ > 0))
                return static_cast<double>((16 + slot % 16 + 1) << (slot / 16)) / 1e3;
        }
        return 0;
    }

private:
    std::array<std::uint64_t, 16 * 40> counts_{};
    std::uint64_t total_ = 0;
};

struct Counts {
    std::uint64_t sent = 0;
    std::uint64_t answers = 0;
    std::uint64_t right = 0;
    std::uint64_t wrong = 0;
    std::uint64_t lost = 0;
};

/// One socket, and what is in flight on it: the message id is the slot.
class Lane {
public:
    Lane(std::uint16_t port, const std::vector<Query>& queries, std::size_t first)
        : queries_(queries), next_(first), slots_(65536) {
        fd_ = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        const int room = 4 << 20;
        ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
        sockaddr_in where{};
        where.sin_family = AF_INET;
        where.sin_port = htons(port);
        where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (fd_ < 0 || ::connect(fd_, reinterpret_cast<const sockaddr*>(&where), sizeof where) != 0)
            failed("cannot connect to port " + std::to_string(port));
        for (std::size_t i = 0; i < kBatch; ++i) {
            in_[i] = {block_[i].data(), block_[i].size()};
            received_[i].msg_hdr.msg_iov = &in_[i];
            received_[i].msg_hdr.msg_iovlen = 1;
            out_[i].resize(2);
            sent_[i].msg_hdr.msg_iov = out_[i].data();
            sent_[i].msg_hdr.msg_iovlen = 2;
        }
    }
    Lane(const Lane&) = delete;
    Lane& operator=(const Lane&) = delete;
    ~Lane() { ::close(fd_); }

    int fd() const { return fd_; }
    std::size_t inFlight() const { return inFlight_; }

    /// Sends up to `count` queries; how many went out.
    std::size_t send(std::size_t count, Counts& counts) {
        count = std::min(count, kBatch);
        const std::int64_t when = now();
        for (std::size_t i = 0; i < count; ++i) {
            const Query& query = queries_[(next_ + i) % queries_.size()];
            const auto ident = static_cast<std::uint16_t>(ident_ + i);
            ids_[i] = {static_cast<char>(ident >> 8), static_cast<char>(ident)};
            out_[i][0] = {ids_[i].data(), 2};
            out_[i][1] = {const_cast<char*>(query.packet.data()) + 2, query.packet.size() - 2};
        }
        const int gone = ::sendmmsg(fd_, sent_.data(), static_cast<unsigned>(count), 0);
        if (gone < 0) {
            if (errno == EAGAIN || errno == ENOBUFS || errno == ECONNREFUSED)
                return 0;
            failed("cannot send");
        }
        for (int i = 0; i < gone; ++i) {
            Slot& slot = slots_[ident_++];
            if (slot.when == 0)
                ++inFlight_;
            else
                ++counts.lost;
            slot = {when, static_cast<std::uint32_t>(next_)};
            next_ = (next_ + 1) % queries_.size();
        }
        counts.sent += static_cast<std::uint64_t>(gone);
        return static_cast<std::size_t>(gone);
    }

    /// Reads one batch; whether there may be more.
    bool receive(Counts& counts, Histogram& latency) {
        const int got = ::recvmmsg(fd_, received_.data(), kBatch, 0, nullptr);
        if (got < 0) {
            if (errno == EAGAIN || errno == ECONNREFUSED)
                return false;
            failed("cannot receive");
        }
        const std::int64_t when = now();
        for (std::size_t i = 0; i < static_cast<std::size_t>(got); ++i)
            take({block_[i].data(), received_[i].msg_len}, when, counts, latency);
        return got == static_cast<int>(kBatch);
    }

    /// Gives up what is older than kLost. Only for the mode that waits for answers.
    void giveUp(Counts& counts) {
        const std::int64_t when = now();
        for (Slot& slot : slots_)
            if (slot.when != 0 && when - slot.when > kLost) {
                slot.when = 0;
                --inFlight_;
                ++counts.lost;
            }
    }

private:
    struct Slot {
        std::int64_t when = 0; // 0: nothing in flight
        std::uint32_t query = 0;
    };

    void take(std::string_view packet, std::int64_t when, Counts& counts, Histogram& latency) {
        if (packet.size() < kHeader) {
            ++counts.wrong;
            return;
        }
        Slot& slot = slots_[static_cast<std::size_t>(
            static_cast<unsigned char>(packet[0]) << 8 | static_cast<unsigned char>(packet[1])
        )];
        if (slot.when == 0) // it came after all
            return;
        ++counts.answers;
        latency.add(when - slot.when);
        slot.when = 0;
        --inFlight_;
        ++(isRight(packet, queries_[slot.query]) ? counts.right : counts.wrong);
    }

    static bool isRight(std::string_view packet, const Query& query) {
        const bool answer = (packet[2] & 0x80) != 0 && (packet[2] & 0x02) == 0;
        const bool rcode = (static_cast<unsigned char>(packet[3]) & 15U) == query.rcode;
        const bool records = query.rcode != 0 || packet[7] != 0;
        return answer && rcode && records &&
               packet.substr(kHeader).starts_with(std::string_view(query.packet).substr(kHeader));
    }

    const std::vector<Query>& queries_;
    std::size_t next_;
    int fd_ = -1;
    std::uint16_t ident_ = 0;
    std::size_t inFlight_ = 0;
    std::vector<Slot> slots_;
    std::array<std::array<char, 4096>, kBatch> block_{};
    std::array<iovec, kBatch> in_{};
    std::array<mmsghdr, kBatch> received_{};
    std::array<std::vector<iovec>, kBatch> out_;
    std::array<mmsghdr, kBatch> sent_{};
    std::array<std::array<char, 2>, kBatch> ids_{};
};

using Lanes = std::vector<std::unique_ptr<Lane>>;

void wait(const Lanes& lanes, int milliseconds) {
    std::vector<pollfd> polled;
    for (const auto& lane : lanes)
        polled.push_back({lane->fd(), POLLIN, 0});
    ::poll(polled.data(), polled.size(), milliseconds);
}

/// As fast as answers come, with at most `most` in flight.
void pursue(Lanes& lanes, double seconds, std::size_t most, Counts& counts, Histogram& latency) {
    const std::size_t each = std::max<std::size_t>(1, most / lanes.size());
    const std::int64_t end = now() + static_cast<std::int64_t>(seconds * 1e9);
    std::int64_t checked = now();
    bool over = false;
    for (;;) {
        bool busy = false;
        bool moved = false;
        for (const auto& lane : lanes) {
            if (!over && lane->inFlight() < each)
                moved |= lane->send(each - lane->inFlight(), counts) > 0;
            const auto before = counts.answers;
            while (lane->receive(counts, latency)) {
            }
            moved |= counts.answers != before;
            busy |= lane->inFlight() > 0;
        }
        const std::int64_t when = now();
        over = over || when >= end;
        if (over && !busy)
            return;
        if (when - checked > kLost / 5) {
            checked = when;
            for (const auto& lane : lanes)
                lane->giveUp(counts);
        }
        if (!moved)
            wait(lanes, 10);
    }
}

/// At a fixed rate, whatever comes back; afterwards what is under way is waited for.
void flood(Lanes& lanes, double seconds, double rate, Counts& counts, Histogram& latency) {
    const std::int64_t start = now();
    const std::int64_t end = start + static_cast<std::int64_t>(seconds * 1e9);
    std::size_t turn = 0;
    for (std::int64_t when = start; when < end; when = now()) {
        const double due = static_cast<double>(when - start) / 1e9 * rate;
        const auto behind = due - static_cast<double>(counts.sent);
        if (behind >= 1)
            lanes[turn++ % lanes.size()]->send(static_cast<std::size_t>(behind), counts);
        // Answers are read as they come, but a sender that is late does not read them all first.
        lanes[turn % lanes.size()]->receive(counts, latency);
        if (behind < 1)
            for (const auto& lane : lanes)
                lane->receive(counts, latency);
    }
    for (const std::int64_t last = now() + kLost; now() < last;) {
        wait(lanes, 20);
        for (const auto& lane : lanes)
            while (lane->receive(counts, latency)) {
            }
    }
}

int run(std::uint16_t port, const std::string& path, double seconds, double rate, std::size_t inFlight) {
    const std::vector<Query> queries = readQueries(path);
    Lanes lanes;
    for (std::size_t i = 0; i < kSockets; ++i)
        lanes.push_back(std::make_unique<Lane>(port, queries, queries.size() / kSockets * i));
    Counts counts;
    Histogram latency;
    const std::int64_t start = now();
    if (rate > 0)
        flood(lanes, seconds, rate, counts, latency);
    else
        pursue(lanes, seconds, inFlight, counts, latency);
    const double took = rate > 0 ? seconds : static_cast<double>(now() - start) / 1e9;
    std::printf(
        "{\"sent\": %llu, \"answers\": %llu, \"right\": %llu, \"wrong\": %llu, \"seconds\": %.6f, "
        "\"p50\": %.1f, \"p90\": %.1f, \"p99\": %.1f, \"p999\": %.1f}\n",
        static_cast<unsigned long long>(counts.sent), static_cast<unsigned long long>(counts.answers),
        static_cast<unsigned long long>(counts.right), static_cast<unsigned long long>(counts.wrong), took,
        latency.percentile(0.5), latency.percentile(0.9), latency.percentile(0.99), latency.percentile(0.999)
    );
    if (rate == 0 && (counts.wrong > 0 || counts.answers == 0)) {
        std::fprintf(
            stderr, "flood_client: %llu wrong answers of %llu\n",
            static_cast<unsigned long long>(counts.wrong), static_cast<unsigned long long>(counts.answers)
        );
        return 1;
    }
    return 0;
}

} // namespace

int main(int argc, char** argv) try {
    if (argc != 6)
        throw std::runtime_error("say: flood_client PORT QUERIES SECONDS RATE IN_FLIGHT");
    return run(
        static_cast<std::uint16_t>(std::stoul(argv[1])), argv[2], std::stod(argv[3]), std::stod(argv[4]),
        std::stoul(argv[5])
    );
} catch (const std::exception& error) {
    std::fprintf(stderr, "flood_client: %s\n", error.what());
    return 1;
}
