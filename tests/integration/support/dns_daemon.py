"""Runs `twistdpp dns` for a test."""
import re

from . import dns_wire as wire
from .daemon import DaemonTest, wait_for


class DnsTest(DaemonTest):
    def serve(self, *options, interface="127.0.0.1", port=0, daemon_options=(), **more):
        """Starts it and sets self.address; gives the daemon."""
        daemon = self.foreground(*daemon_options, "dns", "-p", str(port), "-i", interface, *options, **more)
        host = "::1" if ":" in interface else "127.0.0.1"
        self.address = (host, int(re.search(r"ready: .*?\budp \S+:(\d+)", daemon.log).group(1)))
        return daemon

    def put(self, name, text, mode=0o644):
        """A file in the test's folder, replaced as an editor does it."""
        import os
        path = self.path(name)
        with open(path + ".new", "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path + ".new", mode)
        os.replace(path + ".new", path)
        return path

    def ask(self, qname, qtype="A", tcp=False, **more):
        packet = wire.query(qname, qtype, **more)
        reply = wire.tcp(self.address, packet) if tcp else wire.udp(self.address, packet, tries=3)
        self.assertIsNotNone(reply, f"no answer to {qname} {qtype}")
        self.assertEqual(reply.problems, [])
        return reply

    def send(self, packet, tcp=False):
        """The answer to a raw packet, None for silence (or a closed connection)."""
        if not tcp:
            return wire.udp(self.address, packet, seconds=1)
        with wire.Tcp(self.address, 1) as connection:
            try:
                return connection.ask(packet)
            except (TimeoutError, ConnectionResetError):
                return None

    def assert_rcode(self, reply, *wanted):
        self.assertIsNotNone(reply, "no answer")
        self.assertTrue(reply.has(wire.QR))
        self.assertIn(wire.RCODES.get(reply.rcode, reply.rcode), wanted, str(reply))

    def addresses(self, qname, qtype="A"):
        """The addresses of an answer, as text."""
        import socket
        family = socket.AF_INET if qtype == "A" else socket.AF_INET6
        return sorted(socket.inet_ntop(family, r.rdata) for r in self.ask(qname, qtype).answer if r.kind == qtype)

    def wait_addresses(self, qname, wanted, seconds=1.5):
        """A change is there within a second; the rest is for the machine."""
        wait_for(lambda: self.addresses(qname) == wanted, f"{qname} to be {wanted}", seconds)
