#pragma once
#include "twistdpp/mail_queue/mail_spool.h"
#include "twistdpp/mail_relay/relay_options.h"
#include "twistdpp/mail_relay/routes.h"

#include "twistdpp/app/logger.h"
#include "twistdpp/app/metrics.h"
#include "twistdpp/app/service.h"
#include "twistdpp/base/unique_function.h"
#include "twistdpp/defer/deferred.h"
#include "twistdpp/reactor/reactor.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace twistdpp::mail {

/// A report that goes to the sender of a mail.
struct Report {
    smtp::Mailbox to;
    std::string text; // a message, lines with LF
    bool utf8 = false;
};
/// Sends a report, with the null sender. Fires when it is safe, with an error when it is not.
using ReportPost = std::function<Deferred<std::optional<Error>>(Report report)>;

/// Takes mail for other servers into a queue on the disk, and sends it to them: at once, then again and again
/// with longer and longer pauses, until it is taken, refused, or too old. Senders are told of what does not
/// arrive, of what takes long, and, if they asked for it, of what arrives (RFC 3461). Belongs to the
/// reactor's thread.
class Relay {
public:
    /// `found`: what is in the queue already. Sends nothing before start().
    Relay(
        Reactor& reactor, std::string folder, std::unique_ptr<SpoolFiles> files,
        std::vector<SpoolFiles::Found> found, Routes routes, RelayOptions options, ReportPost post,
        Logger log, Metrics& metrics
    );
    /// Without stop() what is on its way is cut off, and sent again by the next one.
    ~Relay();

    void start();
    /// Takes a mail, `head` (lines with LF) and `body`, for the recipients in mail.to. Fires when it is safe;
    /// with an error when it is not.
    Deferred<std::optional<Error>>
    accept(QueuedMail mail, std::string head, std::shared_ptr<const MessageSpool> body);
    /// Tries all that waits now, or one mail. Gives how many that were.
    std::size_t flush(const std::string& id = {});
    /// Throws a mail away, without a word to its sender. Gives whether there was such a one.
    bool drop(const std::string& id);
    /// Mails in the queue.
    std::size_t size() const noexcept;
    /// A line for the history of a mail.
    void note(const std::string& id, const std::string& line);
    /// Lets the mails that are on their way arrive, until the limit. Fires when all is on the disk.
    Deferred<void> stop(Drain drain);

    /// Milliseconds of Unix.
    std::int64_t now() const;

private:
    class State;
    std::shared_ptr<State> state_;
};

} // namespace twistdpp::mail
