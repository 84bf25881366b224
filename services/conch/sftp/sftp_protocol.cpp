#include "twistdpp/sftp/sftp_protocol.h"

#include "twistdpp/reactor/errors.h"
#include "twistdpp/reactor/reactor.h"

#include <stdexcept>
#include <utility>

namespace twistdpp::sftp {

namespace {
constexpr std::size_t kMostWaiting = 2 * 1024 * 1024;   // bytes of requests that have come
constexpr std::size_t kMostAnswers = 1024 * 1024;       // bytes, of one piece of work
constexpr WriteLimits kLimits{1024 * 1024, 256 * 1024}; // of answers that wait to be sent
} // namespace

struct SftpProtocol::Work {
    std::shared_ptr<Session> session;
    std::deque<std::string> packets;
    std::string answers;
    bool broken = false;

    void run() {
        while (!packets.empty() && answers.size() < kMostAnswers && !broken) {
            broken = !session->answer(packets.front(), answers);
            packets.pop_front();
        }
    }
};

SftpProtocol::SftpProtocol(
    std::shared_ptr<const files::FileTree> tree, SessionOptions options, std::function<void()> ended
)
    : Int32StringReceiver(Session::kMostPacket),
      session_(std::make_shared<Session>(std::move(tree), std::move(options))), whenEnded_(std::move(ended)) {
}

SftpProtocol::~SftpProtocol() {
    if (auto running = std::exchange(running_, std::nullopt))
        running->cancel();
}

void SftpProtocol::connectionMade() {
    transport().setWriteLimits(kLimits);
}

void SftpProtocol::stringReceived(Bytes packet) {
    waiting_.emplace_back(packet);
    waitingBytes_ += packet.size();
    if (waitingBytes_ > kMostWaiting && !paused())
        pauseProducing();
    start();
}

void SftpProtocol::start() {
    if (running_ || waiting_.empty() || !connected() || transport().closing() ||
        transport().queued() > kLimits.high)
        return;
    const auto work = std::make_shared<Work>();
    work->session = session_;
    work->packets = std::exchange(waiting_, {});
    waitingBytes_ = 0;
    auto doing = transport().reactor().runInThread(
                                          Pool::io, [work] { work->run(); }
    ).addBoth([this, work](const Outcome<void>& outcome) {
        if (!outcome.ok() && outcome.failure().check<CancelledError>())
            return;
        running_.reset();
        if (!outcome.ok())
            return transport().abortConnection(outcome.failure());
        finished(*work);
    });
    if (!doing.called())
        running_.emplace(std::move(doing));
}

void SftpProtocol::finished(Work& work) {
    const Corked together(transport());
    if (!work.answers.empty())
        transport().write(Buffer(Bytes(work.answers)));
    if (work.broken)
        return transport().abortConnection(Failure(std::runtime_error("what came is no packet of SFTP")));
    // Those that had no turn come before those that came meanwhile.
    for (; !work.packets.empty(); work.packets.pop_back()) {
        waitingBytes_ += work.packets.back().size();
        waiting_.push_front(std::move(work.packets.back()));
    }
    start();
    if (paused() && waitingBytes_ < kMostWaiting / 2)
        resumeProducing();
    endIfDone();
}

void SftpProtocol::readConnectionLost() {
    ended_ = true;
    endIfDone();
}

void SftpProtocol::endIfDone() {
    if (ended_ && !running_ && waiting_.empty() && connected())
        transport().loseConnection();
}

void SftpProtocol::connectionLost(const Failure&) {
    if (auto running = std::exchange(running_, std::nullopt))
        running->cancel();
    waiting_.clear();
    if (whenEnded_)
        whenEnded_();
}

} // namespace twistdpp::sftp
