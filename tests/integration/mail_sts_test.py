"""Mail for domains that want it encrypted, to servers that they name (MTA-STS, RFC 8461)."""
import http.server
import os
import ssl
import threading
import time

from support.certificates import Authority
from support.daemon import run_tests, wait_for
from support.mail_relay import ZONE, RelayTest

POLICIES = """
_mta-sts.strict  TXT "v=STSv1; id=1;"
mta-sts.strict   A 127.0.0.4
strict           MX 10 one
_mta-sts.other   TXT "v=STSv1; id=1;"
mta-sts.other    A 127.0.0.4
other            MX 10 two
"""
ENFORCE = "version: STSv1\r\nmode: enforce\r\nmx: one.test\r\nmx: *.elsewhere.test\r\nmax_age: 86400\r\n"


class PolicyServer:
    """Gives .policies[host]: a text, or a (status, type, text)."""

    def __init__(self, address, certificates):
        self.policies, self.asked = {}, []
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                host = self.headers["Host"].split(":")[0]
                server.asked.append((host, self.path))
                answer = server.policies.get(host, (404, "text/plain", "none"))
                status, kind, text = (200, "text/plain", answer) if isinstance(answer, str) else answer
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Location", "https://mta-sts.strict.test/other")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_):
                pass

        self.http = http.server.ThreadingHTTPServer((address, 0), Handler)
        self.port = self.http.server_address[1]
        contexts = {}
        for name, (certificate, key) in certificates.items():
            contexts[name] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            contexts[name].load_cert_chain(certificate, key)
        first = next(iter(contexts.values()))

        def choose(connection, name, _):
            connection.context = contexts.get(name, first)
        first.sni_callback = choose
        self.http.socket = first.wrap_socket(self.http.socket, server_side=True)
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def close(self):
        self.http.shutdown()
        self.http.server_close()


class Sts(RelayTest):
    zone = ZONE + POLICIES

    def setUp(self):
        super().setUp()
        self.authority = Authority(self.folder)
        names = ("mta-sts.strict.test", "mta-sts.other.test")
        self.server = PolicyServer("127.0.0.4", {name: self.authority.issue(name) for name in names})
        self.addCleanup(self.server.close)
        self.server.policies = {name: ENFORCE for name in names}

    def start(self, *more, **how):
        return super().start("--mta-sts-port", str(self.server.port), "--relay-ca", self.authority.certificate, *more, **how)

    def receiver(self, name):
        """A server of ours at the first exchanger's address that has a certificate of that name."""
        certificate, key = self.authority.issue(name)
        return self.foreground("mail", "--smtp", f"tcp:{self.port}:interface=127.0.0.2", "--no-pop3", "--no-imap", "--hostname", name,
                               "-d", "strict.test=theirs", "--default", "--user=joe=x", "--tls-cert", certificate, "--tls-key", key)

    def arrived(self):
        folder = self.path("theirs/joe/new")
        return os.listdir(folder) if os.path.isdir(folder) else []

    def waits_because(self, why):
        wait_for(lambda: why in self.say("queue"), why)

    def test_to_a_server_that_is_named_and_proves_it(self):
        self.receiver("one.test")
        self.send(self.start(), "joe@strict.test")
        wait_for(self.arrived, "the mail")
        with open(self.path("theirs/joe/new/" + self.arrived()[0]), encoding="ascii") as file:
            self.assertIn("by one.test with ESMTPS", file.read())
        self.assertEqual(self.server.asked, [("mta-sts.strict.test", "/.well-known/mta-sts.txt")])
        self.empty()

    def test_not_to_one_that_has_another_name(self):
        receiver = self.receiver("mallory.test")
        daemon = self.start("--retry", "300ms")
        self.send(daemon, "joe@strict.test", "joe@first.test")
        # A domain without a policy goes there all the same.
        wait_for(lambda: len(self.arrived()) == 1, "the mail for the other domain")
        self.waits_because("certificate")
        receiver.stop()
        self.receiver("one.test")
        wait_for(lambda: len(self.arrived()) == 2, "the mail when the right one is there")
        self.empty()
        self.assertEqual(self.inbox(), [])

    def test_not_without_tls(self):
        peer = self.peer()
        daemon = self.start("--retry", "300ms")
        self.send(daemon, "joe@strict.test")
        self.waits_because("STARTTLS")
        self.assertEqual(peer.mails, [])

    def test_not_to_a_server_that_is_not_named(self):
        peer = self.peer("127.0.0.3")
        self.send(self.start(), "joe@other.test")
        self.waits_because("two.test is none of the servers that the MTA-STS policy of other.test names")
        self.assertEqual(peer.connections, 0)

    def test_policies_that_do_not_count(self):
        peer = self.peer()
        for answer in (ENFORCE.replace("enforce", "testing"), ENFORCE.replace("enforce", "none"), ENFORCE.replace("STSv1", "STSv2"),
                       (200, "text/html", ENFORCE), (301, "text/plain", ENFORCE), (404, "text/plain", ENFORCE), "nonsense", "x" * 70000):
            with self.subTest(answer=answer[:40]):
                self.server.policies["mta-sts.strict.test"] = answer
                daemon = self.start("--relay=" + str(len(self.server.asked)))
                before, asked = len(peer.mails), len(self.server.asked)
                self.send(daemon, "joe@strict.test")
                wait_for(lambda: len(peer.mails) > before, "the mail")
                self.assertEqual(len(self.server.asked), asked + 1)
                # What could not be had is not asked for with each mail.
                self.send(daemon, "eve@strict.test")
                wait_for(lambda: len(peer.mails) > before + 1, "the next mail")
                self.assertEqual(len(self.server.asked), asked + 1)
                daemon.stop()
        daemon = self.start("--no-mta-sts", "--relay=none")
        self.server.policies["mta-sts.strict.test"] = ENFORCE
        before, asked = len(peer.mails), len(self.server.asked)
        self.send(daemon, "joe@strict.test")
        wait_for(lambda: len(peer.mails) > before, "the mail")
        self.assertEqual(len(self.server.asked), asked)

    def test_what_was_found_holds_as_long_as_it_said(self):
        """RFC 8461 section 10.2: keeping the next answers away does not take the policy away."""
        self.peer()
        self.server.policies["mta-sts.strict.test"] = ENFORCE.replace("86400", "4")
        daemon = self.start("--retry", "300ms")
        self.send(daemon, "joe@strict.test")
        self.waits_because("STARTTLS")
        daemon.stop()
        found = time.time()
        self.server.policies.clear()
        daemon = self.start("--retry", "300ms", "--dns", self.dns)
        asked = len(self.server.asked)
        self.send(daemon, "eve@strict.test")
        self.waits_because("STARTTLS")
        if time.time() < found + 3:
            self.assertEqual(len(self.server.asked), asked, "the id is that of before")
        self.empty()  # when it is over

    def test_mistakes(self):
        for options, why in ((["--relay-ca", "none.pem", "--relay=queue"], "option --relay-ca: "),
                             (["--relay-ca", "none.pem", "-d", "example.com=mail"], "option --relay-ca: is for --relay"),
                             (["--relay-login", "none", "--relay=queue"], "option --relay-login: is for the server that --relay-via names"),
                             (["--relay-login", "none", "--relay=queue", "--relay-via=x"], "option --relay-login: cannot read ")):
            with self.subTest(why=why):
                done = self.run_daemon("-n", "mail", *options)
                self.assertNotEqual(done.returncode, 0)
                self.assertIn(why, done.stderr)


class Login(RelayTest):
    def test_at_the_server_that_gets_all_of_it(self):
        authority = Authority(self.folder)
        certificate, key = authority.issue("localhost")
        smart = self.foreground("mail", "--smtp", "tcp:0:interface=127.0.0.1", "--no-pop3", "--no-imap", "--hostname", "smart.test",
                                "--relay=theirs", "--relay-for=none", "--relay-via", f"127.0.0.2:{self.port}", "-d", "smart.test=smart",
                                "--user=ann=right", "--tls-cert", certificate, "--tls-key", key)
        peer = self.peer()
        with open(self.path("login"), "w", encoding="ascii") as file:
            file.write("ann@smart.test:wrong\n")
        daemon = self.start("--relay-via", f"localhost:{smart.address()[1]}", "--relay-login", "login", "--retry", "300ms")
        self.send(daemon, "joe@far.test")
        wait_for(lambda: "451 4.7.8 localhost: " in self.say("queue"), "the refusal")
        self.assertEqual(self.inbox(), [], "a mistake of ours sends no mail back")
        daemon.stop()
        with open(self.path("login"), "w", encoding="ascii") as file:
            file.write("ann@smart.test:right\n")
        self.start("--relay-via", f"localhost:{smart.address()[1]}", "--relay-login", "login", "--retry", "300ms",
                   "--relay-ca", authority.certificate)
        wait_for(lambda: len(peer.mails) == 1, "the mail")
        self.assertEqual(peer.mails[0][1], ["joe@far.test"])
        self.assertRegex(peer.mails[0][2], "by smart.test with ESMTPSA")


if __name__ == "__main__":
    run_tests()
