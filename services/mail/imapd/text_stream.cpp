#include "twistdpp/imap_server/text_stream.h"

#include <algorithm>
#include <utility>

namespace twistdpp::imap {

namespace {

constexpr std::size_t kAtATime = 64; // messages, for which another thread is worth while

} // namespace

TextStream::TextStream(Mailbox& mailbox, std::vector<std::uint32_t> uids, Extent extent)
    : mailbox_(mailbox), uids_(std::move(uids)), extent_(extent) {}

std::optional<std::string> TextStream::take() {
    auto out = std::move(ready_.front());
    ready_.pop_front();
    return out;
}

Deferred<std::optional<std::string>> TextStream::next() {
    if (!ready_.empty())
        return take();
    const auto begin = uids_.begin() + static_cast<std::ptrdiff_t>(asked_);
    const std::size_t count = std::min(kAtATime, uids_.size() - asked_);
    std::vector<std::uint32_t> some(begin, begin + static_cast<std::ptrdiff_t>(count));
    return mailbox_.texts(std::move(some), extent_)
        .addCallback([this](std::vector<std::optional<std::string>> texts) {
            asked_ += texts.size();
            for (auto& text : texts)
                ready_.push_back(std::move(text));
            return take();
        });
}

} // namespace twistdpp::imap
