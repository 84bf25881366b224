#pragma once
#include "twistdpp/dns_wire/types.h"

#include <stdexcept>
#include <string>

namespace twistdpp::dns {

/// No server gave an answer within the time. what() names the question and the last reason.
class NoAnswerError : public std::runtime_error {
public:
    NoAnswerError(const std::string& what, bool network) : std::runtime_error(what), network_(network) {}
    /// Whether the network said so (refused, unreachable), and not the clock alone.
    bool network() const noexcept { return network_; }

private:
    bool network_;
};

/// The answer to a look-up was an error: Twisted's DomainError. Thrown as one of the kinds below where there
/// is one.
class DomainError : public std::runtime_error {
public:
    DomainError(Rcode code, const std::string& what) : std::runtime_error(what), rcode_(code) {}
    /// noError: the name exists and has nothing of what was asked for.
    Rcode rcode() const noexcept { return rcode_; }

private:
    Rcode rcode_;
};

/// There is no such name (NXDOMAIN).
class DNSNameError : public DomainError {
public:
    using DomainError::DomainError;
};
/// SERVFAIL.
class DNSServerError : public DomainError {
public:
    using DomainError::DomainError;
};
/// FORMERR.
class DNSFormatError : public DomainError {
public:
    using DomainError::DomainError;
};
/// NOTIMP.
class DNSNotImplementedError : public DomainError {
public:
    using DomainError::DomainError;
};
/// REFUSED.
class DNSQueryRefusedError : public DomainError {
public:
    using DomainError::DomainError;
};

} // namespace twistdpp::dns
