"""What tests of the relay have in common."""
import email
import os
import re
import smtplib
import socket

from .daemon import PATIENCE, DaemonTest, wait_for
from .smtp_peer import SmtpPeer

ZONE = """$ORIGIN test.
$TTL 60
@        SOA ns hostmaster 1 3600 600 86400 60
@        NS ns
ns       A 127.0.0.1
one      A 127.0.0.2
two      A 127.0.0.3
both     MX 20 two
both     MX 10 one
first    MX 10 one
second   MX 10 two
plain    A 127.0.0.2
nowhere  MX 10 gone
null     MX 0 .
ours     MX 10 relay
ours     MX 20 one
relay    A 127.0.0.1
nothing  TXT "no mail here"
"""


class RelayTest(DaemonTest):
    """A name server, peers at several addresses with the same port, and the relay."""
    zone = ZONE

    def setUp(self):
        super().setUp()
        with open(self.path("zone"), "w", encoding="ascii") as file:
            file.write(self.zone)
        dns = self.foreground("dns", "-p", "0", "-i", "127.0.0.1", "--bindzone", self.path("zone"))
        self.dns = "127.0.0.1:" + re.search(r"udp \S+:(\d+)", dns.log)[1]
        # The same port at several addresses.
        with socket.create_server(("127.0.0.2", 0)) as free:
            self.port = free.getsockname()[1]

    def peer(self, host="127.0.0.2", **how):
        peer = SmtpPeer(host, self.port, **how)
        self.addCleanup(peer.listener.close)
        return peer

    def start(self, *more, **how):
        daemon = self.foreground("mail", "--smtp", "tcp:0:interface=127.0.0.1", "--no-pop3", "--no-imap", "--hostname", "relay.test",
                                 "--relay=queue", "--relay-port", str(self.port), "--dns", self.dns,
                                 "--maildirdbmdomain=example.com=mail", "--user=ann=password", *more, **how)
        daemon.smtp = daemon.address()[1]
        return daemon

    def send(self, daemon, *to, text="Subject: hello\r\n\r\nhello\r\n", sender="ann@example.com", **how):
        with smtplib.SMTP("127.0.0.1", daemon.smtp, timeout=PATIENCE) as client:
            return client.sendmail(sender, list(to), text, **how)

    def inbox(self):
        """What has come to the sender."""
        folder = self.path("mail/ann/new")
        found = []
        for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
            with open(os.path.join(folder, name), "rb") as file:
                found.append(email.message_from_binary_file(file))
        return found

    def reports(self, count=1):
        wait_for(lambda: len(self.inbox()) >= count, f"{count} reports")
        found = self.inbox()
        self.assertEqual(len(found), count)
        return found

    def say(self, *words, code=0):
        done = self.run_daemon("mail", "--relay=queue", *words)
        self.assertEqual(done.returncode, code, done)
        return done.stdout

    def empty(self):
        wait_for(lambda: self.say("queue") == "The queue is empty.\n", "an empty queue")
