"""What the NSEC3 records of an answer prove (RFC 5155 section 8)."""
import base64
import hashlib

from . import dns_wire as wire

_TO_STANDARD = bytes.maketrans(b"0123456789ABCDEFGHIJKLMNOPQRSTUV", b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")


def _hash(name, salt, iterations):
    data = b"".join(bytes([len(label)]) + label for label in wire.lower(name)) + b"\0"
    for _ in range(iterations + 1):
        data = hashlib.sha1(data + salt).digest()
    return data


class Nsec3:
    def __init__(self, record):
        rdata = record.rdata
        self.opt_out = bool(rdata[1] & 1)
        self.iterations = int.from_bytes(rdata[2:4], "big")
        self.salt = rdata[5:5 + rdata[4]]
        at = 5 + rdata[4]
        self.next = rdata[at + 1:at + 1 + rdata[at]]
        self.own = base64.b32decode(record.owner[0].upper().translate(_TO_STANDARD))

    def matches(self, name):
        return _hash(name, self.salt, self.iterations) == self.own

    def covers(self, name):
        value = _hash(name, self.salt, self.iterations)
        if self.own < self.next:
            return self.own < value < self.next
        return value > self.own or value < self.next


def records(reply):
    return [Nsec3(record) for record in reply.authority if record.kind == "NSEC3"]


def covered(reply, name):
    return any(record.covers(name) for record in records(reply))


def closest_encloser(reply, qname):
    """The ancestor of which the answer proves that it exists and that the next name below it does not (section 8.3)."""
    found = records(reply)
    for labels in range(1, len(qname)):
        if any(record.matches(qname[labels:]) for record in found):
            return qname[labels:] if covered(reply, qname[labels - 1:]) else None
    return None


def signed(reply):
    """Whether each NSEC3 record of the answer has its signature."""
    owners = {wire.lower(r.owner) for r in reply.authority if r.kind == "NSEC3"}
    return owners <= {wire.lower(r.owner) for r in reply.authority if r.kind == "RRSIG"}
