"""Zone transfers with BIND, NSD and Knot at the other end, in both directions; and with primaries that lie."""
import os
import shutil
import subprocess
import time

from support import dns_liar, dns_wire as wire, dns_zones, rivals
from support.daemon import run_tests, wait_for
from support.dns_daemon import DnsTest
from support.rivals import Zone, free_dns_port

KEY = wire.Key("transfer.test.", "dHJhbnNmZXIga2V5IG9mIHRoaXMgdGVzdCBvbmx5IQ==")
OTHER = wire.Key("other.test.", "YW5vdGhlciBrZXkgb2YgdGhpcyB0ZXN0IG9ubHkhISE=", "hmac-sha512")
LIVE = "live.test"


def live(serial, extra="", refresh="1h", retry="15m", expire="2w"):
    return (f"$ORIGIN {LIVE}.\n$TTL 60\n@ SOA ns host {serial} {refresh} {retry} {expire} 1m\n@ NS ns\n"
            f"ns A 192.0.2.1\nwww A 192.0.2.{serial % 250}\n" + extra)


BULK = "".join(f"n{number} A 10.0.{number >> 8}.{number & 255}\n" for number in range(20000))


class TransferTest(DnsTest):
    def setUp(self):
        super().setUp()
        self.put("keys", KEY.conf() + OTHER.conf(), 0o600)

    def rival(self, kind, zones, keys=(KEY,), **more):
        rival = kind(self.folder, zones, keys, **more)
        self.addCleanup(rival.stop)
        return rival.start(wait=not any(zone.primaries for zone in zones))

    def serial(self, zone=LIVE, address=None):
        reply = wire.udp(address or self.address, wire.query(zone, "SOA"), seconds=1)
        return wire.soa(reply.answer[0])[2] if reply and not reply.rcode and reply.answer else None

    def wait_serial(self, serial, zone=LIVE, seconds=10, address=None):
        wait_for(lambda: self.serial(zone, address) == serial or time.sleep(0.05), f"serial {serial} of {zone}", seconds)

    def whole(self, address, zone, key=None):
        """The records of a zone, by AXFR."""
        replies, records, mac = wire.transfer(address, zone, key=key)
        self.assertEqual(replies[0].rcode, 0, str(replies[0]))
        if key:
            wire.verify(replies, key, mac)
        self.assertEqual((records[0].kind, records[-1].kind), ("SOA", "SOA"))
        self.assertEqual(records[0].key, records[-1].key)
        self.assertEqual(len({record.key for record in records[:-1]}), len(records) - 1, "a record twice")
        return {record.key for record in records}


class Out(TransferTest):
    """twistdpp is the primary."""

    def primary(self, *options, zone_text=None):
        self.put("live.zone", zone_text or live(1))
        return self.serve("--bindzone", f"{LIVE}=live.zone", "--tsig-keys", "keys", *options)

    def test_the_rich_zone_arrives_whole(self):
        zones = dns_zones.plain(self.folder)
        knot = self.rival(rivals.Knot, [Zone(zones[0].origin, zones[0].file, transfer_to=[None])])
        self.serve("--bindzone", f"{zones[0].origin}={zones[0].file}", "--allow-transfer", "127.0.0.0/8")
        self.assertEqual(self.whole(self.address, zones[0].origin), self.whole(knot.address, zones[0].origin))

    def test_a_large_zone_in_messages_that_hold_much(self):
        """RFC 5936 section 2.2."""
        self.primary("--allow-transfer", "127.0.0.1", zone_text=live(1, BULK))
        replies, records, _ = wire.transfer(self.address, LIVE)
        self.assertEqual(len(records), 20005)
        self.assertLess(len(replies), 60)
        self.assertTrue(all(reply.has(wire.AA) and reply.ident == 7 for reply in replies))
        self.assertEqual(len(replies[0].questions), 1)

    def test_who_is_let_in(self):
        self.primary("--allow-transfer", "192.0.2.0/24", "--allow-transfer", "127.0.0.1/32@transfer.test")
        self.assert_rcode(wire.transfer(self.address, LIVE)[0][0], "REFUSED")
        self.assertGreater(len(self.whole(self.address, LIVE, KEY)), 3)
        self.assert_rcode(wire.transfer(self.address, LIVE, key=OTHER)[0][0], "REFUSED", "NOTAUTH")
        self.assert_rcode(wire.transfer(self.address, "nothing.test", key=KEY)[0][0], "REFUSED", "NOTAUTH")

    def test_a_key_from_anywhere(self):
        self.primary("--allow-transfer", "@other.test")
        self.whole(self.address, LIVE, OTHER)
        self.assert_rcode(wire.transfer(self.address, LIVE)[0][0], "REFUSED")

    def test_signatures_that_do_not_hold(self):
        """RFC 8945 sections 5.2 and 5.3."""
        self.primary("--allow-transfer", "@transfer.test")
        for title, key, signing, error in (
                ("another secret", wire.Key(KEY.key_name, OTHER.secret), {}, 16),
                ("spoilt", KEY, {"spoil": lambda mac: bytes([mac[0] ^ 1]) + mac[1:]}, 16),
                ("unknown key", wire.Key("nobody.test.", KEY.secret), {}, 17),
                ("another algorithm", wire.Key(KEY.key_name, KEY.secret, "hmac-sha1"), {}, 17),
                ("too old", KEY, {"when": int(time.time()) - 4000}, 18),
                ("too new", KEY, {"when": int(time.time()) + 4000}, 18)):
            with self.subTest(title=title):
                replies, records, mac = wire.transfer(self.address, LIVE, key=key, **signing)
                self.assertEqual(records, [])
                self.assert_rcode(replies[0], "NOTAUTH")
                tsig = wire.read_tsig(replies[0].tsig)
                self.assertEqual(tsig.error, error)
                if error == 18:
                    # Signed, and with the server's time in it.
                    wire.verify(replies, key, mac)
                    self.assertEqual(len(tsig.other), 6)
                    self.assertLess(abs(int.from_bytes(tsig.other, "big") - time.time()), 60)
                else:
                    self.assertEqual(tsig.mac, b"")
        replies, records, _ = wire.transfer(self.address, LIVE, key=KEY, truncate=8)
        self.assertEqual(records, [], "eight bytes are too few (RFC 8945 section 5.2.2.1)")
        # The time within the fudge is in order.
        replies, records, mac = wire.transfer(self.address, LIVE, key=KEY, when=int(time.time()) - 200)
        self.assertGreater(len(records), 3)

    def test_increments(self):
        """RFC 1995: from a serial that is known, else the whole zone, and one SOA to who is up to date."""
        # Large enough that the difference is worth it.
        bulk = BULK[:BULK.index("n500 ")]
        self.primary("--allow-transfer", "127.0.0.1", zone_text=live(1, bulk))
        before = self.whole(self.address, LIVE)
        self.put("live.zone", live(2, bulk + "added A 192.0.2.200\n"))
        self.wait_serial(2)
        self.put("live.zone", live(3, bulk.replace("n7 A 10.0.0.7\n", "") + "added A 192.0.2.201\nmore TXT \"x\"\n"))
        self.wait_serial(3)
        _, records, _ = wire.transfer(self.address, LIVE, "IXFR", serial=1)
        self.assertEqual([wire.soa(r)[2] for r in (records[0], records[-1])], [3, 3])
        self.assertEqual((records[1].kind, wire.soa(records[1])[2] if records[1].kind == "SOA" else None), ("SOA", 1))
        self.assertLess(len(records), 24)
        self.assertEqual(self.replay(before, records), self.whole(self.address, LIVE))
        for serial in (3, 4):
            _, records, _ = wire.transfer(self.address, LIVE, "IXFR", serial=serial)
            self.assertEqual([record.kind for record in records], ["SOA"])
        _, records, _ = wire.transfer(self.address, LIVE, "IXFR", serial=4000000000)
        self.assertEqual([wire.soa(r)[2] for r in records if r.kind == "SOA"], [3, 3], "an AXFR in its place")

    @staticmethod
    def replay(zone, records):
        """Applies the differences to the keys of a zone's records (RFC 1995 section 4)."""
        zone, adding = set(zone), True
        for record in records[1:-1]:
            adding = not adding if record.kind == "SOA" else adding
            (zone.add if adding else zone.remove)(record.key)
        return zone

    def test_secondaries_follow(self):
        """BIND, NSD and Knot: told by NOTIFY, they come for the zone, signed."""
        for kind in (rivals.Bind, rivals.Nsd, rivals.Knot):
            with self.subTest(secondary=kind.name):
                port = free_dns_port()
                self.put("live.zone", live(1))
                daemon = self.serve("--bindzone", f"{LIVE}=live.zone", "--tsig-keys", "keys", "--allow-transfer",
                                    "@transfer.test", "--notify", f"127.0.0.1:{port}@transfer.test")
                secondary = self.rival(kind, [Zone(LIVE, primaries=[(*self.address, KEY)], transfer_to=[None])], port=port)
                secondary.wait_serial(LIVE, 1)
                self.put("live.zone", live(2, "added A 192.0.2.200\n"))
                # By its own timers it would come in an hour.
                secondary.wait_serial(LIVE, 2, seconds=15)
                self.assertEqual(self.whole(secondary.address, LIVE), self.whole(self.address, LIVE, KEY))
                secondary.stop()
                daemon.stop()


class In(TransferTest):
    """twistdpp is the secondary."""

    def secondary(self, primary, *options, key=KEY, zone=LIVE, port=0):
        name = f"@{key.key_name.rstrip('.')}" if key else ""
        return self.serve("--secondary", f"127.0.0.1:{primary[1]}/{zone}{name}", "--tsig-keys", "keys",
                          "--secondary-dir", self.path("copies"), *options, port=port)

    def test_from_each_primary(self):
        """With TSIG; then a change that NOTIFY tells of."""
        for kind in (rivals.Bind, rivals.Nsd, rivals.Knot):
            with self.subTest(primary=kind.name):
                shutil.rmtree(self.path("copies"), ignore_errors=True)
                port = free_dns_port()
                source = self.put("source.zone", live(1))
                primary = self.rival(kind, [Zone(LIVE, source, notify=[("127.0.0.1", port, KEY)], transfer_to=[KEY])])
                daemon = self.secondary(primary.address, "--allow-transfer", "127.0.0.1", port=port)
                self.wait_serial(1)
                self.assertEqual(self.whole(self.address, LIVE), self.whole(primary.address, LIVE, KEY))
                with open(primary.zone_path(primary.zones[0]), "w", encoding="ascii") as file:
                    file.write(live(2, "added A 192.0.2.200\n"))
                # NSD and BIND look at the time of the file, in seconds.
                os.utime(primary.zone_path(primary.zones[0]), (time.time() + 5, time.time() + 5))
                primary.reload()
                primary.wait_serial(LIVE, 2)
                self.wait_serial(2, seconds=15)
                self.assertEqual(self.addresses(f"added.{LIVE}"), ["192.0.2.200"])
                self.assertEqual(self.whole(self.address, LIVE), self.whole(primary.address, LIVE, KEY))
                daemon.stop()
                primary.stop()

    def test_the_rich_zone(self):
        zone = dns_zones.plain(self.folder)[0]
        primary = self.rival(rivals.Knot, [Zone(zone.origin, zone.file, transfer_to=[None])])
        self.secondary(primary.address, "--allow-transfer", "127.0.0.1", key=None, zone=zone.origin)
        self.wait_serial(2024010101, zone.origin)
        self.assertEqual(self.whole(self.address, zone.origin), self.whole(primary.address, zone.origin))

    def test_a_secondary_of_a_secondary_of_ours(self):
        source = self.put("source.zone", live(1, BULK))
        self.serve("--bindzone", f"{LIVE}={source}", "--tsig-keys", "keys", "--allow-transfer", "@transfer.test")
        first = self.address
        self.secondary(first, "--allow-transfer", "127.0.0.1")
        self.wait_serial(1)
        self.assertEqual(self.whole(self.address, LIVE), self.whole(first, LIVE, KEY))

    def test_until_it_has_the_zone_it_has_no_answer(self):
        daemon = self.secondary(("127.0.0.1", free_dns_port()))
        self.assert_rcode(self.ask(f"www.{LIVE}"), "SERVFAIL")
        daemon.stop()

    def test_a_restart_without_the_primary(self):
        source = self.put("source.zone", live(1, "kept A 192.0.2.77\n"))
        primary = self.rival(rivals.Knot, [Zone(LIVE, source, transfer_to=[KEY])])
        self.secondary(primary.address)
        self.wait_serial(1)
        wait_for(lambda: os.path.isdir(self.path("copies")) and os.listdir(self.path("copies")), "a copy on disk")
        primary.stop()
        self.kill_foreground()
        self.secondary(primary.address)
        self.wait_serial(1, seconds=5)
        self.assertEqual(self.addresses(f"kept.{LIVE}"), ["192.0.2.77"])

    def kill_foreground(self):
        """Without a chance to save anything."""
        self.daemons[-1].kill()

    def serve(self, *options, **more):
        self.daemons = [*getattr(self, "daemons", ()), super().serve(*options, **more)]
        return self.daemons[-1]

    def test_an_expired_zone_is_no_longer_answered(self):
        """RFC 1035 section 3.3.13: with the primary gone for longer than EXPIRE."""
        source = self.put("source.zone", live(1, refresh="1", retry="1", expire="3"))
        primary = self.rival(rivals.Nsd, [Zone(LIVE, source, transfer_to=[KEY])])
        self.secondary(primary.address)
        self.wait_serial(1)
        primary.stop()
        wait_for(lambda: self.ask(f"www.{LIVE}").rcode == 2 or time.sleep(0.1), "SERVFAIL", 15)

    def test_timers_without_notify(self):
        source = self.put("source.zone", live(1, refresh="1", retry="1"))
        primary = self.rival(rivals.Knot, [Zone(LIVE, source, transfer_to=[KEY])])
        self.secondary(primary.address)
        self.wait_serial(1)
        with open(primary.zone_path(primary.zones[0]), "w", encoding="ascii") as file:
            file.write(live(2, refresh="1", retry="1"))
        primary.reload()
        self.wait_serial(2, seconds=10)

    def test_notify_of_strangers_does_nothing(self):
        """RFC 1996 section 3.11."""
        liar = self.liar(7, lambda query: iter(()))
        self.secondary(liar.address, key=None)
        wait_for(lambda: liar.asked, "the first question")
        self.assert_rcode(self.ask("stranger.test", "SOA", opcode=wire.NOTIFY), "REFUSED", "NOTAUTH")
        with self.subTest("another address"):
            import socket
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
                client.bind(("127.0.0.77", 0))
                client.connect(self.address)
                client.settimeout(2)
                client.send(wire.query(LIVE, "SOA", opcode=wire.NOTIFY, flags=wire.AA))
                self.assert_rcode(wire.parse(client.recv(4096)), "REFUSED", "NOTAUTH")

    # --- primaries that lie ---

    def liar(self, serial, stream):
        liar = dns_liar.Liar(LIVE, serial, stream)
        self.addCleanup(liar.stop)
        return liar

    def good_then(self, bad):
        """A secondary with serial 1 of the zone; then the primary tells of serial 2 and sends what bad(liar, query) makes."""
        state = {"serial": 1}

        def stream(query):
            if state["serial"] == 1:
                yield [liar.soa_record(1), wire.pack_record(LIVE, "NS", wire.pack_name(wire.name(f"ns.{LIVE}")), 60),
                       wire.pack_record(f"ns.{LIVE}", "A", b"\xc0\0\2\1", 60),
                       wire.pack_record(f"www.{LIVE}", "A", b"\xc0\0\2\1", 60), liar.soa_record(1)]
            else:
                yield from bad(liar, query)
        liar = self.liar(1, stream)
        self.secondary(liar.address, key=None)
        self.wait_serial(1)
        before = liar.transfers()
        state["serial"] = liar.soa = 2
        wait_for(lambda: liar.transfers() > before, "another transfer", 10)
        return liar

    def ns(self, zone=LIVE):
        return wire.pack_record(zone, "NS", wire.pack_name(wire.name(f"ns.{zone}")), 60)

    def test_lies(self):
        """What it has stays, and it asks again later."""
        def other_zone(liar, _):
            yield [liar.soa_record(2, "other.test"), self.ns("other.test"), liar.soa_record(2, "other.test")]

        def another_soa_at_the_end(liar, _):
            yield [liar.soa_record(2), self.ns(), liar.soa_record(3)]

        def no_soa(liar, _):
            yield [self.ns()]

        def cut(liar, _):
            yield [liar.soa_record(2), self.ns()]
            raise OSError("closed")

        def empty(liar, _):
            yield []

        def garbage(liar, _):
            yield b"\xff" * 50

        def no_name_server(liar, _):
            yield [liar.soa_record(2), liar.soa_record(2)]

        def older(liar, _):
            yield [liar.soa_record(4000000000), self.ns(), liar.soa_record(4000000000)]
        for lie in (other_zone, another_soa_at_the_end, no_soa, cut, empty, garbage, no_name_server, older):
            with self.subTest(lie=lie.__name__):
                shutil.rmtree(self.path("copies"), ignore_errors=True)
                liar = self.good_then(lie)
                time.sleep(0.3)
                self.assertEqual(self.serial(), 1)
                self.assertEqual(self.addresses(f"www.{LIVE}"), ["192.0.2.1"])
                self.assertEqual(self.ask("www.bank.test").rcode, 5)
                self.daemons[-1].stop()
                liar.stop()

    def test_records_of_others_in_a_transfer(self):
        """The transfer is refused or they are left out; what is not of the zone is never served."""
        def foreign(liar, _):
            yield [liar.soa_record(2), self.ns(), wire.pack_record("www.bank.test", "A", b"\1\2\3\4", 60),
                   wire.pack_record(f"www.{LIVE}", "A", b"\xc0\0\2\1", 60), liar.soa_record(2)]
        self.good_then(foreign)
        time.sleep(0.5)
        self.assert_rcode(self.ask("www.bank.test"), "REFUSED")
        self.assertEqual(self.addresses(f"www.{LIVE}"), ["192.0.2.1"])

    def test_a_transfer_without_end(self):
        """It is stopped at a limit, of memory or of time; meanwhile and afterwards the zone that was there is served."""
        liar = self.good_then(lambda liar, query: dns_liar.endless(liar.soa_record(2))(query))
        pid = self.daemons[-1].pid
        end = time.monotonic() + 200
        while time.monotonic() < end and not liar.broken:
            self.assertEqual(self.addresses(f"www.{LIVE}"), ["192.0.2.1"])
            with open(f"/proc/{pid}/statm", encoding="ascii") as file:
                resident = int(file.read().split()[1]) * 4096
            self.assertLess(resident, 4 << 30, f"after {liar.sent >> 20} MiB")
            time.sleep(0.2)
        self.assertTrue(liar.broken, f"after {liar.sent >> 20} MiB it still takes more")
        self.wait_serial(1, seconds=20)


class Signed(TransferTest):
    """Queries with TSIG, by the clients that people have."""

    def setUp(self):
        super().setUp()
        self.put("live.zone", live(1))
        self.serve("--bindzone", "live.zone", "--tsig-keys", "keys")

    def ask_with(self, program, secret=KEY.secret):
        return subprocess.run(
            [rivals.program(program), "@127.0.0.1", "-p", str(self.address[1]), "-y",
             f"{KEY.algorithm}:{KEY.key_name}:{secret}", f"ns.{LIVE}"],
            capture_output=True, text=True, timeout=20, stdin=subprocess.DEVNULL).stdout

    def test_dig(self):
        text = self.ask_with("dig")
        self.assertIn("192.0.2.1", text)
        self.assertIn("TSIG PSEUDOSECTION", text)
        self.assertNotIn("Couldn't verify", text)
        wrong = self.ask_with("dig", "d3Jvbmc=")
        self.assertIn("BADSIG", wrong)
        self.assertIn("NOTAUTH", wrong)

    def test_kdig(self):
        text = self.ask_with("kdig")
        self.assertIn("192.0.2.1", text)
        self.assertIn("TSIG PSEUDOSECTION", text)
        self.assertNotIn("WARNING: ", text)


class Mistakes(TransferTest):
    def test_options(self):
        self.put("live.zone", live(1))
        for options, word in ((("--secondary", "nonsense"), "nonsense"), (("--allow-transfer", "1.2.3.4/99"), "1.2.3.4/99"),
                              (("--tsig-keys", "none"), "none")):
            with self.subTest(options=options):
                result = self.run_daemon("-n", "dns", "-p", "0", "-i", "127.0.0.1", "--bindzone", "live.zone", *options)
                self.assertNotEqual(result.returncode, 0)
                self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
                self.assertIn(word, result.stderr)


if __name__ == "__main__":
    run_tests()
