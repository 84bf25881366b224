#pragma once
#include "twistdpp/base/result.h"
#include "twistdpp/base/unique_fd.h"
#include "twistdpp/mail_queue/queued_mail.h"
#include "twistdpp/mail_store/message_spool.h"
#include "twistdpp/mail_store/record_file.h"

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace twistdpp::mail {

/// Where the text of a mail is, lines with LF. Can be read as long as it is kept.
struct SpoolPlace {
    std::shared_ptr<const UniqueFd> file;
    std::uint64_t at = 0;
    std::uint64_t size = 0;

    /// Up to `most` bytes from `offset` on; nothing at the end. Blocks. Any thread.
    Result<std::string> read(std::uint64_t offset, std::size_t most) const;
};

/// One change of what is in the spool, and what came of it.
struct SpoolChange {
    enum class Kind {
        put,    ///< a mail comes: `text`, and the message
        move,   ///< it is written anew behind the others, `text` with it
        update, ///< `text` is what is known of it now
        remove, ///< it is done
        note,   ///< `text` is a line for the history
    };
    Kind kind = Kind::put;
    std::string id;
    std::string text;
    std::string head;                         // of the message, lines with LF
    std::shared_ptr<const MessageSpool> body; // what comes behind it
    SpoolPlace place;                         // of put and move: where it is now; put: of a large one, before
    std::optional<Error> error;
};

/// The files of the queue in one folder: segments that grow at their end, with the mails and what became of
/// them, and a file for each large one. One sync makes safe all that one apply() puts in. A segment goes when
/// nothing in it is needed any more and it is the oldest, so that what later ones say of its mails is never
/// missed; for the few that hold it up there is `move`. Everything blocks; one thread at a time.
class SpoolFiles {
public:
    /// Up to how many bytes a message lies in a segment.
    static constexpr std::uint64_t kLargest = 128 * 1024;

    struct Found {
        QueuedMail mail;
        SpoolPlace place;
    };
    /// Reads what is there, and goes on from there. Makes the folder when it is not there. The error names
    /// the file.
    static Result<std::unique_ptr<SpoolFiles>> open(std::string folder, std::vector<Found>& found);
    /// What is in the queue, with the files of a process that goes on meanwhile.
    static Result<std::vector<Found>> look(const std::string& folder);

    /// Puts a large message on the disk, for a `put` later. May run beside the other members.
    static Result<SpoolPlace> writeLarge(
        const std::string& folder, const std::string& id, const std::string& head, const MessageSpool& body
    );
    /// In their order. When the sync fails all that was put in is lost, and broken() says so from then on.
    void apply(std::span<const std::shared_ptr<SpoolChange>> changes);
    const std::optional<Error>& broken() const noexcept { return broken_; }
    /// Mails that should be moved, for their segment to go.
    std::vector<std::string> toBeMoved() const;
    /// The history as it is now: the older file, and the one that is written.
    static std::string historyPath(const std::string& folder, bool older);

    std::size_t segments() const noexcept { return segments_.size(); }

private:
    struct Segment {
        std::uint64_t number = 0;
        std::string path;
        std::shared_ptr<const UniqueFd> file; // for readers
        std::uint64_t size = 0;               // of all that was written to it
        std::uint64_t live = 0;               // of what is still needed
        std::vector<std::string> ids;         // that were put there
    };
    struct Entry {
        std::uint64_t segment = 0;
        std::uint64_t bytes = 0;
        SpoolPlace place;
        bool large = false;
    };
    struct Reading;

    explicit SpoolFiles(std::string folder) : folder_(std::move(folder)) {}
    Result<void> begin();
    Result<Entry> place(SpoolChange& change);
    void enter(const std::string& id, Entry entry);
    bool leave(const std::string& id);
    Result<void> write(bool safely);
    void dropOld();
    void writeHistory();

    std::string folder_;
    std::deque<Segment> segments_; // oldest first; the last is written
    std::optional<RecordFile> active_;
    std::vector<std::string> spares_; // files that have had their time, and their place on the disk
    std::unordered_map<std::string, Entry> entries_;
    std::uint64_t total_ = 0, live_ = 0;
    std::vector<std::string> removed_; // not written yet, as
    std::string history_;              // that
    std::optional<Error> broken_;
};

} // namespace twistdpp::mail
