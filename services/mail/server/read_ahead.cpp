#include "twistdpp/mail_server/read_ahead.h"

#include "twistdpp/mail_server/maildir_text.h"

#include <memory>
#include <utility>

namespace twistdpp::mail {

void ReadAhead::forget() {
    ready_.clear();
    expected_ = static_cast<std::size_t>(-1);
}

Deferred<std::optional<std::string>>
ReadAhead::read(const std::vector<Maildir::Entry>& entries, std::size_t at) {
    const bool follows = std::exchange(expected_, at + 1) == at;
    if (auto found = ready_.extract(at))
        return std::move(found.mapped());
    ready_.clear();
    std::vector<Maildir::Entry> wanted{entries[at]};
    std::uint64_t bytes = entries[at].size;
    for (std::size_t i = at + 1; follows && i < entries.size() && wanted.size() < kMost; ++i) {
        bytes += entries[i].size;
        if (!fits(entries[i]) || bytes > kTogether)
            break;
        wanted.push_back(entries[i]);
    }
    const auto texts = std::make_shared<std::vector<std::optional<std::string>>>();
    return reactor_
        .runInThread(
            Pool::io,
            [maildir = maildir_, wanted = std::move(wanted), texts] {
                for (const Maildir::Entry& entry : wanted)
                    texts->push_back(readMessage(maildir, entry, imap::Extent::all));
            }
        )
        .addCallback([this, at, texts] {
            for (std::size_t i = 1; i < texts->size(); ++i)
                ready_[at + i] = std::move((*texts)[i]);
            return std::move(texts->front());
        });
}

} // namespace twistdpp::mail
