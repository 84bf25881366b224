#pragma once
#include "twistdpp/defer/deferred.h"
#include "twistdpp/reactor/reactor.h"

#include <string>
#include <vector>

namespace twistdpp::dns {

/// Sends a request with one question by UDP, from a port of its own, and gives the answer: from that address,
/// with the request's id and question. It is sent again after each of `waits`; after the last one it fails
/// with a TimeoutError. What the answer says, and its signature, are for the caller to look at.
Deferred<std::string>
exchangeDatagram(Reactor& reactor, const Address& to, std::string request, std::vector<Duration> waits);

/// Whether `answer` is one to `request`: id, opcode and question are the same, and QR is set. An error may
/// leave the question out.
bool answers(Bytes answer, Bytes request);

} // namespace twistdpp::dns
