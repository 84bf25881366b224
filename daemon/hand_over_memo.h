#pragma once
#include "twistdpp/base/bytes.h"
#include "twistdpp/base/result.h"
#include "twistdpp/reactor/hand_over.h"

#include <array>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace twistdpp {

/// What the old process writes down for the new one: which descriptor is what. It travels in a file without a
/// name, whose number stands in the environment. All descriptors are the new process's.
struct HandOverMemo {
    static constexpr const char* variable = "TWISTDPP_HANDOVER";

    pid_t from = 0;
    int report = -1;                         // where to say that it is ready
    std::array<int, 3> standard{-1, -1, -1}; // what shall be 0, 1 and 2; -1: was not open
    std::vector<HandOver::Item> items;

    std::string encode() const;
    /// Nothing: the text is no memo at all. The error: it is one that this program does not understand.
    static Result<std::optional<HandOverMemo>> decode(Bytes text);
};

} // namespace twistdpp
