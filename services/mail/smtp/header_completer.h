#pragma once
#include "twistdpp/base/bytes.h"

#include <cstdint>
#include <string>

namespace twistdpp::smtp {

/// What a server mends in the header of a message that comes in, for a submission server (RFC 6409 section
/// 8): Date and Message-ID are put in where they are missing, and Bcc, which is for the sender's eyes alone,
/// is taken out. Or other fields are. Reads the message in pieces; of the body nothing is changed.
class HeaderCompleter {
public:
    /// What is put in, without line ends: "Thu, 26 Nov 2026 17:48:31 +0000" and "<id@host>".
    HeaderCompleter(std::string date, std::string messageId)
        : date_(std::move(date)), messageId_(std::move(messageId)) {}
    /// Takes out all fields of that name, and puts nothing in.
    explicit HeaderCompleter(std::string unwanted) : unwanted_(std::move(unwanted)) {}

    /// Appends to `out` what comes of some more bytes, whose lines end with CRLF.
    void read(Bytes data, std::string& out);
    /// Appends what is missing at the end of a message that is all header.
    void end(std::string& out);

private:
    enum class Line : std::uint8_t { begins, kept, dropped };
    void decide(std::string& out);
    void complete(std::string& out);

    std::string date_, messageId_;
    std::string unwanted_ = "Bcc";
    std::string line_; // its beginning, until it is clear what it is
    Line state_ = Line::begins;
    bool dropping_ = false; // the field that the lines belong to

    bool inside_ = true; // of the header
};

} // namespace twistdpp::smtp
