#pragma once
#include "twistdpp/reactor/context_factory.h"
#include "twistdpp/reactor/transport.h"

#include <memory>
#include <string_view>

namespace twistdpp {

/// Puts TLS under the protocol of a connection that is in use (STARTTLS of SMTP, IMAP, FTP's AUTH TLS, ...):
/// the protocol stays, its transport() is the secured one from now on, and what it writes is sent when the
/// handshake is done. May be called inside its dataReceived(). The server writes its "go ahead" before it
/// calls this. connectionMade() is not called again; a protocol that wants to know derives from
/// HandshakeListener (tls_transport.h). Write limits return to their defaults. Nothing happens on a
/// connection that is closing.
///
/// Bytes that came behind the STARTTLS command, in the same dataReceived() or in a buffer of the protocol,
/// were sent without protection, perhaps by someone else, and must be DISCARDED by the protocol: were they
/// taken for commands of the secured session, anyone on the way could inject some (CVE-2011-0411). So must be
/// what the peer said of itself before (RFC 3207 section 4.2).
void startTlsServer(Transport& transport, const std::shared_ptr<const ContextFactory>& context);

/// The same on a connection that is to resume the session of another one, as FTP's data connections do: no
/// tickets are given for it. A client that only sends would never read them, and closing with unread bytes
/// resets the connection, with which what it has sent is lost.
void startTlsServerWithoutTickets(Transport& transport, const std::shared_ptr<const ContextFactory>& context);

/// As the client, of a server whose certificate must be for `hostname`.
void startTlsClient(
    Transport& transport, const std::shared_ptr<const ContextFactory>& context, std::string_view hostname
);

/// The same as a client that resumes the TLS session of `first`, a secured connection of its own to the same
/// server, as FTP's data connections do: with the context and the host name of that one.
void startTlsClientLike(Transport& transport, const Transport& first);

/// As the server of a secured connection: gives its client one more session ticket, which goes out with what
/// is written next. For a client that uses each ticket once and is to resume this session more often. Does
/// nothing below TLS 1.3, where a ticket is used as often as one likes.
void giveTlsTicket(Transport& transport);

} // namespace twistdpp
