#pragma once
#include <stdexcept>
#include <string>
#include <system_error>

namespace twistdpp {

/// Why a connection ended. connectionLost gets one of its kinds.
class ConnectionEnd : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Closed in order: by the peer, or by loseConnection() after all was sent.
class ConnectionDone : public ConnectionEnd {
public:
    ConnectionDone() : ConnectionEnd("connection closed cleanly") {}
};

/// Cut off by the peer or the network.
class ConnectionLost : public ConnectionEnd {
public:
    ConnectionLost() : ConnectionEnd("connection lost") {}
    explicit ConnectionLost(const std::error_code& why)
        : ConnectionEnd("connection lost: " + why.message()) {}
    explicit ConnectionLost(const std::string& why) : ConnectionEnd("connection lost: " + why) {}
};

/// Given up here, by abortConnection() or by a limit.
class ConnectionAborted : public ConnectionEnd {
public:
    ConnectionAborted() : ConnectionEnd("connection aborted") {}
    explicit ConnectionAborted(const std::string& why) : ConnectionEnd("connection aborted: " + why) {}
};

/// A connection could not be made. what() names the address.
class ConnectError : public std::runtime_error {
public:
    ConnectError(std::error_code code, const std::string& target)
        : std::runtime_error("cannot connect to " + target + ": " + code.message()), code_(code) {}
    const std::error_code& code() const noexcept { return code_; }

private:
    std::error_code code_;
};

class ConnectionRefusedError : public ConnectError {
public:
    explicit ConnectionRefusedError(const std::string& target)
        : ConnectError(std::make_error_code(std::errc::connection_refused), target) {}
};

class ConnectTimeoutError : public ConnectError {
public:
    explicit ConnectTimeoutError(const std::string& target)
        : ConnectError(std::make_error_code(std::errc::timed_out), target) {}
};

/// A host name has no address, or could not be looked up.
class DNSLookupError : public std::runtime_error {
public:
    DNSLookupError(const std::string& host, const std::string& why)
        : std::runtime_error("cannot look up '" + host + "': " + why) {}
};

/// A port could not be opened; thrown by listenTCP and its like, at set-up only.
class CannotListenError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// The reactor has no such capability (the simulated one spawns no processes unless told how).
class UnsupportedError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

} // namespace twistdpp
