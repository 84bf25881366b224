#pragma once
#include "twistdpp/base/bytes.h"

#include <cstddef>
#include <functional>
#include <string>

namespace twistdpp::ftp {

/// Lines out of what a client sends on its control connection. They end with CR LF, or LF as careless clients
/// have it. Telnet's commands are taken out (RFC 854), as clients send them to interrupt a transfer: "IAC IP
/// IAC DM" in front of ABOR, of which the last byte may have come as urgent data and not be there; a byte of
/// 255 that is meant stands twice.
class CommandReader {
public:
    static constexpr std::size_t kLongest = 8192; // a command and a path

    /// `line`: a command without its end; of one that is too long, `tooLong` is told once.
    CommandReader(std::function<void(std::string line)> line, std::function<void()> tooLong)
        : line_(std::move(line)), tooLong_(std::move(tooLong)) {}

    /// Some bytes, cut anywhere. What it calls may call stop().
    void read(Bytes data);
    /// Forgets what has come, and takes no more of what is being read.
    void stop();

private:
    enum class State { text, iac, option };
    void take(char c);

    std::function<void(std::string)> line_;
    std::function<void()> tooLong_;
    State state_ = State::text;
    std::string gathered_;
    bool skipping_ = false; // the rest of a line that is too long
    unsigned stops_ = 0;
};

} // namespace twistdpp::ftp
