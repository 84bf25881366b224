#include "twistdpp/tls/scratch.h"

#include <vector>

namespace twistdpp::detail {

namespace {

constexpr std::size_t kKept = 4;

std::vector<std::unique_ptr<char[]>>& spare() {
    static thread_local std::vector<std::unique_ptr<char[]>> list;
    return list;
}

} // namespace

Scratch::Scratch() {
    auto& list = spare();
    if (list.empty()) {
        memory_ = std::make_unique_for_overwrite<char[]>(kSize);
    } else {
        memory_ = std::move(list.back());
        list.pop_back();
    }
}

Scratch::~Scratch() {
    auto& list = spare();
    if (list.size() < kKept)
        list.push_back(std::move(memory_));
}

} // namespace twistdpp::detail
