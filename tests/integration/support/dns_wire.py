"""A DNS codec for tests: builds any message, right or wrong, and reads answers without forgiving anything.

Names are tuples of labels (bytes), the root being (). A record's rdata is read into a form that is the same however it
was compressed, with the names in it in lower case (RFC 4034 section 6.2), so that the answers of two servers compare.
"""
import base64
import hashlib
import hmac
import socket
import struct
import time
from dataclasses import dataclass, field

TYPES = {
    "A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "PTR": 12, "HINFO": 13, "MINFO": 14, "MX": 15, "TXT": 16, "RP": 17,
    "AFSDB": 18, "RT": 21, "SIG": 24, "KEY": 25, "PX": 26, "AAAA": 28, "LOC": 29, "SRV": 33, "NAPTR": 35, "KX": 36,
    "CERT": 37, "DNAME": 39, "OPT": 41, "APL": 42, "DS": 43, "SSHFP": 44, "IPSECKEY": 45, "RRSIG": 46, "NSEC": 47,
    "DNSKEY": 48, "DHCID": 49, "NSEC3": 50, "NSEC3PARAM": 51, "TLSA": 52, "SMIMEA": 53, "CDS": 59, "CDNSKEY": 60,
    "OPENPGPKEY": 61, "CSYNC": 62, "ZONEMD": 63, "SVCB": 64, "HTTPS": 65, "SPF": 99, "NID": 104, "L32": 105,
    "L64": 106, "LP": 107, "EUI48": 108, "EUI64": 109, "TKEY": 249, "TSIG": 250, "IXFR": 251, "AXFR": 252,
    "MAILB": 253, "MAILA": 254, "ANY": 255, "URI": 256, "CAA": 257,
}
TYPE_NAMES = {number: name for name, number in TYPES.items()}
RCODES = {0: "NOERROR", 1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED", 6: "YXDOMAIN",
          9: "NOTAUTH", 10: "NOTZONE", 16: "BADVERS", 23: "BADCOOKIE"}
QR, AA, TC, RD, RA, Z, AD, CD = 0x8000, 0x0400, 0x0200, 0x0100, 0x0080, 0x0040, 0x0020, 0x0010
IN, CH, NONE, ANY_CLASS = 1, 3, 254, 255
QUERY, STATUS, NOTIFY, UPDATE = 0, 2, 4, 5
NSID, COOKIE, KEEPALIVE, PADDING, EDE = 3, 10, 11, 12, 15

# Where names stand in the rdata: n is a name, a digit so many bytes, s a character-string, * the rest.
_LAYOUTS = {
    "NS": "n", "CNAME": "n", "SOA": "nn*", "PTR": "n", "MINFO": "nn", "MX": "2n", "RP": "nn", "AFSDB": "2n",
    "RT": "2n", "SIG": "99n*", "PX": "2nn", "SRV": "6n", "NAPTR": "4sssn", "KX": "2n", "DNAME": "n", "RRSIG": "99n*",
    "NSEC": "n*", "SVCB": "2n*", "HTTPS": "2n*", "LP": "2n",
}
# RFC 3597 section 4: only these may be compressed by who sends them.
_COMPRESSIBLE = {"NS", "CNAME", "SOA", "PTR", "MINFO", "MX"}


def type_name(number):
    return TYPE_NAMES.get(number, f"TYPE{number}")


def type_number(name):
    return name if isinstance(name, int) else TYPES[name] if name in TYPES else int(name.removeprefix("TYPE"))


class Malformed(Exception):
    """The answer is not a DNS message as its RFCs want it."""


# --- names ---------------------------------------------------------------------------------------------------------


def name(text):
    """A name from its text, with \\. and \\DDD; always taken as absolute."""
    if not isinstance(text, str):
        return tuple(text)
    labels, label, at = [], bytearray(), 0
    if text in (".", ""):
        return ()
    while at < len(text):
        char = text[at]
        if char == "\\":
            if text[at + 1].isdigit():
                label.append(int(text[at + 1:at + 4]))
                at += 4
            else:
                label += text[at + 1].encode()
                at += 2
            continue
        if char == ".":
            labels.append(bytes(label))
            label.clear()
        else:
            label += char.encode("latin-1")
        at += 1
    if label:
        labels.append(bytes(label))
    return tuple(labels)


def show(labels):
    out = []
    for label in labels:
        out.append("".join(chr(c) if 33 <= c < 127 and chr(c) not in '.\\"();@$' else
                           "\\" + chr(c) if 33 <= c < 127 else f"\\{c:03d}" for c in label))
    return ".".join(out) + "."


def lower(labels):
    return tuple(label.lower() for label in labels)


def pack_name(labels):
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def name_length(labels):
    return sum(len(label) + 1 for label in labels) + 1


def under(labels, above):
    """Whether `labels` is `above` or below it."""
    labels, above = lower(labels), lower(above)
    return not above or labels[-len(above):] == above


def read_name(data, at):
    """(labels, where it ends, whether it was compressed)."""
    labels, end, lowest, length = [], None, at, 1
    while True:
        if at >= len(data):
            raise Malformed("a name runs over the end")
        size = data[at]
        if size >= 0xC0:
            if at + 2 > len(data):
                raise Malformed("a pointer runs over the end")
            to = struct.unpack_from("!H", data, at)[0] & 0x3FFF
            end = at + 2 if end is None else end
            if to >= lowest:
                raise Malformed("a pointer does not lead back")
            at = lowest = to
            continue
        if size > 63:
            raise Malformed("a label of an unknown kind")
        at += 1
        if size == 0:
            return tuple(labels), at if end is None else end, end is not None
        if at + size > len(data):
            raise Malformed("a label runs over the end")
        labels.append(data[at:at + size])
        length += size + 1
        if length > 255:
            raise Malformed("a name of more than 255 bytes")
        at += size


# --- records -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Record:
    owner: tuple
    type: int
    cls: int
    ttl: int
    rdata: bytes  # canonical: no compression, names in lower case
    raw_rdata: bytes = field(compare=False, repr=False, default=b"")  # no compression, case as it came

    @property
    def key(self):
        """What two servers must agree on."""
        return (lower(self.owner), type_name(self.type), self.cls, self.ttl, self.rdata)

    @property
    def kind(self):
        return type_name(self.type)

    def target(self):
        """The last name in the rdata."""
        names = _names(self.type, self.rdata)
        return names[-1] if names else None

    def __str__(self):
        names = _names(self.type, self.rdata)
        told = " ".join(map(show, names)) if names else self.rdata[:40].hex()
        return f"{show(self.owner)} {self.ttl} {self.kind} {told}"


def _walk(rtype, data, at, end):
    """Yields (is a name, bytes or labels, compressed) of the rdata's parts."""
    layout = _LAYOUTS.get(type_name(rtype), "*")
    for part in layout:
        if part == "n":
            labels, at, compressed = read_name(data, at)
            if at > end:
                raise Malformed(f"a name in {type_name(rtype)} runs over its rdata")
            yield True, labels, compressed
            continue
        if part == "*":
            size = end - at
        elif part == "s":
            size = 1 + data[at] if at < end else 1
        else:
            size = int(part)
        if at + size > end:
            raise Malformed(f"{type_name(rtype)} is too short")
        yield False, data[at:at + size], False
        at += size
    if at != end:
        raise Malformed(f"{type_name(rtype)} has bytes behind its end")


def _names(rtype, rdata):
    return [part for is_name, part, _ in _walk(rtype, rdata, 0, len(rdata)) if is_name]


def soa(record):
    """(mname, rname, serial, refresh, retry, expire, minimum)."""
    mname, at, _ = read_name(record.rdata, 0)
    rname, at, _ = read_name(record.rdata, at)
    return (mname, rname, *struct.unpack_from("!5I", record.rdata, at))


def pack_record(owner, rtype, rdata, ttl=0, cls=IN):
    return pack_name(name(owner)) + struct.pack("!HHIH", type_number(rtype), cls, ttl, len(rdata)) + rdata


def pack_soa(mname, rname, serial, refresh=3600, retry=600, expire=86400, minimum=300):
    return pack_name(name(mname)) + pack_name(name(rname)) + struct.pack("!5I", serial, refresh, retry, expire, minimum)


# --- messages ------------------------------------------------------------------------------------------------------


def option(code, value=b""):
    return struct.pack("!HH", code, len(value)) + value


def opt(size=1232, flags=0, options=b"", version=0, extended=0):
    """An OPT record (RFC 6891); flags 0x8000 is DO."""
    return b"\0" + struct.pack("!HHBBHH", TYPES["OPT"], size, extended, version, flags, len(options)) + options


def question(qname, qtype="A", cls=IN):
    return pack_name(name(qname)) + struct.pack("!HH", type_number(qtype), cls)


def message(ident, flags=0, questions=(), answers=(), authority=(), additional=(), opcode=0, rcode=0):
    """Any message, right or not: the sections are packed records."""
    head = struct.pack("!6H", ident, flags | opcode << 11 | rcode, len(questions), len(answers), len(authority),
                       len(additional))
    return head + b"".join((*questions, *answers, *authority, *additional))


def query(qname, qtype="A", cls=IN, ident=1, flags=0, edns=None, do=False, options=b"", opcode=0):
    """`edns` is the payload size, or None for none."""
    more = [] if edns is None else [opt(edns, 0x8000 if do else 0, options)]
    return message(ident, flags, [question(qname, qtype, cls)], additional=more, opcode=opcode)


@dataclass
class Edns:
    size: int
    extended: int
    version: int
    flags: int
    options: list  # (code, bytes)

    def get(self, code):
        return next((value for number, value in self.options if number == code), None)


@dataclass
class Message:
    ident: int
    flags: int
    questions: list  # (labels, type, class)
    answer: list
    authority: list
    additional: list  # without OPT and TSIG
    edns: Edns = None
    tsig: Record = None
    tsig_at: int = 0  # where the TSIG record begins
    size: int = 0
    problems: list = field(default_factory=list)
    wire: bytes = b""

    @property
    def opcode(self):
        return self.flags >> 11 & 15

    @property
    def rcode(self):
        return (self.flags & 15) | ((self.edns.extended << 4) if self.edns else 0)

    def has(self, flag):
        return bool(self.flags & flag)

    def __str__(self):
        bits = [n for n, f in (("qr", QR), ("aa", AA), ("tc", TC), ("rd", RD), ("ra", RA), ("z", Z), ("ad", AD),
                               ("cd", CD)) if self.has(f)]
        out = [f"{RCODES.get(self.rcode, self.rcode)} {' '.join(bits)} {self.size} bytes"]
        for title in ("answer", "authority", "additional"):
            out += [f"  {title}: {record}" for record in getattr(self, title)]
        if self.edns:
            out.append(f"  {self.edns}")
        return "\n".join(out)


def parse(data):
    """Reads a whole message; Malformed when it is not one. What is legal but wrong goes to .problems."""
    if len(data) < 12:
        raise Malformed("shorter than a header")
    ident, flags, *counts = struct.unpack_from("!6H", data)
    out = Message(ident, flags, [], [], [], [], size=len(data), wire=data)
    at = 12
    for _ in range(counts[0]):
        labels, at, _ = read_name(data, at)
        if at + 4 > len(data):
            raise Malformed("a question runs over the end")
        out.questions.append((labels, *struct.unpack_from("!HH", data, at)))
        at += 4
    for section, count in zip((out.answer, out.authority, out.additional), counts[1:]):
        for number in range(count):
            start = at
            owner, at, _ = read_name(data, at)
            if at + 10 > len(data):
                raise Malformed("a record runs over the end")
            rtype, cls, ttl, length = struct.unpack_from("!HHIH", data, at)
            at += 10
            if at + length > len(data):
                raise Malformed("rdata runs over the end")
            if rtype == TYPES["OPT"]:
                _take_opt(out, section, owner, cls, ttl, data[at:at + length])
            else:
                record = _record(out, owner, rtype, cls, ttl, data, at, at + length)
                if rtype == TYPES["TSIG"]:
                    if section is not out.additional or number != count - 1:
                        out.problems.append("TSIG is not the last record")
                    out.tsig, out.tsig_at = record, start
                else:
                    section.append(record)
            at += length
    if at != len(data):
        raise Malformed(f"{len(data) - at} bytes behind the message")
    return out


def _record(out, owner, rtype, cls, ttl, data, at, end):
    rdata, raw = b"", b""
    for is_name, part, compressed in _walk(rtype, data, at, end):
        rdata += pack_name(lower(part)) if is_name else part
        raw += pack_name(part) if is_name else part
        if compressed and type_name(rtype) not in _COMPRESSIBLE:
            out.problems.append(f"a compressed name in {type_name(rtype)}")
    return Record(owner, rtype, cls, ttl, rdata, raw)


def _take_opt(out, section, owner, cls, ttl, rdata):
    if section is not out.additional or owner != () or out.edns:
        out.problems.append("an OPT record where none belongs")
    options, at = [], 0
    while at < len(rdata):
        if at + 4 > len(rdata):
            raise Malformed("an EDNS option is cut")
        code, length = struct.unpack_from("!HH", rdata, at)
        at += 4
        if at + length > len(rdata):
            raise Malformed("an EDNS option runs over its record")
        options.append((code, rdata[at:at + length]))
        at += length
    out.edns = Edns(cls, ttl >> 24, ttl >> 16 & 255, ttl & 0xFFFF, options)


# --- TSIG (RFC 8945) -----------------------------------------------------------------------------------------------

_HASHES = {"hmac-sha1": hashlib.sha1, "hmac-sha224": hashlib.sha224, "hmac-sha256": hashlib.sha256,
           "hmac-sha384": hashlib.sha384, "hmac-sha512": hashlib.sha512}


@dataclass
class Key:
    key_name: str
    secret: str  # base64
    algorithm: str = "hmac-sha256"

    def conf(self):
        """As tsig-keygen prints it."""
        return f'key "{self.key_name}" {{\n\talgorithm {self.algorithm};\n\tsecret "{self.secret}";\n}};\n'

    def mac(self, *parts):
        return hmac.new(base64.b64decode(self.secret), b"".join(parts), _HASHES[self.algorithm]).digest()


@dataclass
class Tsig:
    algorithm: tuple
    time: int
    fudge: int
    mac: bytes
    original: int
    error: int
    other: bytes


def read_tsig(record):
    data = record.raw_rdata
    algorithm, at, _ = read_name(data, 0)
    high, low, fudge, size = struct.unpack_from("!HIHH", data, at)
    at += 10
    mac = data[at:at + size]
    at += size
    original, error, length = struct.unpack_from("!HHH", data, at)
    if at + 6 + length != len(data):
        raise Malformed("TSIG rdata of a wrong length")
    return Tsig(algorithm, high << 32 | low, fudge, mac, original, error, data[at + 6:])


def _times(when, fudge):
    return struct.pack("!HIH", when >> 32, when & 0xFFFFFFFF, fudge)


def _variables(key, when, fudge, error=0, other=b""):
    return (pack_name(lower(name(key.key_name))) + struct.pack("!HI", ANY_CLASS, 0) + pack_name(name(key.algorithm)) +
            _times(when, fudge) + struct.pack("!HH", error, len(other)) + other)


def sign(wire, key, when=None, fudge=300, prior=None, spoil=None, truncate=None):
    """Adds a TSIG; `prior` is the request's MAC when an answer is signed. Gives (message, mac)."""
    when = int(time.time()) if when is None else when
    lead = struct.pack("!H", len(prior)) + prior if prior else b""
    mac = key.mac(lead, wire, _variables(key, when, fudge))
    sent = mac[:truncate] if truncate else mac
    if spoil:
        sent = spoil(sent)
    rdata = (pack_name(name(key.algorithm)) + _times(when, fudge) + struct.pack("!H", len(sent)) + sent + wire[:2] +
             struct.pack("!HH", 0, 0))
    count = struct.unpack_from("!H", wire, 10)[0]
    return (wire[:10] + struct.pack("!H", count + 1) + wire[12:] +
            pack_record(key.key_name, "TSIG", rdata, cls=ANY_CLASS)), mac


def _unsigned(reply, tsig):
    count = struct.unpack_from("!H", reply.wire, 10)[0]
    return struct.pack("!H", tsig.original) + reply.wire[2:10] + struct.pack("!H", count - 1) + reply.wire[12:reply.tsig_at]


def verify(replies, key, request_mac):
    """Checks the TSIGs of an answer, or of all messages of a transfer in their order; Malformed when one is wrong."""
    prior, gathered, first = request_mac, b"", True
    for reply in replies:
        if reply.tsig is None:
            gathered += reply.wire
            if first:
                raise Malformed("the first message is not signed")
            continue
        tsig = read_tsig(reply.tsig)
        body = gathered + _unsigned(reply, tsig)
        end = _variables(key, tsig.time, tsig.fudge, tsig.error, tsig.other) if first else _times(tsig.time, tsig.fudge)
        if key.mac(struct.pack("!H", len(prior)), prior, body, end) != tsig.mac:
            raise Malformed("a TSIG does not verify")
        prior, gathered, first = tsig.mac, b"", False
    if gathered:
        raise Malformed("the last message is not signed")


# --- sockets -------------------------------------------------------------------------------------------------------


def udp_raw(address, wire, seconds=3.0, tries=1):
    """The answer's bytes, or None when none came."""
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as client:
        client.connect(address)
        client.settimeout(seconds)
        for _ in range(tries):
            try:
                client.send(wire)
                return client.recv(65535)
            except socket.timeout:
                continue
            except ConnectionRefusedError:
                return None
    return None


def udp(address, wire, seconds=3.0, tries=1):
    data = udp_raw(address, wire, seconds, tries)
    return None if data is None else parse(data)


def frame(wire):
    return struct.pack("!H", len(wire)) + wire


class Tcp:
    """One connection, and the messages on it."""

    def __init__(self, address, seconds=5.0, connection=None):
        self.socket = connection or socket.create_connection(address, seconds)
        self.socket.settimeout(seconds)
        self.held = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, *wires):
        self.socket.sendall(b"".join(map(frame, wires)))

    def receive_raw(self):
        """The next message's bytes; None when the server has closed."""
        while len(self.held) < 2 or len(self.held) < 2 + struct.unpack_from("!H", self.held)[0]:
            block = self.socket.recv(65536)
            if not block:
                if self.held:
                    raise Malformed("the connection was closed within a message")
                return None
            self.held += block
        size = struct.unpack_from("!H", self.held)[0]
        data, self.held = self.held[2:2 + size], self.held[2 + size:]
        return data

    def receive(self):
        data = self.receive_raw()
        return None if data is None else parse(data)

    def ask(self, wire):
        self.send(wire)
        return self.receive()


def tcp(address, wire, seconds=5.0):
    with Tcp(address, seconds) as connection:
        return connection.ask(wire)


def transfer(address, zone, qtype="AXFR", key=None, serial=None, seconds=20.0, **signing):
    """The messages of a zone transfer, up to the SOA that ends it, an error, or the end of the connection."""
    authority = [] if serial is None else [pack_record(zone, "SOA", pack_soa(".", ".", serial))]
    wire, mac = message(7, 0, [question(zone, qtype)], authority=authority), b""
    if key:
        wire, mac = sign(wire, key, **signing)
    replies, records = [], []
    with Tcp(address, seconds) as connection:
        connection.send(wire)
        while True:
            reply = connection.receive()
            if reply is None:
                break
            replies.append(reply)
            records += reply.answer
            if reply.rcode or not reply.answer or transfer_ended(records, serial if qtype == "IXFR" else None):
                break
    return replies, records, mac


def transfer_ended(records, serial=None):
    """Whether the answer records of a transfer are complete (RFC 5936 section 2.2, RFC 1995 section 4)."""
    latest = soa(records[0])[2]
    # One SOA to who has this version or a later one, in the arithmetic of RFC 1982.
    if serial is not None and len(records) == 1 and (serial - latest) % (1 << 32) < 1 << 31:
        return True
    if len(records) < 2:
        return False
    if serial is None or records[1].kind != "SOA":
        return records[-1].kind == "SOA"
    # Incremental: the latest SOA stands first, once where its additions begin, and last.
    return records[-1].kind == "SOA" and sum(r.kind == "SOA" and soa(r)[2] == latest for r in records) == 3
