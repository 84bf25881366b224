#pragma once
#include "twistdpp/dns_zone/zone_builder.h"

#include <string>
#include <utility>
#include <vector>

namespace twistdpp::dns {

/// Gathers what is found while files are read, and no more than a person can read: of fatal problems and of
/// remarks `limit` each.
class ProblemList {
public:
    explicit ProblemList(std::size_t limit = 100) : limit_(limit) {}

    void add(const std::string& file, unsigned line, std::string text, bool fatal) {
        std::size_t& count = fatal ? fatal_ : remarks_;
        if (count > limit_)
            return;
        if (count++ == limit_)
            text = fatal ? "there are more problems than these; nothing is read from here on"
                         : "there are more remarks than these; they are left out";
        problems_.push_back({fatal, file, line, std::move(text)});
    }
    bool anyFatal() const noexcept { return fatal_ > 0; }
    /// Whether there were so many that reading on is of no use.
    bool isFull() const noexcept { return fatal_ > limit_; }
    const std::vector<ZoneProblem>& all() const noexcept { return problems_; }
    std::vector<ZoneProblem> take() noexcept { return std::move(problems_); }

private:
    std::size_t limit_, fatal_ = 0, remarks_ = 0;
    std::vector<ZoneProblem> problems_;
};

/// What was found out about a zone as a whole is said of its file.
inline void nameFile(std::vector<ZoneProblem>& problems, const std::string& file) {
    for (ZoneProblem& each : problems) {
        if (each.file.empty())
            each.file = file;
    }
}

} // namespace twistdpp::dns
