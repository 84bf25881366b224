// layers: mail_queue
// What a disk may give back of the mail queue. The first byte says which: a mail's description, which is the
// same behind its text when it is read at all; or a file of records, of which each that is given is whole.
#include "twistdpp/mail_queue/queued_mail.h"
#include "twistdpp/mail_store/record_file.h"

#include <cstdint>
#include <cstdlib>
#include <sys/mman.h>
#include <unistd.h>

using namespace twistdpp;
using mail::QueuedMail;
using mail::RecordFile;

namespace {

void require(bool holds) {
    if (!holds)
        std::abort();
}

void description(Bytes text) {
    const auto mail = QueuedMail::parse(text);
    if (!mail)
        return;
    const auto again = QueuedMail::parse(mail->toText());
    require(again.ok() && again->toText() == mail->toText());
}

/// Good records, and then the bytes in place of what the machine had no time to write.
void records(Bytes data) {
    const UniqueFd fd(::memfd_create("records", MFD_CLOEXEC));
    require(static_cast<bool>(fd));
    const std::uint64_t epoch = 42;
    std::uint64_t end = 0;
    {
        RecordFile file(UniqueFd(::dup(fd.get())), "records", epoch);
        file.add("first");
        file.add("second");
        require(file.write().ok());
        end = file.size();
    }
    require(
        ::pwrite(fd.get(), data.data(), data.size(), static_cast<off_t>(end)) ==
        static_cast<ssize_t>(data.size())
    );
    std::size_t count = 0;
    const auto read =
        RecordFile::read(fd.get(), "records", epoch, [&](Bytes record, std::uint64_t at) -> Result<void> {
            require(count > 1 || record == (count == 0 ? "first" : "second"));
            require(at + record.size() <= end + data.size() + (1U << 20U));
            ++count;
            return {};
        });
    require(read.ok() && count >= 2);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Bytes input(reinterpret_cast<const char*>(data), size);
    if (input.empty() || size > 4096)
        return 0;
    input.front() % 2 == 0 ? description(input.substr(1)) : records(input.substr(1));
    return 0;
}
