"""Whether mail comes from whom it says: SPF beside pyspf, DKIM beside dkimpy, and what DMARC makes of them."""
import base64
import email
import os
import re
import smtplib
import subprocess

from support.daemon import PATIENCE, DaemonTest, run_tests, wait_for
from support.smtp_peer import SmtpPeer

USAGE, UNAVAILABLE = 64, 69
SYSTEM_PYTHON = "/usr/bin/python3"  # which has Debian's packages

# Names, their types and values; the zone and the oracle have the same.
NAMES = {
    "pass.test": [("TXT", "v=spf1 ip4:127.0.0.0/24 -all")],
    "fail.test": [("TXT", "v=spf1 ip4:192.0.2.1 -all")],
    "soft.test": [("TXT", "v=spf1 ip4:192.0.2.1 ~all")],
    "neutral.test": [("TXT", "v=spf1 ip4:192.0.2.1 ?all")],
    "open.test": [("TXT", "v=spf1")],
    "two.test": [("TXT", "v=spf1 -all"), ("TXT", "v=spf1 +all")],
    "other.test": [("TXT", "v=spf10 +all"), ("TXT", "something else")],
    "typo.test": [("TXT", "v=spf1 ipv4:127.0.0.1 -all")],
    "network.test": [("TXT", "v=spf1 ip4:127.0.0.300 -all")],
    "a.test": [("TXT", "v=spf1 a -all"), ("A", "127.0.0.5")],
    "wide.test": [("TXT", "v=spf1 a:a.test/24 -all")],
    "both.test": [("TXT", "v=spf1 a:a.test/32//64 -all")],
    "badwidth.test": [("TXT", "v=spf1 a/33 -all")],
    "mx.test": [("TXT", "v=spf1 mx -all"), ("MX", "a.test")],
    "include.test": [("TXT", "v=spf1 include:pass.test ~all")],
    "includefail.test": [("TXT", "v=spf1 include:fail.test ?all")],
    "includenone.test": [("TXT", "v=spf1 include:nothing.test -all")],
    "redirect.test": [("TXT", "v=spf1 redirect=soft.test")],
    "redirectnone.test": [("TXT", "v=spf1 redirect=nothing.test")],
    "twice.test": [("TXT", "v=spf1 redirect=a.test redirect=b.test")],
    "loop.test": [("TXT", "v=spf1 include:loop.test -all")],
    "void.test": [("TXT", "v=spf1 a:no1.test a:no2.test a:no3.test -all")],
    "exists.test": [("TXT", "v=spf1 exists:%{ir}.%{v}.%{l1r-}.%{d1}.list.test -all")],
    "5.0.0.127.in-addr.joe.test.list.test": [("A", "127.0.0.2")],
    "macro.test": [("TXT", "v=spf1 exists:%{x}.test -all")],
    "unknown.test": [("TXT", "v=spf1 what=ever ip4:127.0.0.5 -all")],
    "capitals.test": [("TXT", "V=SPF1 IP4:127.0.0.5 -ALL")],
    "long.test": [("TXT", "v=spf1 ip4:192.0.2.1 \" \"ip4:127.0.0.5 -all")],
    "ptr.test": [("TXT", "v=spf1 ptr -all")],
    "helo.test": [("TXT", "v=spf1 ip4:127.0.0.5 -all")],
}
SPF = [(name, address, "helo.test") for name in NAMES if name.count(".") == 1 for address in ("127.0.0.5", "127.0.0.6")]
SPF += [("nothing.test", "127.0.0.5", "helo.test"), ("", "127.0.0.5", "helo.test"), ("", "127.0.0.6", "helo.test"),
        ("", "127.0.0.5", "nothing.test")]

ORACLE = """
import ast, sys
import spf
names, asked = ast.literal_eval(sys.stdin.read())
def look(name, qtype, strict=True, timeout=None, level=0):
    found = names.get(name.lower().rstrip("."), [])
    out = []
    for kind, value in found:
        if kind != qtype:
            continue
        if kind == "TXT":
            value = tuple(each.encode() for each in value.split('" "'))
        out.append(((name, kind), (10, value) if kind == "MX" else value))
    return out
spf.DNSLookup = look
for domain, address, helo in asked:
    print(spf.check2(i=address, s="joe@" + domain if domain else "", h=helo)[0])
"""

DKIM = """
import sys
import dkim
mode, domain, selector, key, header, body = sys.argv[1:]
message = sys.stdin.buffer.read()
if mode == "sign":
    algorithm = b"ed25519-sha256" if key.endswith("ed25519") else b"rsa-sha256"
    with open(key, "rb") as file:
        private = file.read()
    sys.stdout.buffer.write(dkim.sign(message, selector.encode(), domain.encode(), private, signature_algorithm=algorithm,
                                      canonicalize=(header.encode(), body.encode()), length=body == "simple"))
else:
    def look(name, timeout=5):
        with open(key, "rb") as file:
            return file.read()
    print(dkim.verify(message, dnsfunc=look))
"""


class Proof(DaemonTest):
    def start_dns(self, names):
        lines = ["$ORIGIN .", "$TTL 60", "test. SOA ns.test. hostmaster.test. 1 3600 600 86400 60", "test. NS ns.test.",
                 "ns.test. A 127.0.0.1"]
        for name, records in names.items():
            for kind, value in records:
                text = {"TXT": f'"{value}"', "MX": f"10 {value}."}.get(kind, value)
                lines.append(f"{name}. {kind} {text}")
        with open(self.path("zone"), "w", encoding="ascii") as file:
            file.write("\n".join(lines) + "\n")
        dns = self.foreground("dns", "-p", "0", "-i", "127.0.0.1", "--bindzone", "test=" + self.path("zone"))
        return "127.0.0.1:" + re.search(r"udp \S+:(\d+)", dns.log)[1]

    def start(self, names, *more):
        daemon = self.foreground("mail", "--smtp", "tcp:0:interface=127.0.0.1", "--no-pop3", "--no-imap", "--hostname", "mx.test",
                                 "--maildirdbmdomain=example.com=mail", "--user=joe=password", "--dns", self.start_dns(names), *more)
        daemon.smtp = daemon.address()[1]
        return daemon

    def send(self, daemon, text, sender="joe@pass.test", address="127.0.0.5", helo="helo.test"):
        with smtplib.SMTP("127.0.0.1", daemon.smtp, helo, timeout=PATIENCE, source_address=(address, 0)) as client:
            client.sendmail(sender or "<>", ["joe@example.com"], text)

    def kept(self):
        """The messages that have come, by their subject and X-Which."""
        folder = self.path("mail/joe/new")
        found = {}
        for name in os.listdir(folder):
            with open(os.path.join(folder, name), "rb") as file:
                message = email.message_from_binary_file(file)
            found[message["Subject"], message["X-Which"]] = message
        return found

    def run_python(self, program, *arguments, text=b""):
        done = subprocess.run([SYSTEM_PYTHON, "-c", program, *arguments], input=text, capture_output=True, timeout=PATIENCE * 2)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        return done.stdout

    def keys(self):
        """Private keys in files, as openssl and as dkimpy want them."""
        subprocess.run(["openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", self.path("rsa")],
                       check=True, capture_output=True)
        subprocess.run(["openssl", "genpkey", "-algorithm", "ED25519", "-out", self.path("ed")], check=True, capture_output=True)
        der = subprocess.run(["openssl", "pkey", "-in", self.path("ed"), "-outform", "DER"], check=True, capture_output=True).stdout
        with open(self.path("raw.ed25519"), "wb") as file:
            file.write(base64.b64encode(der[-32:]))

    def records(self):
        """What the keys' domains have to have, as the daemon prints it."""
        done = self.run_daemon("mail", "--dkim", "pass.test:rsa:rsa", "--dkim", "pass.test:ed:ed", "dkim")
        self.assertEqual(done.returncode, 0, done)
        found = {}
        for line in done.stdout.splitlines():
            name, text = line.split(" IN TXT ")
            found[name.rstrip(".")] = [("TXT", text[1:-1])]
        self.assertEqual(set(found), {"rsa._domainkey.pass.test", "ed._domainkey.pass.test"})
        return found

    def test_policies_of_senders_beside_another_program(self):
        daemon = self.start(NAMES, "--check-senders")
        expected = self.run_python(ORACLE, text=repr((NAMES, SPF)).encode()).decode().split()
        self.assertEqual(len(expected), len(SPF))
        for number, (domain, address, helo) in enumerate(SPF):
            self.send(daemon, f"From: x@{domain or helo}\r\nSubject: {number}\r\n\r\n", "joe@" + domain if domain else "", address, helo)
        found = self.kept()
        for number, (asked, word) in enumerate(zip(SPF, expected)):
            with self.subTest(asked):
                results = found[str(number), None]["Authentication-Results"]
                self.assertTrue(results.startswith("mx.test;"), results)
                self.assertEqual(re.search(r"spf=(\w+)", results)[1], word, results)
        self.assertIn("smtp.helo=helo.test", found[str(len(SPF) - 3), None]["Authentication-Results"])

    def test_signatures_of_another_program(self):
        self.keys()
        daemon = self.start({**NAMES, **self.records()}, "--check-senders")
        text = b"From: Ann  <ann@pass.test>\r\nTo: joe@example.com\r\nSubject: %s\r\n\r\nhello   there \r\n\r\n\r\n"
        made = []
        for key, selector in (("rsa", "rsa"), ("raw.ed25519", "ed")):
            for header in ("simple", "relaxed"):
                for body in ("simple", "relaxed"):
                    name = f"{selector}-{header}-{body}"
                    message = text % name.encode()
                    signature = self.run_python(DKIM, "sign", "pass.test", selector, self.path(key), header, body, text=message)
                    marked = signature + b"X-Which: %s\r\n" + message
                    self.send(daemon, marked % b"same")
                    self.send(daemon, marked.replace(b"hello", b"hullo") % b"body")
                    self.send(daemon, marked.replace(b"Ann  <", b"Eve <") % b"header")
                    made.append(name)
        found = self.kept()
        for name in made:
            for which, word in (("same", "pass"), ("body", "fail"), ("header", "fail")):
                with self.subTest((name, which)):
                    results = found[name, which]["Authentication-Results"]
                    self.assertEqual(re.search(r"dkim=(\w+)", results)[1], word, results)
                    self.assertIn("header.d=pass.test header.s=" + name.split("-")[0], results)

    def test_what_we_sign_others_believe(self):
        self.keys()
        peer = SmtpPeer("127.0.0.2")
        self.addCleanup(peer.listener.close)
        records = self.records()
        text = "From: ann@pass.test\r\nTo: joe@other.test\r\nSubject: a  subject\r\n that is folded\r\n\r\nhello   \r\n\r\n.dot\r\n\r\n\r\n"
        for selector in ("rsa", "ed"):
            with self.subTest(selector):
                before = len(peer.mails)
                daemon = self.foreground("mail", "--smtp", "tcp:0:interface=127.0.0.1", "--relay=queue", "--hostname", "relay.test",
                                         "--relay-via", f"127.0.0.2:{peer.address[1]}", "--dkim", f"pass.test:{selector}:{selector}")
                daemon.smtp = daemon.address()[1]
                with smtplib.SMTP("127.0.0.1", daemon.smtp, timeout=PATIENCE) as client:
                    for body in (text, text + ("x" * 70 + "  y\r\n") * 10_000, text.replace("ann@pass.test", "ann@else.test")):
                        client.sendmail("ann@pass.test", ["joe@other.test"], body)
                wait_for(lambda: len(peer.mails) == before + 3, "three mails")
                with open(self.path("record"), "w", encoding="ascii") as file:
                    file.write(records[f"{selector}._domainkey.pass.test"][0][1].replace('" "', ""))
                signed = [mail[2] for mail in peer.mails[before:] if "DKIM-Signature" in mail[2]]
                self.assertEqual(len(signed), 2)
                for mail in signed:
                    self.assertNotIn("else.test", mail)
                    for changed, word in ((mail, b"True\n"), (mail.replace("From: ", "From: eve@pass.test\r\nFrom: "), b"False\n")):
                        said = self.run_python(DKIM, "verify", "", "", self.path("record"), "", "", text=changed.encode())
                        self.assertEqual(said, word, mail[:2000])
                daemon.stop()

    def test_the_domain_in_from_says_what_becomes_of_the_rest(self):
        names = {**NAMES,
                 "_dmarc.pass.test": [("TXT", "v=DMARC1; p=reject")],
                 "_dmarc.fail.test": [("TXT", "v=DMARC1; p=reject; sp=none; aspf=s")],
                 "_dmarc.soft.test": [("TXT", "v=DMARC1; p=quarantine")],
                 "_dmarc.two.test": [("TXT", "v=DMARC1; p=reject"), ("TXT", "v=DMARC1; p=none")],
                 "_dmarc.a.test": [("TXT", "v=DMARC1; p=reject; pct=0")]}
        daemon = self.start(names, "--refuse-forged")
        self.send(daemon, "From: joe@pass.test\r\nSubject: own\r\n\r\n")
        self.send(daemon, "From: joe@sub.fail.test\r\nSubject: sub\r\n\r\n", "joe@fail.test")
        self.send(daemon, "From: joe@soft.test\r\nSubject: soft\r\n\r\n")
        self.send(daemon, "From: joe@two.test\r\nSubject: two\r\n\r\n")
        self.send(daemon, "From: joe@a.test\r\nSubject: some\r\n\r\n")
        forged = "Authentication-Results: mx.test;\r\n dmarc=pass header.from=bank.test\r\n"
        self.send(daemon, forged + "From: joe@nothing.test\r\n" + forged + "Subject: none\r\n\r\n" + forged)
        for sender in ("From: joe@fail.test\r\n", "From: x@pass.test\r\n"):
            with self.assertRaises(smtplib.SMTPDataError) as refused:
                self.send(daemon, sender + "Subject: forged\r\n\r\n", "joe@capitals.test")
            self.assertEqual(refused.exception.smtp_code, 550)
            self.assertIn(b"which wants such mail to be refused", refused.exception.smtp_error)
        found = self.kept()
        for subject, word in (("own", "pass"), ("sub", "fail"), ("soft", "fail"), ("two", "none"), ("some", "fail"), ("none", "none")):
            with self.subTest(subject):
                results = found[subject, None].get_all("Authentication-Results")
                self.assertEqual(len(results), 1, results)
                self.assertEqual(re.search(r"dmarc=(\w+)", results[0])[1], word, results)
        self.assertNotIn(("forged", None), found)
        self.assertIn("dmarc=pass header.from=bank.test", found["none", None].get_payload())

    def test_what_is_refused_says_why(self):
        smtp = ("--smtp", "tcp:0:interface=127.0.0.1")
        with open(self.path("empty"), "w", encoding="ascii"):
            pass
        for options, code, text in (
                (("--relay=queue", "--dkim", "example.com"), USAGE, "option --dkim: 'example.com' is not of the form DOMAIN:SELECTOR:FILE"),
                (("--relay=queue", "--dkim", "example.com:s:empty"), UNAVAILABLE, "option --dkim: "),
                (("--sink", "--check-senders"), USAGE, "options --sink and --check-senders: "),
                (("dkim",), USAGE, "'dkim' needs --dkim")):
            with self.subTest(options):
                self.assert_fails(self.run_daemon("-n", "mail", *smtp, *options), code, text)


if __name__ == "__main__":
    run_tests()
