#pragma once
#include "twistdpp/base/bytes.h"
#include "twistdpp/defer/deferred.h"

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace twistdpp::pop3 {

/// A message that is being read.
class Message {
public:
    Message() = default;
    Message(const Message&) = delete;
    Message& operator=(const Message&) = delete;
    virtual ~Message() = default;
    /// The next of its bytes, lines with LF or CRLF; empty at the end.
    virtual Deferred<std::string> next() = 0;
};

/// The messages of one user, as they were when it was opened (RFC 1939's maildrop). Nobody else has it open.
/// Its destruction is the end of the session.
class Drop {
public:
    Drop() = default;
    Drop(const Drop&) = delete;
    Drop& operator=(const Drop&) = delete;
    virtual ~Drop() = default;

    virtual std::size_t count() const noexcept = 0;
    /// In bytes, lines with CRLF.
    virtual std::uint64_t size(std::size_t index) const = 0;
    /// Never that of another message of this user; 1 to 70 printable characters.
    virtual std::string id(std::size_t index) const = 0;
    virtual Deferred<std::unique_ptr<Message>> open(std::size_t index) = 0;
    /// Removes them for good.
    virtual Deferred<void> remove(std::vector<std::size_t> indices) = 0;
};

/// Another session has the messages.
class InUse : public std::runtime_error {
public:
    InUse() : std::runtime_error("another session has the messages") {}
};

} // namespace twistdpp::pop3
