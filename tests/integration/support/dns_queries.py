"""Generated queries about a zone, and what of an answer must be the same from every server."""
import os
import random
from dataclasses import dataclass, replace

from . import dns_wire as wire

# Asked everywhere. Meta types and class ANY are judged one by one in dns_right_answers_test.py.
TYPES = ("A", "AAAA", "NS", "SOA", "CNAME", "MX", "TXT", "SRV", "PTR", "CAA", "DS", "DNAME", "HTTPS", "SVCB", "NAPTR",
         "RRSIG", "NSEC", "NSEC3", "NSEC3PARAM", "DNSKEY", "CDS", "HINFO", "URI", "TLSA", "TYPE65280", "TYPE65299")
SIZES = (None, None, 0, 511, 512, 513, 1200, 1232, 1232, 1232, 1400, 4096, 65535)
OUTSIDE = (".", "test.", "com.", "elsewhere.test.", "rich.test.elsewhere.test.", "xrich.test.", "arpa.")
OPCODES = (1, 2, 3, 6, 15)


@dataclass(frozen=True)
class Case:
    qname: tuple
    qtype: str
    cls: int = wire.IN
    flags: int = 0
    edns: int = None
    do: bool = False
    tcp: bool = False
    opcode: int = 0

    @property
    def room(self):
        """The bytes that an answer may have."""
        return 65535 if self.tcp else 512 if self.edns is None else max(512, min(self.edns, 1232))

    def pack(self, ident):
        return wire.query(self.qname, self.qtype, self.cls, ident, self.flags, self.edns, self.do, opcode=self.opcode)

    def __str__(self):
        out = [wire.show(self.qname), self.qtype] + ([f"class {self.cls}"] if self.cls != 1 else [])
        out += [f"flags {self.flags:#06x}"] if self.flags else []
        out += [f"edns {self.edns}" + (" do" if self.do else "")] if self.edns is not None else []
        out += ["tcp"] if self.tcp else []
        out += [f"opcode {self.opcode}"] if self.opcode else []
        return " ".join(out)


def replace_tcp(case):
    return replace(case, tcp=True)


def seed():
    """The same in each run, so that a failure stays; TWISTDPP_SEED gives other queries."""
    return int(os.environ.get("TWISTDPP_SEED", "1"))


class Generator:
    """`sets` is {owner as text: types} of all zones together."""

    def __init__(self, sets, number):
        self.random = random.Random(number)
        self.sets = {wire.name(owner): sorted(types) for owner, types in sets.items()}
        self.owners = sorted(self.sets)

    def _case(self, qname):
        """Letters in a random case (draft-vixie-dnsext-dns0x20)."""
        return tuple(bytes(c ^ 0x20 if chr(c).isalpha() and c < 128 and self.random.random() < 0.5 else c for c in label)
                     for label in qname)

    def _near(self, owner):
        pick = self.random.random()
        if pick < 0.45 or not owner:
            return owner
        if pick < 0.55:
            return owner[1:]
        label = self.random.choice((b"x", b"*", b"zz", b"\0", b"a", b"host", b"www", b"ns", b"\xff"))
        if pick < 0.75:
            return (label, *owner)
        if pick < 0.82:
            return (label, self.random.choice((b"a", b"*", b"deep", b"y")), *owner)
        if pick < 0.9:
            return (label, *owner[1:])
        changed = bytearray(owner[0])
        changed[self.random.randrange(len(changed))] = self.random.choice(b"azAZ09-_*\x01\xfe")
        return (bytes(changed), *owner[1:])

    def one(self):
        rand = self.random
        owner = rand.choice(self.owners)
        if "NSEC3" in self.sets[owner] and rand.random() < 0.9:
            owner = rand.choice(self.owners)
        qname = wire.name(rand.choice(OUTSIDE)) if rand.random() < 0.02 else self._near(owner)
        while wire.name_length(qname) > 255:
            qname = qname[1:]
        if rand.random() < 0.2:
            qname = self._case(qname)
        own = self.sets.get(wire.lower(qname)) or self.sets[owner]
        qtype = rand.choice(own) if rand.random() < 0.4 else "ANY" if rand.random() < 0.05 else rand.choice(TYPES)
        edns = rand.choice(SIZES)
        # A whole flag word of nonsense shows that only RD and CD come back.
        flags = rand.choice((0, 0, wire.RD, wire.CD, wire.RD | wire.CD, wire.AD, wire.RD | wire.AD))
        return Case(qname, qtype, wire.CH if rand.random() < 0.01 else wire.IN, flags, edns,
                    edns is not None and rand.random() < 0.5, rand.random() < 0.15,
                    rand.choice(OPCODES) if rand.random() < 0.01 else 0)

    def every(self, do):
        """Each owner, asked for each type that it has and for some that it mostly has not."""
        for owner in self.owners:
            if "NSEC3" in self.sets[owner]:
                continue
            for qtype in sorted({*self.sets[owner], "A", "DS", "NS", "CNAME", "TXT", "SOA", "TYPE65299"}):
                yield Case(owner, qtype, edns=4096, do=do)


# --- what must be the same -----------------------------------------------------------------------------------------

_SAME_FLAGS = wire.QR | wire.AA | wire.TC | wire.RD | wire.RA | wire.Z | wire.AD | wire.CD


def referral(reply):
    """The owner of the NS set when the answer sends the client to another server, else None."""
    kinds = {record.kind for record in reply.authority}
    if reply.rcode or "NS" not in kinds or "SOA" in kinds:
        return None
    cut = next(record.owner for record in reply.authority if record.kind == "NS")
    # An answer of its own may carry the zone's NS set along.
    return None if reply.has(wire.AA) and not any(r.kind in ("CNAME", "DNAME") for r in reply.answer) else cut


def needed_glue(reply):
    """Addresses without which the referral leads nowhere: those of servers below the cut (RFC 9471 section 3.1)."""
    cut = referral(reply)
    if cut is None:
        return frozenset()
    targets = {record.target() for record in reply.authority if record.kind == "NS"}
    return frozenset(record.key for record in reply.additional
                     if record.kind in ("A", "AAAA") and wire.lower(record.owner) in targets
                     and wire.under(record.owner, cut))


@dataclass(frozen=True)
class View:
    rcode: int
    flags: int
    answer: frozenset
    authority: frozenset
    glue: frozenset
    edns: tuple

    def differences(self, other):
        """Names of the fields in which they differ."""
        return tuple(name for name in ("rcode", "flags", "answer", "authority", "glue", "edns")
                     if getattr(self, name) != getattr(other, name))


def view(reply):
    """None when there was no answer. Of a truncated one the sections say nothing (RFC 2181 section 9)."""
    if reply is None:
        return None
    edns = None
    if reply.edns:
        edns = (reply.edns.version, reply.edns.flags)
    cut = reply.has(wire.TC)
    return View(reply.rcode, reply.flags & _SAME_FLAGS,
                frozenset() if cut else frozenset(record.key for record in reply.answer),
                frozenset() if cut else frozenset(record.key for record in reply.authority),
                frozenset() if cut else needed_glue(reply), edns)


class Voice:
    """Asks one server; a socket and a connection are kept."""

    def __init__(self, name, address):
        import socket
        self.name, self.address = name, address
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.connect(address)
        self.socket.settimeout(2)
        self.connection = None

    def close(self):
        self.socket.close()
        if self.connection:
            self.connection.__exit__()

    def ask(self, case, ident):
        data = self._tcp(case, ident) if case.tcp else self._udp(case, ident)
        return None if data is None else wire.parse(data)

    def _udp(self, case, ident):
        import socket
        packet = case.pack(ident)
        for _ in range(3):
            self.socket.send(packet)
            try:
                while True:
                    data = self.socket.recv(65535)
                    if data[:2] == packet[:2]:
                        return data
            except socket.timeout:
                continue
        return None

    def _tcp(self, case, ident):
        for _ in range(2):
            if self.connection is None:
                self.connection = wire.Tcp(self.address)
            try:
                self.connection.send(case.pack(ident))
                data = self.connection.receive_raw()
                if data is not None:
                    return data
            except (ConnectionError, wire.Malformed):
                pass
            self.connection.__exit__()
            self.connection = None
        return None
