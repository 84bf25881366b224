#pragma once
#include "twistdpp/mail_queue/queued_mail.h"
#include "twistdpp/mail_queue/spool_files.h"

#include "twistdpp/defer/deferred.h"
#include "twistdpp/reactor/reactor.h"

#include <memory>
#include <optional>
#include <string>

namespace twistdpp::mail {

/// A mail in the queue and where its text is. Shared by all who work on it.
struct SpooledMail : QueuedMail {
    SpoolPlace place;
    bool gone = false; // removed
};

/// The queue on the disk, for the reactor's thread: many changes are one write and one sync, on the pool.
/// What is changed is changed in their order.
class MailSpool {
public:
    /// `files`: what SpoolFiles::open() made of `folder`.
    MailSpool(Reactor& reactor, std::string folder, std::unique_ptr<SpoolFiles> files);
    ~MailSpool();

    /// A mail that SpoolFiles::open() has found: from now on it is known here.
    void adopt(const std::shared_ptr<SpooledMail>& mail);
    /// Takes a mail; `head` (lines with LF) and `body` are its text. Fires when it is safe; with an error
    /// when it is not, and may come back nevertheless. `body` does not change meanwhile.
    Deferred<std::optional<Error>>
    put(std::shared_ptr<SpooledMail> mail, std::string head, std::shared_ptr<const MessageSpool> body);
    /// What is known of it has changed. Soon on the disk; what a crash takes of that is tried once more.
    void update(const std::shared_ptr<SpooledMail>& mail);
    /// It is done.
    void remove(const std::shared_ptr<SpooledMail>& mail);
    /// A line for the history; its end is added.
    void note(std::string line);
    /// Up to `most` bytes of a mail's text from `offset` on, lines with LF; nothing at the end. Fails with
    /// what the disk says.
    Deferred<std::string>
    read(const std::shared_ptr<SpooledMail>& mail, std::uint64_t offset, std::size_t most);
    /// Fires when all changes are written.
    Deferred<void> close();

private:
    class State;
    std::shared_ptr<State> state_;
};

} // namespace twistdpp::mail
