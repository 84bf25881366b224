#pragma once
#include <string>
#include <vector>

namespace twistdpp::dns {

/// Where an answer came from, step by step, for people: what --explain prints. Whoever answers is given one
/// or none.
class Trace {
public:
    void say(std::string step) { steps_.push_back(std::move(step)); }
    const std::vector<std::string>& steps() const noexcept { return steps_; }

private:
    std::vector<std::string> steps_;
};

} // namespace twistdpp::dns
