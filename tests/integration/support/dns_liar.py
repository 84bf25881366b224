"""A primary that does not do what it should: a thread that answers SOA, AXFR and IXFR as a test wants it."""
import contextlib
import socket
import struct
import threading

from . import dns_wire as wire
from .rivals import free_dns_port


class Liar:
    """`soa` is the serial that it tells; `stream(query)` yields the answer sections of the transfer's messages.

    Everything asked is in .asked as (type, transport); .refused is how often a connection broke while it sent.
    """

    def __init__(self, zone, soa, stream, host="127.0.0.1"):
        self.zone, self.soa, self.stream = zone, soa, stream
        self.address = (host, free_dns_port())
        self.asked, self.broken, self.sent = [], 0, 0
        self.over = threading.Event()
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(self.address)
        self.udp.settimeout(0.2)
        self.tcp = socket.create_server(self.address)
        self.tcp.settimeout(0.2)
        self.threads = [threading.Thread(target=self._udp, daemon=True), threading.Thread(target=self._tcp, daemon=True)]
        for thread in self.threads:
            thread.start()

    def stop(self):
        self.over.set()
        for thread in self.threads:
            thread.join(10)
        self.udp.close()
        self.tcp.close()

    def soa_record(self, serial=None, zone=None):
        zone = zone or self.zone
        return wire.pack_record(zone, "SOA", wire.pack_soa("ns." + zone, "host." + zone, serial or self.soa, 1, 1, 3600),
                                60)

    def _reply(self, query, answers):
        labels, rtype, cls = query.questions[0]
        return wire.message(query.ident, wire.QR | wire.AA, [wire.question(labels, rtype, cls)], answers)

    def _answer_soa(self, query):
        return self._reply(query, [self.soa_record()])

    def _udp(self):
        while not self.over.is_set():
            with contextlib.suppress(socket.timeout, OSError):
                data, peer = self.udp.recvfrom(65535)
                query = wire.parse(data)
                self.asked.append((wire.type_name(query.questions[0][1]), "udp"))
                # What is not SOA is better asked over TCP.
                answer = self._answer_soa(query) if self.asked[-1][0] == "SOA" else wire.message(
                    query.ident, wire.QR | wire.TC, [wire.question(*query.questions[0])])
                self.udp.sendto(answer, peer)

    def _tcp(self):
        while not self.over.is_set():
            try:
                client, _ = self.tcp.accept()
            except (socket.timeout, OSError):
                continue
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        client.settimeout(5)
        try:
            with wire.Tcp(None, connection=client) as connection:
                while not self.over.is_set():
                    query = connection.receive()
                    if query is None:
                        return
                    kind = wire.type_name(query.questions[0][1])
                    self.asked.append((kind, "tcp"))
                    if kind == "SOA":
                        connection.send(self._answer_soa(query))
                        continue
                    for answers in self.stream(query):
                        if self.over.is_set():
                            return
                        data = answers if isinstance(answers, bytes) else self._reply(query, answers)
                        connection.send(data)
                        self.sent += len(data)
        except (OSError, wire.Malformed, struct.error):
            self.broken += 1

    def transfers(self):
        return sum(kind in ("AXFR", "IXFR") for kind, _ in self.asked)


def endless(first):
    """The messages of a transfer that never ends, as packed bytes but for the first; made as fast as they are taken."""
    labels = b"nPPPPPPPP"
    # One record: the owner with a pointer to the question, and an address.
    records = [bytes([len(labels) + 5]) + labels + b"-%04d" % number + b"\xc0\x0c" +
               struct.pack("!HHIH", 1, 1, 60, 4) + b"\x0a\0\0\1" for number in range(1900)]
    template = b"".join(records)

    def stream(query):
        yield [first]
        labels, rtype, cls = query.questions[0]
        head = wire.message(query.ident, wire.QR | wire.AA, [wire.question(labels, rtype, cls)])
        head = head[:6] + struct.pack("!H", len(records)) + head[8:]
        number = 0
        while True:
            yield head + template.replace(b"PPPPPPPP", b"%08d" % number)
            number += 1
    return stream
