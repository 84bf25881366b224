#pragma once
#include "twistdpp/base/result.h"
#include "twistdpp/base/unique_fd.h"
#include "twistdpp/daemon/symbols.h"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace twistdpp {

/// Samples where the process spends its CPU time, 499 times a second of it (SIGPROF), by walking frame
/// pointers, and writes the samples as folded stacks ("outermost;...;innermost count"), which flamegraph.pl,
/// speedscope and inferno read. One at a time in a process; start it after the last fork.
class CpuProfiler {
public:
    /// Opens the file and begins.
    static Result<std::unique_ptr<CpuProfiler>> start(const std::string& path);
    ~CpuProfiler();

    /// Each thread that shall show whole stacks calls this once; of the others only the innermost function is
    /// known.
    static void enterThread();
    /// Empties the sample buffer; at least every few seconds, on one thread.
    void collect();
    /// Stops sampling and writes the file. Returns the number of samples that are in it.
    Result<std::uint64_t> finish();
    /// Samples for which there was no room.
    std::uint64_t lost() const noexcept;

private:
    CpuProfiler(std::string path, UniqueFd file);
    void stopSampling() noexcept;

    std::string path_;
    UniqueFd file_;
    SymbolTable symbols_;
    std::map<std::vector<std::uintptr_t>, std::uint64_t> stacks_;
    bool running_ = false;
};

} // namespace twistdpp
