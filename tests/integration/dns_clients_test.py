"""twistdpp dns and the clients that people have: dig, kdig, drill, host, Twisted's names.client and glibc."""
import json
import os
import re
import signal
import subprocess
import sys
import time
import unittest

from support import dns_wire as wire, dns_zones
from support.daemon import PATIENCE, run_tests, wait_for
from support.dns_daemon import DnsTest
from support.rivals import free_dns_port, program

HOSTS = """\
# a hosts file as it comes
127.0.0.1   localhost
192.0.2.1   one.test one     # with an alias
2001:db8::1 one.test
192.0.2.2\ttwo.test
192.0.2.3   two.test
2001:db8::6 six.test
fe80::1%eth0 scoped.test
192.0.2.9   *.dev.test
"""


def run(*command, code=0, **more):
    result = subprocess.run([program(command[0]), *command[1:]], capture_output=True, text=True, timeout=PATIENCE,
                            stdin=subprocess.DEVNULL, **more)
    if code is not None and result.returncode != code:
        raise AssertionError(f"{' '.join(command)}: {result.returncode}\n{result.stdout}{result.stderr}")
    return result.stdout


class Hosts(DnsTest):
    def dig(self, *words):
        return run("dig", "-p", str(self.address[1]), "@127.0.0.1", "+tries=2", "+time=3", "+noall", "+answer", "+comments",
                   *words)

    def short(self, *words):
        return sorted(run("dig", "-p", str(self.address[1]), "@127.0.0.1", "+short", *words).split())

    def test_the_name_server_of_one_line(self):
        self.put("hosts", HOSTS)
        self.serve("--hosts-file=hosts")
        self.assertEqual(self.short("one.test"), ["192.0.2.1"])
        self.assertEqual(self.short("one.test", "AAAA"), ["2001:db8::1"])
        self.assertEqual(self.short("one"), ["192.0.2.1"])
        self.assertEqual(self.short("+tcp", "two.test"), ["192.0.2.2", "192.0.2.3"])
        self.assertEqual(self.short("ONE.Test"), ["192.0.2.1"])
        self.assertEqual(self.short("-x", "192.0.2.1"), ["one.test."])
        self.assertEqual(self.short("-x", "2001:db8::6"), ["six.test."])
        self.assertEqual(self.short("any.dev.test"), ["192.0.2.9"])
        self.assertEqual(self.short("deep.any.dev.test"), ["192.0.2.9"])

    def test_a_name_without_the_other_family_is_no_error(self):
        self.put("hosts", HOSTS)
        self.serve("--hosts-file=hosts")
        for name, qtype in (("two.test", "AAAA"), ("six.test", "A"), ("one.test", "MX"), ("x.dev.test", "AAAA")):
            reply = self.ask(name, qtype)
            self.assert_rcode(reply, "NOERROR")
            self.assertEqual(reply.answer, [])
        # It does not speak for the rest of the world.
        self.assert_rcode(self.ask("www.example.com"), "REFUSED")

    def test_an_edit_is_seen_within_a_second(self):
        self.put("hosts", HOSTS)
        self.put("more", "192.0.2.77 more.test\n")
        self.serve("--hosts-file=hosts", "--hosts-file", "more")
        self.assertEqual(self.addresses("more.test"), ["192.0.2.77"])
        self.put("hosts", "198.51.100.1 one.test new.test\n")
        self.wait_addresses("one.test", ["198.51.100.1"])
        self.assertEqual(self.addresses("new.test"), ["198.51.100.1"])
        self.assertEqual(self.addresses("two.test"), [])
        self.assertEqual(self.addresses("more.test"), ["192.0.2.77"])
        # In place, as `echo >>` does it.
        with open(self.path("hosts"), "a", encoding="ascii") as file:
            file.write("198.51.100.2 appended.test\n")
        self.wait_addresses("appended.test", ["198.51.100.2"])

    def test_thousands_of_lines(self):
        self.put("hosts", "".join(f"10.{n >> 16}.{n >> 8 & 255}.{n & 255} n{n}.test\n" for n in range(50000)))
        self.serve("--hosts-file=hosts")
        for number in (0, 1, 255, 49999):
            self.assertEqual(self.addresses(f"n{number}.test"), [f"10.0.{number >> 8}.{number & 255}"])
        before = time.monotonic()
        for number in range(0, 50000, 250):
            self.ask(f"n{number}.test")
        self.assertLess(time.monotonic() - before, 5, "two hundred queries")


class Zone(DnsTest):
    def setUp(self):
        super().setUp()
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj", "/CN=dns.rich.test", "-addext", "subjectAltName=DNS:dns.rich.test,IP:127.0.0.1",
            "-keyout", self.path("key.pem"), "-out", self.path("cert.pem"))
        self.tls = free_dns_port()
        options = [word for zone in dns_zones.signed(self.folder, "nsec")
                   for word in ("--bindzone", f"{zone.origin}={zone.file}")]
        self.serve(*options, "--nsid", "the name of it", "--tls",
                   f"ssl:{self.tls}:interface=127.0.0.1:privateKey={self.path('key.pem')}"
                   f":certKey={self.path('cert.pem')}")

    def at(self):
        return ["@127.0.0.1", "-p", str(self.address[1])]

    def secure(self):
        return ["@127.0.0.1", "-p", str(self.tls), "+tls-ca=" + self.path("cert.pem"), "+tls-hostname=dns.rich.test"]


class Dig(Zone):
    def test_answers(self):
        self.assertEqual(sorted(run("dig", *self.at(), "+short", "mail.rich.test").split()), ["192.0.2.25", "192.0.2.26"])
        self.assertIn("status: NXDOMAIN", run("dig", *self.at(), "nothing.mail.rich.test"))
        text = run("dig", *self.at(), "+norecurse", "+dnssec", "mail.rich.test", "AAAA")
        self.assertRegex(text, r"flags: qr aa; QUERY: 1, ANSWER: 2")
        self.assertRegex(text, r"RRSIG\s+AAAA 13 3 3600")
        self.assertNotIn("WARNING", text.replace("recursion requested but not available", "").replace(
            ";; WARNING: \n", ""))

    def test_options(self):
        text = run("dig", *self.at(), "+nsid", "+cookie", "mail.rich.test")
        self.assertIn('("the name of it")', text)
        self.assertIn("(good)", text, "the cookie")
        # Truncated over UDP, and dig comes again over TCP.
        text = run("dig", *self.at(), "txt5000.rich.test", "TXT")
        self.assertIn("Truncated, retrying in TCP mode", text)
        self.assertIn("ANSWER: 1", text)
        text = run("dig", *self.at(), "+tcp", "+keepopen", "mail.rich.test", "ns1.rich.test", "+keepopen")
        self.assertEqual(text.count("status: NOERROR"), 2)
        self.assertIn("status: REFUSED", run("dig", *self.at(), "version.bind", "CH", "TXT", "+tries=1"))

    def test_tls(self):
        text = run("dig", *self.secure(), "+tls", "+padding=128", "mail.rich.test")
        self.assertIn("(TLS)", text)
        self.assertIn("192.0.2.25", text)


class Kdig(Zone):
    def test_answers_and_options(self):
        text = run("kdig", *self.at(), "+edns", "+nsid", "+cookie", "mail.rich.test")
        self.assertIn('"the name of it"', text)
        self.assertIn("COOKIE:", text)
        self.assertIn("192.0.2.26", text)

    def test_tls(self):
        """RFC 7858; the certificate is checked, and the answer padded to a block (RFC 8467)."""
        text = run("kdig", *self.secure(), "+tls", "+padding", "mail.rich.test")
        self.assertRegex(text, r"TLS session \(TLS1\.3\)")
        self.assertIn("192.0.2.25", text)
        self.assertRegex(text, r"PADDING: \d+ B")
        sizes = {int(re.search(r"Received (\d+) B", run("kdig", *self.secure(), "+tls", "+padding", name)).group(1))
                 for name in ("mail.rich.test", "ns1.rich.test", "all.rich.test")}
        self.assertEqual({size % 468 for size in sizes}, {0}, sizes)
        many = run("kdig", *self.secure(), "+tls", "+keepopen", "mail.rich.test", "ns1.rich.test", "txt5000.rich.test", "TXT")
        self.assertEqual(many.count("status: NOERROR"), 3)


class Others(Zone):
    def test_drill(self):
        for more in ((), ("-t",)):
            text = run("drill", *more, "-p", str(self.address[1]), "@127.0.0.1", "all.rich.test", "NAPTR")
            self.assertIn("rcode: NOERROR", text)
            self.assertEqual(len(re.findall(r"^all\.rich\.test\.\s.*\sNAPTR\s", text, re.M)), 2)
        text = run("drill", "-D", "-p", str(self.address[1]), "@127.0.0.1", "x.wild.rich.test", "MX")
        self.assertIn("RRSIG", text)
        self.assertIn("NSEC", text)

    def test_host(self):
        port = str(self.address[1])
        text = run("host", "-p", port, "alias.rich.test", "127.0.0.1")
        self.assertIn("alias.rich.test is an alias for mail.rich.test.", text)
        self.assertIn("mail.rich.test has IPv6 address 2001:db8::25", text)
        text = run("host", "-p", port, "-t", "TXT", "escaped.rich.test", "127.0.0.1")
        self.assertIn('quote \\" backslash', text)
        self.assertIn("NXDOMAIN", run("host", "-p", port, "nothing.mail.rich.test", "127.0.0.1", code=1))

    def test_names_client_of_twisted(self):
        script = """
import json, sys
from twisted.internet import defer, task
from twisted.names import client, error

async def main(reactor):
    resolver = client.Resolver(servers=[("127.0.0.1", int(sys.argv[1]))], timeout=(3, 5))
    out = {}
    out["a"] = await resolver.getHostByName("alias.rich.test")
    for kind in ("Address", "IPV6Address", "MailExchange", "Service", "Text", "NamingAuthorityPointer", "Nameservers",
                 "Authority", "Null"):
        name = {"Nameservers": "rich.test", "Authority": "rich.test"}.get(kind, "all.rich.test")
        answers, authority, additional = await getattr(resolver, "lookup" + kind)(name)
        out[kind] = len(answers)
    out["long"] = len((await resolver.lookupText("txt5000.rich.test"))[0])
    try:
        await resolver.lookupAddress("nothing.mail.rich.test")
    except error.DNSNameError:
        out["missing"] = "DNSNameError"
    print(json.dumps(out))

task.react(lambda reactor: defer.ensureDeferred(main(reactor)))
"""
        # Debian's Python has Debian's Twisted.
        result = subprocess.run(["/usr/bin/python3", "-c", script, str(self.address[1])], capture_output=True, text=True,
                                timeout=PATIENCE, cwd=self.folder)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(json.loads(result.stdout), {
            "a": json.loads(result.stdout)["a"], "Address": 1, "IPV6Address": 1, "MailExchange": 1, "Service": 2, "Text": 1,
            "NamingAuthorityPointer": 2, "Nameservers": 3, "Authority": 1, "Null": 0, "long": 1,
            "missing": "DNSNameError"})
        self.assertIn(json.loads(result.stdout)["a"], ("192.0.2.25", "192.0.2.26", "2001:db8::25"))


def _may_mount():
    probe = subprocess.run(["unshare", "-m", "mount", "--bind", "/etc/hosts", "/etc/hosts"], capture_output=True)
    return os.geteuid() == 0 and probe.returncode == 0


@unittest.skipUnless(_may_mount(), "a resolv.conf of its own takes root and a mount namespace")
class Glibc(DnsTest):
    """getaddrinfo() asks port 53 of what resolv.conf names; that file is another one in a mount namespace."""

    def test_getaddrinfo(self):
        host = f"127.53.{os.getpid() >> 8 & 255}.{os.getpid() & 255 | 1}"
        zones = [word for zone in dns_zones.plain(self.folder)
                 for word in ("--bindzone", f"{zone.origin}={zone.file}")]
        daemon = self.foreground("dns", "-p", "53", "-i", host, *zones)
        self.assertIn(f"udp {host}:53", daemon.log)
        self.put("resolv.conf", f"nameserver {host}\nsearch rich.test\noptions timeout:2 attempts:2\n")
        self.put("nsswitch.conf", "hosts: dns\n")
        script = """
import json, socket
def look(name, *more):
    try:
        return sorted({entry[4][0] for entry in socket.getaddrinfo(name, 80, *more)})
    except socket.gaierror as error:
        return error.errno
print(json.dumps([look("mail.rich.test"), look("mail"), look("alias"), look("ns2.rich.test", socket.AF_INET6),
                  look("nothing.mail.rich.test."), look("addresses.rich.test.")]))
"""
        self.put("look.py", script)
        mounts = " && ".join(f"mount --bind {self.path(name)} /etc/{name}" for name in ("resolv.conf", "nsswitch.conf"))
        text = run("unshare", "-m", "sh", "-c", f"{mounts} && exec {sys.executable} {self.path('look.py')}")
        whole, searched, alias, nodata, missing, many = json.loads(text)
        self.assertEqual(whole, ["192.0.2.25", "192.0.2.26", "2001:db8::25"])
        self.assertEqual(searched, whole)
        self.assertEqual(alias, whole)
        self.assertIn(nodata, (-5, -2))  # EAI_NODATA, EAI_NONAME
        self.assertIn(missing, (-5, -2))
        self.assertEqual(len(many), 80, "after truncation over TCP")


class Zones(DnsTest):
    ZONE = "$TTL 60\n@ SOA ns host {serial} 1h 15m 2w 1m\n@ NS ns\nns A 192.0.2.1\nwww A 192.0.2.{serial}\n"

    def test_a_new_zone_is_swapped_in_and_a_bad_one_is_not(self):
        self.put("live.zone", self.ZONE.format(serial=1))
        daemon = self.serve("--bindzone", "live.test=live.zone")
        self.assertEqual(self.addresses("www.live.test"), ["192.0.2.1"])
        self.put("live.zone", self.ZONE.format(serial=2))
        self.wait_addresses("www.live.test", ["192.0.2.2"])
        for bad in (self.ZONE.format(serial=3) + "www CNAME ns\n", "@ A 192.0.2.3\n",
                    self.ZONE.format(serial=3) + "bad A 192.0.2.999\n", ""):
            seen = len(daemon.log)
            self.put("live.zone", bad)
            wait_for(lambda: self.read_log(daemon, seen, "live.zone"), "a word about the zone", 5)
            self.assertEqual(self.addresses("www.live.test"), ["192.0.2.2"])
        self.put("live.zone", self.ZONE.format(serial=4))
        daemon.send(1)
        self.wait_addresses("www.live.test", ["192.0.2.4"])

    @staticmethod
    def read_log(daemon, seen, text):
        import select
        while select.select([daemon.process.stdout], [], [], 0)[0]:
            daemon.log += os.read(daemon.process.stdout.fileno(), 65536).decode()
        return text in daemon.log[seen:]

    def test_the_origin_is_in_the_file_or_named(self):
        self.put("inside.zone", "$ORIGIN inside.test.\n" + self.ZONE.format(serial=5))
        self.put("b.zone", self.ZONE.format(serial=6))
        self.serve("--bindzone", "inside.zone", "--bindzone", "named.test=b.zone")
        self.assertEqual(self.addresses("www.inside.test"), ["192.0.2.5"])
        self.assertEqual(self.addresses("www.named.test"), ["192.0.2.6"])

    def test_generate_and_other_conveniences(self):
        self.put("g.zone", self.ZONE.format(serial=7) + "$GENERATE 1-20/2 host$ A 198.51.100.$\n"
                 "$GENERATE 10-12 n${0,4,d} CNAME host$\n")
        self.serve("--bindzone", "g.test=g.zone")
        self.assertEqual(self.addresses("host19.g.test"), ["198.51.100.19"])
        self.assertEqual(self.addresses("host20.g.test"), [])
        self.assertEqual(self.addresses("n0011.g.test"), ["198.51.100.11"])

    def test_pyzone_is_data(self):
        self.put("py.zone", """
zone = [
    SOA('py.test', mname='ns.py.test', rname='host.py.test', serial=9, refresh='1H', retry='1H', expire='1H', minimum='1H'),
    NS('py.test', 'ns.py.test'),
    A('ns.py.test', '192.0.2.1'),
    MX('py.test', 10, 'mail.py.test'),
    CNAME('www.py.test', 'ns.py.test'),
    TXT('py.test', 'some', 'text'),
]
""")
        self.serve("--pyzone", "py.zone")
        self.assertEqual(self.addresses("www.py.test"), ["192.0.2.1"])
        self.assertEqual(wire.soa(self.ask("py.test", "SOA").answer[0])[2], 9)
        self.put("evil.zone", "import os\nzone = [A('x.test', os.popen('id').read())]\n")
        result = self.run_daemon("-n", "dns", "-p", "0", "--pyzone", "evil.zone")
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("evil.zone", result.stderr)

    def test_check_and_explain(self):
        self.put("good.zone", self.ZONE.format(serial=1) + "*.w A 192.0.2.9\n")
        self.put("bad.zone", self.ZONE.format(serial=1) + "www CNAME ns\n")
        good = self.run_daemon("--check", "dns", "--bindzone", "good.test=good.zone")
        self.assertEqual(good.returncode, 0, good.stderr)
        bad = self.run_daemon("--check", "dns", "--bindzone", "bad.test=bad.zone")
        self.assertNotEqual(bad.returncode, 0)
        self.assertRegex(bad.stderr, r"bad\.zone:\d+|bad\.zone, line \d+|bad\.zone.*line \d+")
        told = self.run_daemon("dns", "--bindzone", "good.test=good.zone", "--explain", "x.w.good.test A")
        self.assertEqual(told.returncode, 0, told.stderr)
        self.assertIn("192.0.2.9", told.stdout)
        self.assertRegex(told.stdout, r"4\.3\.2|4592|wildcard")
        self.assertIn("good.zone", told.stdout)

    def test_mistakes_of_the_command_line(self):
        self.put("a.zone", self.ZONE.format(serial=1))
        for options, word in ((("--bindzone", "none.zone"), "none.zone"), (("--hosts-file", "none"), "none"),
                              (("--bindzone", "a.test=a.zone", "--bindzone", "a.test=a.zone"), "a.test")):
            with self.subTest(options=options):
                result = self.run_daemon("-n", "dns", "-p", "0", "-i", "127.0.0.1", *options)
                self.assertNotEqual(result.returncode, 0)
                self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
                self.assertIn(word, result.stderr)

    def test_a_reload_with_a_mistake_changes_nothing(self):
        good = "$TTL 60\n@ SOA ns root 1 2 3 4 5\n@ NS ns\nns A 192.0.2.1\n"
        self.put("a.zone", good)
        self.put("b.zone", good)
        options = 'port = 0\ninterface = "127.0.0.1"\n'
        self.put("dns.toml", f'[dns]\n{options}nsid = "before"\nbindzone = ["a.test=a.zone"]\n')
        daemon = self.foreground("--config", "dns.toml")
        port = re.search(r"ready: .*?\budp \S+:(\d+)", daemon.log).group(1)

        def nsid():
            return re.search(r'NSID.*\("(.*)"\)', run("dig", "-p", port, "@127.0.0.1", "+nsid", "a.test")).group(1)

        self.assertEqual(nsid(), "before")
        self.put("dns.toml", f'[dns]\n{options}nsid = "after"\nbindzone = ["a.test=a.zone", "b.test=missing.zone"]\n')
        daemon.send(signal.SIGHUP)
        daemon.expect("missing.zone")
        self.assertEqual(nsid(), "before")
        self.put("dns.toml", f'[dns]\n{options}nsid = "after"\nbindzone = ["a.test=a.zone", "b.test=b.zone"]\n')
        daemon.send(signal.SIGHUP)
        daemon.expect("configuration reloaded")
        self.assertEqual(nsid(), "after")
        self.assertIn("192.0.2.1", run("dig", "-p", port, "@127.0.0.1", "+short", "ns.b.test"))


if __name__ == "__main__":
    run_tests()
