#include "twistdpp/daemon/profiler.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <ucontext.h>
#include <unistd.h>

namespace twistdpp {

namespace {

constexpr long kMicrosecondsBetween = 1'000'000 / 499;
constexpr std::size_t kDepth = 96;
constexpr std::size_t kSlots = 4096;
/// How far up the stack the caller of a library's function is looked for, in bytes.
constexpr std::uintptr_t kSearch = 4096;

/// One sample on its way from the signal handler to collect().
struct Slot {
    std::atomic<bool> full;
    std::uint32_t depth;
    std::array<std::uintptr_t, kDepth> addresses;
};

std::atomic<Slot*> slots{nullptr};
std::atomic<std::uint64_t> taken{0}, overflowed{0};
/// SymbolTable::ownCode(), fixed before the first sample.
std::array<std::pair<std::uintptr_t, std::uintptr_t>, 16> ownCode{};
constinit thread_local std::uintptr_t stackLow = 0, stackHigh = 0;

struct Registers {
    std::uintptr_t instruction, frame, stack;
};

Registers registersOf(const void* context) {
    const auto& machine = static_cast<const ucontext_t*>(context)->uc_mcontext;
#if defined(__x86_64__)
    return {
        static_cast<std::uintptr_t>(machine.gregs[REG_RIP]),
        static_cast<std::uintptr_t>(machine.gregs[REG_RBP]),
        static_cast<std::uintptr_t>(machine.gregs[REG_RSP])};
#elif defined(__aarch64__)
    return {machine.pc, machine.regs[29], machine.sp};
#else
#error "the profiler knows x86-64 and arm64; say here where the registers are"
#endif
}

bool isOwnCode(std::uintptr_t address) {
    for (const auto& [low, high] : ownCode) {
        if (address >= low && address < high)
            return true;
    }
    return false;
}

/// Runs in the signal handler: reads nothing outside of the thread's own stack, since a function without a
/// frame pointer leaves anything in the register. The sanitizers would take these reads for mistakes.
#if defined(__SANITIZE_ADDRESS__)
__attribute__((no_sanitize_address))
#endif
std::uint32_t
walk(const Registers& at, std::array<std::uintptr_t, kDepth>& addresses) {
    std::uint32_t depth = 0;
    addresses[depth++] = at.instruction;
    std::uintptr_t frame = at.frame;
    std::uintptr_t low = std::max(at.stack, stackLow);
    if (low % sizeof(void*) != 0 || low >= stackHigh)
        return depth;
    while (depth + 1 < kDepth) {
        const bool known =
            frame >= low && frame + 2 * sizeof(void*) <= stackHigh && frame % sizeof(void*) == 0;
        if (!isOwnCode(addresses[depth - 1])) {
            // A library's functions push no frames, so that their caller in our code would be missing: the
            // first word that leads into our code is, all but always, where they return to.
            const std::uintptr_t end = std::min(known ? frame : low + kSearch, stackHigh);
            for (std::uintptr_t word = low; word + sizeof(void*) <= end; word += sizeof(void*)) {
                const std::uintptr_t candidate = *reinterpret_cast<const std::uintptr_t*>(word);
                if (isOwnCode(candidate)) {
                    addresses[depth++] = candidate - 1;
                    break;
                }
            }
        }
        if (!known)
            break;
        const auto* words = reinterpret_cast<const std::uintptr_t*>(frame);
        if (words[1] == 0)
            break;
        // The address after the call belongs to the caller, but may be the first of the next function.
        addresses[depth++] = words[1] - 1;
        low = frame + 2 * sizeof(void*);
        frame = words[0];
    }
    return depth;
}

void onSample(int, siginfo_t*, void* context) {
    const int saved = errno;
    if (Slot* all = slots.load(std::memory_order_acquire)) {
        Slot& slot = all[taken.fetch_add(1, std::memory_order_relaxed) % kSlots];
        if (slot.full.load(std::memory_order_acquire)) {
            overflowed.fetch_add(1, std::memory_order_relaxed);
        } else {
            slot.depth = walk(registersOf(context), slot.addresses);
            slot.full.store(true, std::memory_order_release);
        }
    }
    errno = saved;
}

void setTimer(long microseconds) {
    itimerval every{};
    every.it_interval.tv_usec = microseconds;
    every.it_value.tv_usec = microseconds;
    ::setitimer(ITIMER_PROF, &every, nullptr);
}

Result<void> writeAll(int fd, const std::string& text, const std::string& path) {
    std::size_t written = 0;
    while (written < text.size()) {
        const auto count = ::write(fd, text.data() + written, text.size() - written);
        if (count < 0 && errno != EINTR)
            return Error::fromErrno(errno, "profile " + path);
        written += count > 0 ? static_cast<std::size_t>(count) : 0;
    }
    return {};
}

} // namespace

CpuProfiler::CpuProfiler(std::string path, UniqueFd file) : path_(std::move(path)), file_(std::move(file)) {}

Result<std::unique_ptr<CpuProfiler>> CpuProfiler::start(const std::string& path) {
    UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0640));
    if (!file)
        return Error::fromErrno(errno, "profile " + path);
    void* memory =
        ::mmap(nullptr, kSlots * sizeof(Slot), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return Error::fromErrno(errno, "profile " + path);
    std::unique_ptr<CpuProfiler> made(new CpuProfiler(path, std::move(file)));
    const auto code = made->symbols_.ownCode();
    std::copy_n(code.begin(), std::min(code.size(), ownCode.size()), ownCode.begin());
    // Zeroed pages are empty slots.
    slots.store(static_cast<Slot*>(memory), std::memory_order_release);
    struct sigaction action {};
    action.sa_sigaction = &onSample;
    action.sa_flags = SA_SIGINFO | SA_RESTART;
    ::sigaction(SIGPROF, &action, nullptr);
    setTimer(kMicrosecondsBetween);
    made->running_ = true;
    return made;
}

CpuProfiler::~CpuProfiler() {
    stopSampling();
}

void CpuProfiler::stopSampling() noexcept {
    if (!running_)
        return;
    running_ = false;
    setTimer(0);
    // A last signal may be on its way: it must find no handler that samples, and must not kill.
    struct sigaction action {};
    action.sa_handler = SIG_IGN;
    ::sigaction(SIGPROF, &action, nullptr);
}

void CpuProfiler::enterThread() {
    pthread_attr_t attributes;
    if (::pthread_getattr_np(::pthread_self(), &attributes) != 0)
        return;
    void* low = nullptr;
    std::size_t size = 0;
    if (::pthread_attr_getstack(&attributes, &low, &size) == 0) {
        stackLow = reinterpret_cast<std::uintptr_t>(low);
        stackHigh = stackLow + size;
    }
    ::pthread_attr_destroy(&attributes);
}

void CpuProfiler::collect() {
    Slot* all = slots.load(std::memory_order_acquire);
    for (std::size_t i = 0; all && i < kSlots; ++i) {
        Slot& slot = all[i];
        if (!slot.full.load(std::memory_order_acquire))
            continue;
        ++stacks_[std::vector<std::uintptr_t>(slot.addresses.begin(), slot.addresses.begin() + slot.depth)];
        slot.full.store(false, std::memory_order_release);
    }
}

std::uint64_t CpuProfiler::lost() const noexcept {
    return overflowed.load(std::memory_order_relaxed);
}

Result<std::uint64_t> CpuProfiler::finish() {
    stopSampling();
    collect();
    std::map<std::string, std::uint64_t> folded;
    std::map<std::uintptr_t, std::string> names;
    std::uint64_t samples = 0;
    for (const auto& [addresses, count] : stacks_) {
        std::string line;
        for (std::size_t i = addresses.size(); i-- > 0;) {
            std::string& name = names[addresses[i]];
            if (name.empty())
                name = symbols_.name(addresses[i]);
            line.append(line.empty() ? "" : ";").append(name);
        }
        folded[line] += count;
        samples += count;
    }
    std::string text;
    for (const auto& [line, count] : folded)
        text.append(line).append(" ").append(std::to_string(count)).append("\n");
    if (auto done = writeAll(file_.get(), text, path_); !done)
        return std::move(done).error();
    return samples;
}

} // namespace twistdpp
