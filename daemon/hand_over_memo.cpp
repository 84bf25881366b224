#include "twistdpp/daemon/hand_over_memo.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/number.h"

#include <cstdint>

namespace twistdpp {

namespace {

// A record ends with the one byte that no path has.
constexpr Bytes kFamily = "twistdpp hand-over ";
constexpr Bytes kVersion = "1";
constexpr std::uint32_t kMostFd = 1U << 30;

constexpr std::array<std::pair<HandOver::Kind, Bytes>, 3> kKinds{{
    {HandOver::Kind::stream, "stream"},
    {HandOver::Kind::datagram, "datagram"},
    {HandOver::Kind::lock, "lock"},
}};

std::optional<int> number(Bytes text) {
    const auto value = parseUnsigned<std::uint32_t>(text);
    return value && *value <= kMostFd ? std::optional(static_cast<int>(*value)) : std::nullopt;
}

bool readStandard(Bytes rest, std::array<int, 3>& standard) {
    for (int& fd : standard) {
        const Bytes word = ascii::cut(rest, ' ');
        const auto value = number(word);
        if (!value && word != "-")
            return false;
        fd = value.value_or(-1);
    }
    return rest.empty();
}

bool readItem(Bytes kind, Bytes rest, std::vector<HandOver::Item>& items) {
    for (const auto& [value, name] : kKinds) {
        if (name != kind)
            continue;
        const auto fd = number(ascii::cut(rest, ' '));
        if (!fd || *fd < 3)
            return false;
        HandOver::Item& item = items.emplace_back(value, *fd);
        if (value == HandOver::Kind::lock) {
            item.path = rest;
            return !rest.empty();
        }
        item.chosen = rest == "chosen";
        return rest.empty() || item.chosen;
    }
    return false;
}

} // namespace

std::string HandOverMemo::encode() const {
    std::string text;
    const auto end = [&text] { text += '\0'; };
    text.append(kFamily).append(kVersion);
    end();
    text.append("from ").append(std::to_string(from));
    end();
    text.append("report ").append(std::to_string(report));
    end();
    text.append("standard");
    for (const int fd : standard)
        text.append(fd < 0 ? " -" : " " + std::to_string(fd));
    end();
    for (const HandOver::Item& item : items) {
        for (const auto& [value, name] : kKinds) {
            if (value == item.kind)
                text.append(name);
        }
        text.append(" ").append(std::to_string(item.fd));
        if (item.chosen)
            text.append(" chosen");
        if (item.kind == HandOver::Kind::lock)
            text.append(" ").append(item.path);
        end();
    }
    return text;
}

Result<std::optional<HandOverMemo>> HandOverMemo::decode(Bytes text) {
    Bytes first = ascii::cut(text, '\0');
    if (!first.starts_with(kFamily))
        return std::optional<HandOverMemo>();
    first.remove_prefix(kFamily.size());
    if (first != kVersion)
        return Error("the hand-over is of version " + std::string(first) + ", and this program knows 1");
    HandOverMemo memo;
    while (!text.empty()) {
        Bytes rest = ascii::cut(text, '\0');
        const std::string record(rest);
        const Bytes key = ascii::cut(rest, ' ');
        bool known = false;
        if (key == "from" || key == "report") {
            const auto value = number(rest);
            (key == "from" ? memo.from : memo.report) = value.value_or(-1);
            known = value.has_value();
        } else if (key == "standard") {
            known = readStandard(rest, memo.standard);
        } else {
            known = readItem(key, rest, memo.items);
        }
        if (!known)
            return Error("the hand-over has the record '" + record + "', which means nothing");
    }
    if (memo.from <= 0 || memo.report < 3)
        return Error("the hand-over does not say whom to report to");
    return std::optional(std::move(memo));
}

} // namespace twistdpp
