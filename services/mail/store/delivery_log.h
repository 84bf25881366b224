#pragma once
#include "twistdpp/base/result.h"
#include "twistdpp/defer/deferred.h"
#include "twistdpp/mail_store/message_spool.h"
#include "twistdpp/reactor/reactor.h"

#include <memory>
#include <optional>
#include <string>

namespace twistdpp::mail {

/// Puts messages into the Maildirs below one folder, many with one sync. A small message is written to its
/// Maildir as a file that the kernel has yet to put on the disk, and to a journal; one sync of the journal
/// makes safe all that came while the sync before it ran. Behind that the file system is synced from time to
/// time, and the journal begins anew. A large message, and one in a Maildir on another disk, is synced for
/// itself. Belongs to the reactor's thread.
class DeliveryLog {
public:
    /// Up to how many bytes a message goes through the journal.
    static constexpr std::uint64_t kLargest = 128 * 1024;

    /// `folder`: what the Maildirs lie in. Its journals are in ".journal".
    DeliveryLog(Reactor& reactor, std::string folder);
    ~DeliveryLog();

    /// Fires when the message, `head` (lines with LF) and `body`, is safe in the Maildir `name` below the
    /// folder; with an error when it is not, and may be there nevertheless. `body` does not change meanwhile.
    Deferred<std::optional<Error>>
    deliver(std::string name, std::string head, std::shared_ptr<const MessageSpool> body);
    /// Fires when nothing is left to be done; whatever comes later is not journalled any more.
    Deferred<void> close();

    /// Puts back what a process that died had promised, where it is not there whole. Blocks. Gives how many
    /// messages that were.
    static Result<std::size_t> recover(const std::string& folder);

private:
    class State;
    std::shared_ptr<State> state_;
};

} // namespace twistdpp::mail
