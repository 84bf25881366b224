"""What a name server must answer to right and wrong packets, one rule a test, with the RFC that says so."""
import random
import socket
import struct
import time

from support import dns_wire as wire, dns_zones
from support.daemon import run_tests
from support.dns_daemon import DnsTest


class RightAnswers(DnsTest):
    def setUp(self):
        super().setUp()
        options = [word for zone in dns_zones.plain(self.folder)
                   for word in ("--bindzone", f"{zone.origin}={zone.file}")]
        self.serve(*options, "--nsid", "right")

    def alive(self):
        self.assertEqual(self.ask("mail.rich.test").rcode, 0)

    def keys(self, records):
        return sorted((wire.show(wire.lower(record.owner)), record.kind) for record in records)


class Header(RightAnswers):
    def test_what_is_copied_and_what_is_not(self):
        """RFC 1035 section 4.1.1, RFC 4035 section 3.1.6: ID and RD come back, Z, AD and RA are clear."""
        for ident in (0, 1, 0xFFFF):
            reply = self.ask("mail.rich.test", ident=ident, flags=wire.RD | wire.AD | wire.Z)
            self.assertEqual(reply.ident, ident)
            self.assertEqual(reply.flags & ~wire.CD, wire.QR | wire.AA | wire.RD)
        self.assertEqual(self.ask("mail.rich.test").flags, wire.QR | wire.AA)

    def test_the_case_of_the_question_stays(self):
        qname = wire.name("mAiL.rICH.TeSt")
        for tcp in (False, True):
            reply = self.ask(qname, tcp=tcp)
            self.assertEqual(reply.questions, [(qname, 1, 1)])
            self.assertEqual(len(reply.answer), 2)

    def test_other_classes_are_refused(self):
        for cls in (wire.CH, 4, wire.ANY_CLASS, wire.NONE, 0, 65535):
            with self.subTest(cls=cls):
                reply = self.ask("mail.rich.test", cls=cls)
                # The last three are no class that a query could have (RFC 6895 section 3.2).
                self.assert_rcode(reply, "REFUSED", *(("FORMERR", "NOTIMP") if cls in (wire.NONE, 0, 65535) else ()))
                self.assertFalse(reply.has(wire.AA))
                self.assertEqual(reply.answer, [])

    def test_meta_types_are_no_question(self):
        """RFC 6895 section 3.1, RFC 6891 section 6.1.1."""
        for qtype in ("OPT", "TSIG", "TKEY"):
            with self.subTest(qtype=qtype):
                self.assert_rcode(self.ask("mail.rich.test", qtype), "FORMERR")

    def test_opcodes_that_are_not_there(self):
        """RFC 1035 section 4.1.1; and the answer is an answer, with QR."""
        for opcode in (1, 2, 3, 6, 7, 15):
            for edns in (None, 1232):
                with self.subTest(opcode=opcode, edns=edns):
                    reply = self.ask("mail.rich.test", opcode=opcode, edns=edns)
                    self.assert_rcode(reply, "NOTIMP")
                    self.assertEqual(reply.opcode, opcode)
                    self.assertEqual((reply.answer, reply.authority), ([], []))
        self.assert_rcode(self.ask("rich.test", "SOA", opcode=wire.UPDATE), "NOTIMP", "REFUSED")
        self.assert_rcode(self.ask("rich.test", "SOA", opcode=wire.NOTIFY), "NOTIMP", "REFUSED", "NOTAUTH")

    def test_answers_are_not_answered(self):
        """Or two servers would answer each other for ever."""
        for flags in (wire.QR, wire.QR | wire.AA, wire.QR | 1, wire.QR | 0x7800):
            packet = wire.query("mail.rich.test", flags=flags)
            self.assertIsNone(wire.udp_raw(self.address, packet, seconds=0.4))
        self.assertIsNone(self.send(wire.query("mail.rich.test", flags=wire.QR), tcp=True))
        self.alive()

    def test_shorter_than_a_header(self):
        for size in range(12):
            self.assertIsNone(wire.udp_raw(self.address, wire.query("mail.rich.test")[:size], seconds=0.1))
        self.alive()


class Questions(RightAnswers):
    def test_no_question(self):
        for tcp in (False, True):
            self.assert_rcode(self.send(wire.message(1), tcp), "FORMERR")
            self.assert_rcode(self.send(wire.message(1, additional=[wire.opt()]), tcp), "FORMERR")

    def test_no_question_but_a_cookie(self):
        """RFC 7873 section 5.4."""
        cookie = wire.option(wire.COOKIE, b"12345678")
        reply = self.send(wire.message(1, additional=[wire.opt(options=cookie)]))
        self.assert_rcode(reply, "NOERROR")
        self.assertTrue(reply.edns.get(wire.COOKIE).startswith(b"12345678"))
        self.assertGreaterEqual(len(reply.edns.get(wire.COOKIE)), 16)

    def test_two_questions(self):
        """RFC 9619."""
        two = [wire.question("mail.rich.test"), wire.question("ns1.rich.test")]
        for tcp in (False, True):
            self.assert_rcode(self.send(wire.message(1, questions=two), tcp), "FORMERR")
        # A count that the packet does not hold.
        self.assert_rcode(self.send(wire.message(1, questions=two[:1])[:5] + b"\2" + wire.query("a.rich.test")[6:]),
                          "FORMERR")

    def test_bytes_behind_the_message(self):
        for extra in (b"\0", b"x" * 100):
            for tcp in (False, True):
                self.assert_rcode(self.send(wire.query("mail.rich.test") + extra, tcp), "FORMERR")
                self.assert_rcode(self.send(wire.query("mail.rich.test", edns=1232) + extra, tcp), "FORMERR")

    def test_names_that_are_none(self):
        """RFC 1035 sections 2.3.4 and 4.1.4."""
        tail = struct.pack("!HH", 1, 1)
        for title, qname in (
                ("to itself", b"\xc0\x0c"), ("behind a label to itself", b"\1a\xc0\x0c"), ("forward", b"\xc0\x20"),
                ("past the end", b"\xff\xff"), ("into the header", b"\xc0\0"), ("half a pointer", b"\1a\xc0"),
                ("kind 01", b"\x41a\0"), ("kind 10", b"\x81a\0"), ("cut", b"\x3fabc"), ("no end", b"\1a\1b"),
                ("of 256 bytes", b"\x3f" + b"a" * 63 + (b"\x3f" + b"b" * 63) * 2 + b"\x3f" + b"c" * 63 + b"\0"),
                ("of 2000 bytes", b"\1a" * 1000 + b"\0")):
            with self.subTest(title=title):
                packet = wire.message(1, questions=[qname + tail])
                for tcp in (False, True):
                    reply = self.send(packet, tcp)
                    if reply is not None:
                        # The header may read like a name, of somebody else.
                        self.assert_rcode(reply, "FORMERR", *(["REFUSED"] if title == "into the header" else []))
        self.alive()

    def test_records_where_a_query_has_none(self):
        """They are not an answer's; nothing of them comes back."""
        record = wire.pack_record("evil.rich.test", "A", b"\1\2\3\4", 60)
        question = [wire.question("mail.rich.test")]
        for sections in ({"answers": [record]}, {"authority": [record]}, {"additional": [record]}):
            reply = self.send(wire.message(1, questions=question, **sections))
            self.assert_rcode(reply, "NOERROR", "FORMERR")
            self.assertNotIn(b"\4evil", reply.wire)
        broken = wire.message(1, questions=question, additional=[record[:-2]])
        self.assert_rcode(self.send(broken), "FORMERR")

    def test_garbage(self):
        """Bounded, and the same in each run."""
        rand = random.Random(7)
        good = wire.query("mail.rich.test", edns=1232, options=wire.option(wire.COOKIE, b"12345678"))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.connect(self.address)
            client.settimeout(0)
            for number in range(2000):
                packet = bytearray(good)
                for _ in range(rand.randrange(1, 6)):
                    packet[rand.randrange(len(packet))] = rand.randrange(256)
                packet = bytes(packet[:rand.randrange(1, len(packet))] if rand.random() < 0.3 else packet)
                client.send(packet)
                try:
                    while True:
                        answer = client.recv(65535)
                        self.assertTrue(answer[2] & 0x80)
                        wire.parse(answer)
                except BlockingIOError:
                    pass
                if number % 500 == 499:
                    self.alive()


class Edns(RightAnswers):
    def test_opt_only_for_opt(self):
        """RFC 6891 section 7."""
        for qname, qtype in (("mail.rich.test", "A"), ("nothing.mail.rich.test", "A"), ("www.sub.rich.test", "A"),
                             ("elsewhere.test", "A"), ("txt5000.rich.test", "TXT")):
            self.assertIsNone(self.ask(qname, qtype).edns)
            self.assertEqual(self.ask(qname, qtype, edns=1232).edns.version, 0)

    def test_a_later_version(self):
        """RFC 6891 section 6.1.3."""
        for version in (1, 255):
            packet = wire.message(1, questions=[wire.question("mail.rich.test")], additional=[wire.opt(version=version)])
            reply = self.send(packet)
            self.assert_rcode(reply, "BADVERS")
            self.assertEqual((reply.edns.version, reply.answer), (0, []))

    def test_unknown_options_and_flags(self):
        """RFC 6891 section 6.1.2: ignored, and DO alone comes back."""
        for options in (wire.option(65001, b"x" * 20), wire.option(65535), wire.option(8, b"\0\1\0\0")):
            reply = self.send(wire.message(1, questions=[wire.question("mail.rich.test")],
                                           additional=[wire.opt(flags=0xFFFF, options=options)]))
            self.assert_rcode(reply, "NOERROR")
            self.assertEqual(reply.edns.flags, 0x8000)
            self.assertEqual([code for code, _ in reply.edns.options if code not in (wire.EDE,)], [])
        self.assertEqual(self.ask("mail.rich.test", edns=1232).edns.flags, 0)

    def test_opt_records_that_are_wrong(self):
        good = wire.opt()
        question = [wire.question("mail.rich.test")]
        for title, additional in (
                ("two", [good, good]),
                ("an owner", [wire.pack_record("a", "OPT", b"", 0, 1232)]),
                ("an option cut in its head", [wire.pack_record(".", "OPT", b"\0\x0a\0", 0, 1232)]),
                ("an option longer than the record", [wire.pack_record(".", "OPT", b"\0\x03\0\x05ab", 0, 1232)]),
                ("longer than the packet", [good[:-2] + b"\0\x09"])):
            for tcp in (False, True):
                with self.subTest(title=title, tcp=tcp):
                    self.assert_rcode(self.send(wire.message(1, questions=question, additional=additional), tcp),
                                      "FORMERR")

    def test_cookies(self):
        """RFC 7873 section 5.2, RFC 9018."""
        reply = self.ask("mail.rich.test", edns=1232, options=wire.option(wire.COOKIE, b"12345678"))
        cookie = reply.edns.get(wire.COOKIE)
        self.assertEqual(cookie[:8], b"12345678")
        self.assertEqual(len(cookie), 24)
        self.assertEqual(cookie[8:12], b"\1\0\0\0")
        self.assertLess(abs(struct.unpack("!I", cookie[12:16])[0] - time.time()), 60)
        again = self.ask("mail.rich.test", edns=1232, options=wire.option(wire.COOKIE, cookie))
        self.assertEqual(again.rcode, 0)
        self.assertEqual(again.edns.get(wire.COOKIE)[:8], b"12345678")
        other = self.ask("mail.rich.test", edns=1232, options=wire.option(wire.COOKIE, b"abcdefgh"))
        self.assertNotEqual(other.edns.get(wire.COOKIE)[16:], cookie[16:])
        # One that was not ours is as good as none; nothing is under attack here.
        foreign = self.ask("mail.rich.test", edns=1232, options=wire.option(wire.COOKIE, cookie[:-1] + b"?"))
        self.assertEqual(foreign.rcode, 0)
        self.assertEqual(len(foreign.edns.get(wire.COOKIE)), 24)

    def test_cookies_of_a_length_that_none_has(self):
        """RFC 7873 section 5.2.2: 8, or 16 to 40."""
        for size in (0, 1, 7, 9, 15, 41, 100):
            with self.subTest(size=size):
                reply = self.ask("mail.rich.test", edns=1232, options=wire.option(wire.COOKIE, b"x" * size))
                self.assert_rcode(reply, "FORMERR")
        for size in (8, 16, 24, 40):
            with self.subTest(size=size):
                reply = self.ask("mail.rich.test", edns=1232, options=wire.option(wire.COOKIE, b"x" * size))
                self.assert_rcode(reply, "NOERROR")

    def test_nsid_keepalive_and_padding(self):
        """RFC 5001, RFC 7828 section 3.2, RFC 7830 section 6."""
        self.assertEqual(self.ask("mail.rich.test", edns=1232, options=wire.option(wire.NSID)).edns.get(wire.NSID),
                         b"right")
        self.assertIsNone(self.ask("mail.rich.test", edns=1232).edns.get(wire.NSID))
        asked = wire.option(wire.KEEPALIVE)
        self.assertIsNone(self.ask("mail.rich.test", edns=1232, options=asked).edns.get(wire.KEEPALIVE))
        self.assertEqual(len(self.ask("mail.rich.test", edns=1232, options=asked, tcp=True).edns.get(wire.KEEPALIVE)), 2)
        for tcp in (False, True):
            padded = self.ask("mail.rich.test", edns=1232, options=wire.option(wire.PADDING, bytes(20)), tcp=tcp)
            self.assertIsNone(padded.edns.get(wire.PADDING), "padding is for TLS")


class Answers(RightAnswers):
    def test_any_gets_one_set(self):
        """RFC 8482."""
        reply = self.ask("all.rich.test", "ANY", edns=4096)
        self.assertEqual(len({record.kind for record in reply.answer}), 1)
        self.assertTrue(reply.has(wire.AA))

    def test_names_of_others_are_refused(self):
        for qname in ("elsewhere.test", "test", ".", "xrich.test", "rich.test.example"):
            reply = self.ask(qname)
            self.assert_rcode(reply, "REFUSED")
            self.assertFalse(reply.has(wire.AA))
            self.assertEqual((reply.answer, reply.authority), ([], []))

    def test_negative_answers_have_the_soa(self):
        """RFC 2308 sections 2 and 3."""
        for qname, rcode in (("nothing.mail.rich.test", "NXDOMAIN"), ("mail.rich.test", "NOERROR")):
            reply = self.ask(qname, "HINFO")
            self.assert_rcode(reply, rcode)
            self.assertTrue(reply.has(wire.AA))
            self.assertEqual(self.keys(reply.authority), [("rich.test.", "SOA")])
            self.assertEqual(reply.authority[0].ttl, 300)
        self.assertEqual(self.ask("rich.test", "SOA").answer[0].ttl, 3600)

    def test_the_last_name_gives_the_rcode(self):
        """RFC 6604 section 2."""
        self.assert_rcode(self.ask("to-nothing.rich.test", "HINFO"), "NOERROR")  # the top wildcard has it
        self.assert_rcode(self.ask("to-ent.rich.test"), "NOERROR")
        reply = self.ask("chain1.rich.test", "A")
        self.assertEqual([r.kind for r in reply.answer], ["CNAME"] * 3 + ["A"])
        reply = self.ask("x.y.dname.rich.test", "A")
        self.assert_rcode(reply, "NXDOMAIN")
        self.assertEqual([r.kind for r in reply.answer], ["DNAME", "CNAME"])

    def test_empty_non_terminals_and_wildcards(self):
        """RFC 4592 section 2.2."""
        for qname in ("ent.rich.test", "c.ent.rich.test", "b.c.ent.rich.test", "ent2.rich.test"):
            reply = self.ask(qname)
            self.assert_rcode(reply, "NOERROR")
            self.assertEqual(reply.answer, [])
        self.assert_rcode(self.ask("q.ent.rich.test"), "NXDOMAIN")
        self.assertEqual(self.keys(self.ask("q.wild.rich.test").answer), [("q.wild.rich.test.", "A")])
        self.assertEqual(self.keys(self.ask("p.q.wild.rich.test").answer), [("p.q.wild.rich.test.", "A")])
        self.assertEqual(self.keys(self.ask("*.wild.rich.test").answer), [("*.wild.rich.test.", "A")])
        self.assertEqual(self.ask("exists.wild.rich.test").answer, [])
        self.assert_rcode(self.ask("q.exists.wild.rich.test"), "NXDOMAIN")
        self.assert_rcode(self.ask("q.b.wild.rich.test"), "NXDOMAIN")

    def test_referrals(self):
        """RFC 1034 section 4.3.2 step 3b, RFC 2181 section 6.1."""
        for qname in ("sub.rich.test", "www.sub.rich.test", "ns.sub.rich.test", "occluded.sub.rich.test",
                      "deeper.occluded.sub.rich.test"):
            reply = self.ask(qname)
            self.assert_rcode(reply, "NOERROR")
            self.assertFalse(reply.has(wire.AA), qname)
            self.assertEqual(reply.answer, [], qname)
            self.assertEqual({key for key in self.keys(reply.authority)}, {("sub.rich.test.", "NS")})
            self.assertIn(("ns.sub.rich.test.", "AAAA"), self.keys(reply.additional))
        self.assertEqual(self.keys(self.ask("a.x.deeper.cut.rich.test").authority), [("deeper.cut.rich.test.", "NS")])

    def test_ds_is_the_parents(self):
        """RFC 4035 section 3.1.4.1; also where the child is served here."""
        for qname in ("secure.rich.test", "served.rich.test"):
            reply = self.ask(qname, "DS")
            self.assertTrue(reply.has(wire.AA))
            self.assertEqual({record.kind for record in reply.answer}, {"DS"})
        self.assertEqual(self.keys(self.ask("sub.rich.test", "DS").authority), [("rich.test.", "SOA")])
        self.assertEqual(self.keys(self.ask("www.served.rich.test").answer), [("www.served.rich.test.", "A")])

    def test_dname(self):
        """RFC 6672 section 2.2 and 3.3."""
        reply = self.ask("www.dname.rich.test")
        self.assertEqual([r.kind for r in reply.answer], ["DNAME", "CNAME", "A"])
        self.assertEqual(reply.answer[0].ttl, reply.answer[1].ttl)
        self.assertEqual(self.keys(self.ask("dname.rich.test", "TXT").answer), [("dname.rich.test.", "TXT")])
        long = "a" * 60 + ".d-long.rich.test"
        for tcp in (False, True):
            reply = self.ask(long, edns=1232, tcp=tcp)
            self.assert_rcode(reply, "YXDOMAIN")
            self.assertEqual([r.kind for r in reply.answer], ["DNAME"])

    def test_loops_end(self):
        for qname in ("loop1", "self", "x.d-loop", "x.wildloop"):
            for tcp in (False, True):
                before = time.monotonic()
                self.assert_rcode(self.ask(qname + ".rich.test", tcp=tcp), "NOERROR", "SERVFAIL")
                self.assertLess(time.monotonic() - before, 1)

    def test_a_set_is_a_set(self):
        """RFC 2181 section 5: each record once, one TTL."""
        reply = self.ask("pieces.rich.test")
        self.assertEqual(sorted(r.rdata[3] for r in reply.answer), [73, 74])
        self.assertEqual({r.ttl for r in reply.answer}, {90})


class Truncation(RightAnswers):
    def test_sizes(self):
        """RFC 6891 section 6.2.3, RFC 9715: below 512 is 512, and above 1232 is 1232."""
        for edns, limit in ((None, 512), (0, 512), (511, 512), (512, 512), (1000, 1000), (1232, 1232), (4096, 1232),
                            (65535, 1232)):
            for qname, qtype in (("txt500", "TXT"), ("txt1300", "TXT"), ("txt5000", "TXT"), ("addresses", "A"),
                                 ("mx-many", "MX"), ("many", "A")):
                with self.subTest(edns=edns, qname=qname):
                    reply = self.ask(qname + ".rich.test", qtype, edns=edns)
                    self.assertLessEqual(reply.size, limit)
                    self.assertEqual(reply.edns is not None, edns is not None)
                    whole = self.ask(qname + ".rich.test", qtype, edns=edns, tcp=True)
                    self.assertFalse(whole.has(wire.TC))
                    if whole.size <= limit:
                        self.assertFalse(reply.has(wire.TC))
                        self.assertEqual(len(reply.answer), len(whole.answer))
                    if not reply.has(wire.TC):
                        self.assertEqual(len(reply.answer), len(whole.answer))
                        self.assertEqual(len(reply.authority), len(whole.authority))
                    else:
                        # A set is there or not; half a one is neither (RFC 2181 section 9).
                        self.assertIn(len(reply.answer), (0, len(whole.answer)))

    def test_additional_records_are_left_out_silently(self):
        reply = self.ask("mx-many.rich.test", "MX")
        self.assertFalse(reply.has(wire.TC))
        self.assertEqual(len(reply.answer), 20)

    def test_glue_that_a_referral_needs_is_not(self):
        """RFC 9471 section 3.1."""
        self.assertTrue(self.ask("many.rich.test").has(wire.TC))
        reply = self.ask("many.rich.test", edns=1232)
        self.assertFalse(reply.has(wire.TC))
        self.assertEqual(len(reply.additional), 26)


class Tcp(RightAnswers):
    def test_fifty_in_one_write(self):
        """RFC 7766 section 6.2.1.1; answers may come in any order."""
        packets = [wire.query(f"n{number}.wild.rich.test", ident=number) for number in range(50)]
        with wire.Tcp(self.address) as connection:
            connection.send(*packets)
            replies = {}
            for _ in packets:
                reply = connection.receive()
                replies[reply.ident] = reply
        self.assertEqual(sorted(replies), list(range(50)))
        for number, reply in replies.items():
            self.assertEqual(reply.questions[0][0], wire.name(f"n{number}.wild.rich.test"))
            self.assertEqual(len(reply.answer), 1)

    def test_byte_by_byte(self):
        """RFC 7766 section 8: length and message may come in pieces."""
        with wire.Tcp(self.address) as connection:
            connection.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for _ in range(2):
                for byte in wire.frame(wire.query("mail.rich.test")):
                    connection.socket.sendall(bytes([byte]))
                    time.sleep(0.002)
                self.assertEqual(len(connection.receive().answer), 2)

    def test_length_and_answer_are_one_segment(self):
        """RFC 7766 section 8."""
        with socket.create_connection(self.address, 5) as client:
            client.sendall(wire.frame(wire.query("mail.rich.test")))
            first = client.recv(65536)
        self.assertEqual(len(first) - 2, struct.unpack_from("!H", first)[0])

    def test_a_client_that_has_said_all_is_answered(self):
        with wire.Tcp(self.address) as connection:
            connection.send(*(wire.query("txt5000.rich.test", "TXT", ident=number) for number in range(20)))
            connection.socket.shutdown(socket.SHUT_WR)
            self.assertEqual([connection.receive().ident for _ in range(20)], list(range(20)))
            self.assertIsNone(connection.receive(), "and then closes")

    def test_half_a_query_is_not_answered(self):
        with wire.Tcp(self.address) as connection:
            connection.socket.sendall(wire.frame(wire.query("mail.rich.test"))[:-3])
            connection.socket.shutdown(socket.SHUT_WR)
            self.assertIsNone(connection.receive_raw())
        self.alive()

    def test_messages_that_are_none(self):
        for data in (b"\0\0", b"\0\1x", b"\0\x0b" + b"x" * 11):
            with wire.Tcp(self.address, 2) as connection:
                connection.socket.sendall(data)
                try:
                    reply = connection.receive()
                except (TimeoutError, ConnectionResetError):
                    reply = None
                self.assertIsNone(reply)
        self.alive()

    def test_many_connections(self):
        connections = [wire.Tcp(self.address) for _ in range(100)]
        try:
            for connection in connections:
                self.assertEqual(connection.ask(wire.query("mail.rich.test")).rcode, 0)
        finally:
            for connection in connections:
                connection.socket.close()

    def test_a_client_that_does_not_read_harms_nobody(self):
        with wire.Tcp(self.address, 5) as greedy:
            greedy.socket.settimeout(0.5)
            burst = wire.frame(wire.query("txt5000.rich.test", "TXT")) * 1000
            sent = 0
            try:
                while sent < 64 << 20:
                    sent += greedy.socket.send(burst)
            except (TimeoutError, ConnectionError):
                pass
            self.alive()
            self.assertEqual(self.ask("mail.rich.test", tcp=True).rcode, 0)

    def test_transfers_are_denied(self):
        """Nobody is let in by default; over UDP there is no AXFR (RFC 5936 section 4.2)."""
        for qtype in ("AXFR", "IXFR"):
            replies, records, _ = wire.transfer(self.address, "rich.test", qtype, serial=1 if qtype == "IXFR" else None)
            self.assert_rcode(replies[0], "REFUSED")
            self.assertEqual(records, [])
        self.assert_rcode(self.ask("rich.test", "AXFR"), "FORMERR", "NOTIMP", "REFUSED")


class Interfaces(DnsTest):
    def test_ipv6(self):
        zone = dns_zones.plain(self.folder)[0]
        self.serve("--bindzone", f"{zone.origin}={zone.file}", interface="::1")
        self.assertEqual(len(self.ask("mail.rich.test").answer), 2)
        self.assertEqual(len(self.ask("mail.rich.test", tcp=True).answer), 2)

    def test_the_answer_comes_from_where_the_query_went(self):
        zone = dns_zones.plain(self.folder)[0]
        self.serve("--bindzone", f"{zone.origin}={zone.file}", interface="0.0.0.0")
        for host in ("127.0.0.1", "127.0.0.9"):
            # The socket is connected: another source would not be heard.
            self.address = (host, self.address[1])
            self.assertEqual(len(self.ask("mail.rich.test").answer), 2)


if __name__ == "__main__":
    run_tests()
