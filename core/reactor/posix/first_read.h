#pragma once

namespace twistdpp {

/// Says whether an accepted connection should be read before the poller is asked. On a busy loop the request
/// is there already, and the poller never hears of a connection that serves one; on an idle one it is still
/// under way, and the read is a system call for nothing. So: as it lately was, with a try now and then.
class FirstRead {
public:
    bool worthwhile() noexcept { return credit_ > 0 || ++skipped_ % kTryEach == 0; }
    /// What came of a read that was worthwhile.
    void found(bool something) noexcept {
        if (something)
            credit_ = kCredit;
        else if (credit_ > 0)
            --credit_;
    }

private:
    static constexpr unsigned kCredit = 8;
    static constexpr unsigned kTryEach = 32;
    unsigned credit_ = kCredit;
    unsigned skipped_ = 0;
};

} // namespace twistdpp
