#pragma once
#include "twistdpp/base/bytes.h"
#include "twistdpp/base/result.h"
#include "twistdpp/mail_store/record_file.h"

#include <cstdint>
#include <functional>
#include <string>

namespace twistdpp::mail {

/// Records in a file that is written from its beginning again and again. It is locked as long as the process
/// lives; one that nobody has locked was left by a process that died, and is read by recover(). Everything
/// blocks; one thread at a time.
class Journal {
public:
    /// A new one in `folder`, which is made when it is not there.
    static Result<Journal> make(const std::string& folder);
    Journal(Journal&&) noexcept = default;
    Journal& operator=(Journal&&) = delete;
    /// Removes the file when nothing is in it; else it is left for recover().
    ~Journal();

    /// As RecordFile's.
    void add(Bytes record) { records_.add(record); }
    Result<void> write() { return records_.write(); }
    Result<void> sync() { return records_.sync(); }
    /// Forgets the records: they are not needed any more.
    Result<void> clear();

    /// Bytes of records in it.
    std::uint64_t size() const noexcept { return records_.size(); }
    bool empty() const noexcept { return size() == 0; }

    /// Gives the records of every journal in `folder` whose process is gone, oldest first in each, and
    /// removes the file when `take` had no error with any of them. What was written in part when the machine
    /// stopped is where a journal ends. A folder that is not there has none. The error is the first that
    /// there was.
    static Result<void>
    recover(const std::string& folder, const std::function<Result<void>(Bytes record)>& take);

private:
    explicit Journal(RecordFile records) : records_(std::move(records)) {}

    RecordFile records_;
};

} // namespace twistdpp::mail
