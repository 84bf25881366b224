"""The mail server with programs that people use, and what it does when it is killed or the disk is full."""
import base64
import email.message
import os
import pathlib
import poplib
import pwd
import random
import re
import resource
import signal
import smtplib
import socket
import ssl
import subprocess
import threading
import time
import unittest

from support.certificates import Authority
from support.daemon import DAEMON, PATIENCE, PLAIN, DaemonTest, read, run_tests

USAGE = 64
# In KiB, beside a message of 40 MB. The address sanitizer keeps freed memory back for a while.
MOST_GROWTH = 20_000 if PLAIN else 300_000
FAULTY_DISK = os.environ.get("TWISTDPP_FAULTY_DISK", "")
EXAMPLES = os.environ.get("TWISTDPP_EXAMPLES", "")
SYSTEM_PYTHON = "/usr/bin/python3"

TWISTED = """
import io, sys
from twisted.internet import defer, protocol, reactor
from twisted.mail import pop3client, smtp

async def main():
    sent = defer.Deferred()
    message = io.BytesIO(b"Subject: by Twisted\\n\\n.a dot\\n")
    factory = smtp.ESMTPSenderFactory(b"joe", b"password", b"ann@example.org", b"joe@example.com", message, sent,
                                      requireAuthentication=True, requireTransportSecurity=False)
    reactor.connectTCP("127.0.0.1", int(sys.argv[1]), factory)
    print(await sent)
    creator = protocol.ClientCreator(reactor, pop3client.POP3Client)
    client = await creator.connectTCP("127.0.0.1", int(sys.argv[2]))
    client.allowInsecureLogin = True
    await client.login(b"joe", b"password")
    print(await client.listSize())
    print((await client.retrieve(0))[-1])
    await client.delete(0)
    await client.quit()

def ended(result):
    if result is not None:
        print(result)
    reactor.stop()

reactor.callWhenRunning(lambda: defer.ensureDeferred(main()).addBoth(ended))
reactor.callLater(60, reactor.stop)
reactor.run()
"""


def message(subject, text="hello\n"):
    made = email.message.EmailMessage()
    made["From"], made["To"], made["Subject"] = "ann@example.org", "joe@example.com", subject
    made.set_content(text)
    return made


class Mail(DaemonTest):
    def start(self, *more, daemon_options=(), **how):
        daemon = self.foreground(*daemon_options, "mail", "--smtp", "tcp:0:interface=127.0.0.1", "--pop3", "tcp:0:interface=127.0.0.1",
                                 "--no-imap", "--hostname", "mx.test", "--maildirdbmdomain=example.com=" + self.path("mail"),
                                 "--user=joe=password", *more, **how)
        # In the order --smtp, --submission, --pop3.
        ports = [int(port) for port in re.findall(r"127\.0\.0\.1:(\d+)", daemon.log.split("ready: ", 1)[1])]
        daemon.smtp, daemon.submission, daemon.pop3 = ports[0], ports[1], ports[-1]
        return daemon

    def tls(self):
        certificate, key = self.path("cert.pem"), self.path("key.pem")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                        key, "-out", certificate, "-days", "2", "-subj", "/CN=mx.test"], check=True, capture_output=True)
        return ["--tls-cert", certificate, "--tls-key", key]

    def context(self):
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context

    def connect(self, port):
        connection = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self.addCleanup(connection.close)
        return connection, connection.makefile("rb")

    def kept(self):
        folder = self.path("mail/joe/new")
        return [os.path.join(folder, name) for name in os.listdir(folder)] if os.path.isdir(folder) else []

    def run_client(self, *command, **how):
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE * 2, **how)
        self.assertEqual(done.returncode, 0, done)
        return done.stdout

    def test_the_line_of_the_readme(self):
        daemon = self.start()
        with smtplib.SMTP("127.0.0.1", daemon.smtp) as sender:
            sender.send_message(message("first", ".a dot\n\n" + "x" * 2000 + "\n"))
            with self.assertRaises(smtplib.SMTPRecipientsRefused) as refused:
                sender.sendmail("ann@example.org", ["nobody@example.com", "joe@elsewhere.org"], "x")
            self.assertEqual({code for code, _ in refused.exception.recipients.values()}, {550})
        box = poplib.POP3("127.0.0.1", daemon.pop3)
        box.user("joe")
        box.pass_("password")
        count, size = box.stat()
        self.assertEqual(count, 1)
        lines = box.retr(1)[1]
        self.assertEqual(sum(len(line) + 2 for line in lines), size)
        self.assertIn(b".a dot", lines)
        self.assertEqual(lines[0], b"Return-Path: <ann@example.org>")
        box.dele(1)
        box.quit()
        self.assertEqual(self.kept(), [])

    def test_curl_and_swaks(self):
        daemon = self.start(*self.tls())
        with open(self.path("message"), "w", encoding="utf-8") as file:
            file.write("Subject: by curl\r\n\r\nhello\r\n")
        self.run_client("curl", "--silent", "--show-error", "--ssl-reqd", "--insecure", f"smtp://127.0.0.1:{daemon.smtp}", "--user",
                        "joe:password", "--mail-from", "ann@example.org", "--mail-rcpt", "joe@example.com", "--upload-file",
                        self.path("message"))
        self.run_client("swaks", "--server", f"127.0.0.1:{daemon.smtp}", "--tls", "--auth", "LOGIN", "--auth-user", "joe@example.com",
                        "--auth-password", "password", "--from", "ann@example.org", "--to", "joe@example.com", "--pipeline",
                        "--header", "Subject: by swaks")
        listing = self.run_client("curl", "--silent", "--show-error", "--ssl-reqd", "--insecure",
                                  f"pop3://joe:password@127.0.0.1:{daemon.pop3}/")
        self.assertEqual(len(listing.split("\n")), 3, listing)
        texts = [self.run_client("curl", "--silent", "--show-error", "--ssl-reqd", "--insecure",
                                 f"pop3://joe:password@127.0.0.1:{daemon.pop3}/{number}") for number in (1, 2)]
        self.assertIn("Subject: by curl", texts[0])
        self.assertIn("Subject: by swaks", texts[1])
        self.assertIn("with ESMTPSA id", texts[0])

    def test_msmtp_and_fetchmail(self):
        daemon = self.start(*self.tls())
        settings = self.path("msmtprc")
        with open(settings, "w", encoding="utf-8") as file:
            file.write(f"defaults\ntls on\ntls_certcheck off\ntls_trust_file\naccount default\nhost 127.0.0.1\nport {daemon.smtp}\n"
                       "auth scram-sha-256\nuser joe\npassword password\nfrom ann@example.org\n")
        os.chmod(settings, 0o600)
        self.run_client("msmtp", "--file", settings, "joe@example.com", input="Subject: by msmtp\n\n.a dot\n")
        settings = self.path("fetchmailrc")
        with open(settings, "w", encoding="utf-8") as file:
            file.write(f"set no bouncemail\npoll 127.0.0.1 protocol pop3 service {daemon.pop3} user joe password password\n"
                       f" sslproto 'auto' no sslcertck mda \"tee {self.path('fetched')}\"\n")
        os.chmod(settings, 0o600)
        # Its files lie where it lives.
        self.run_client("fetchmail", "--fetchmailrc", settings, "--pidfile", self.path("fetchmail.pid"), "--idfile",
                        self.path("fetchids"), env={**os.environ, "HOME": self.folder, "FETCHMAILHOME": self.folder})
        with open(self.path("fetched"), encoding="utf-8") as file:
            text = file.read()
        self.assertIn("Subject: by msmtp", text)
        self.assertTrue(text.endswith("\n.a dot\n"), text)
        self.assertEqual(self.kept(), [])

    @unittest.skipUnless(os.access(os.path.join(EXAMPLES, "fetch_mail"), os.X_OK), "the examples were not built")
    def test_our_own_client_of_pop3(self):
        daemon = self.start(*self.tls())
        with smtplib.SMTP("127.0.0.1", daemon.smtp) as sender:
            for subject in ("one", "two"):
                sender.send_message(message(subject, ".dot\nend\n"))
        fetch = [os.path.join(EXAMPLES, "fetch_mail"), str(daemon.pop3), "joe"]
        out = self.run_client(*fetch, "remove", env=self.environment(PASSWORD="password"))
        self.assertEqual(out.count(".dot\nend\n"), 2, out)
        self.assertTrue(out.endswith("2 messages\n"), out)
        self.assertEqual(self.run_client(*fetch, env=self.environment(PASSWORD="password")), "0 messages\n")
        refused = subprocess.run(fetch, env=self.environment(PASSWORD="wrong"), capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("not fetched: ", refused.stderr)

    def test_many_at_the_same_time_by_postfix(self):
        daemon = self.start()
        self.run_client("smtp-source", "-s", "20", "-m", "400", "-l", "2048", "-f", "ann@example.org", "-t", "joe@example.com",
                        f"127.0.0.1:{daemon.smtp}", env={**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin"})
        self.assertEqual(len(self.kept()), 400)
        os.kill(daemon.pid, signal.SIGTERM)
        daemon.wait()
        self.assertEqual(os.listdir(self.path("mail/.journal")), [])

    def test_what_a_crash_took_is_put_back(self):
        daemon = self.start()
        with smtplib.SMTP("127.0.0.1", daemon.smtp) as sender:
            sender.send_message(message("promised"))
        os.kill(daemon.pid, signal.SIGKILL)
        daemon.wait()
        # As when the machine had stopped before the folder was written.
        for path in self.kept():
            os.remove(path)
        daemon = self.start()
        daemon.expect("put back")
        self.assertEqual(len(self.kept()), 1)

    def test_twisted_as_the_other_end(self):
        # Debian's Twisted takes POP3 for a reason to speak TLS 1.0.
        daemon = self.start()
        with open(self.path("client.py"), "w", encoding="utf-8") as file:
            file.write(TWISTED)
        output = self.run_client(SYSTEM_PYTHON, self.path("client.py"), str(daemon.smtp), str(daemon.pop3))
        self.assertIn("250", output)
        self.assertIn("b'.a dot'", output)
        self.assertEqual(self.kept(), [])

    def test_tls_and_logins(self):
        daemon = self.start(*self.tls(), "--disable-anonymous")
        with smtplib.SMTP("127.0.0.1", daemon.smtp) as sender:
            sender.ehlo()
            self.assertEqual(sender.esmtp_features["auth"].split(), ["SCRAM-SHA-256"])
            sender.starttls(context=self.context())
            sender.ehlo()
            self.assertIn("PLAIN", sender.esmtp_features["auth"].split())
            self.assertNotIn("starttls", sender.esmtp_features)
            with self.assertRaises(smtplib.SMTPSenderRefused) as refused:
                sender.send_message(message("not logged in"))
            self.assertEqual(refused.exception.smtp_code, 530)
            with self.assertRaises(smtplib.SMTPAuthenticationError):
                sender.login("joe", "guess")
            sender.login("joe", "password")
            sender.send_message(message("logged in"))
        box = poplib.POP3("127.0.0.1", daemon.pop3)
        with self.assertRaises(poplib.error_proto):
            box.user("joe")
        box.stls(context=self.context())
        box.user("joe")
        box.pass_("password")
        self.assertEqual(box.stat()[0], 1)
        other = poplib.POP3("127.0.0.1", daemon.pop3)
        other.stls(context=self.context())
        other.user("joe")
        with self.assertRaisesRegex(poplib.error_proto, "IN-USE"):
            other.pass_("password")
        other.close()
        box.quit()
        self.assertNotIn("password", daemon.log.replace("name and password", ""))

    def unprivileged(self):
        """Options and rights for another user where the tests run as root, who gives nothing to programs."""
        if os.geteuid() != 0:
            return []
        nobody = pwd.getpwnam("nobody")
        os.chown(self.folder, nobody.pw_uid, nobody.pw_gid)
        for folder in pathlib.Path(self.folder).parents:
            if not folder.stat().st_mode & 1:
                self.skipTest(f"nobody may not enter {folder}")
        return ["--uid", "nobody", "--gid", str(nobody.pw_gid)]

    def test_aliases_files_and_programs(self):
        with open(self.path("aliases"), "w") as file:
            file.write(f"sales: joe, {self.path('archive')},\n  \"|cat > {self.path('handed')}\"\n"
                       f"broken: |exit 75\nrefused: |echo no such queue; exit 67\nlate: joe\n")
        options = self.unprivileged()
        daemon = self.start("--aliases", self.path("aliases"), daemon_options=options)
        with smtplib.SMTP("127.0.0.1", daemon.smtp) as sender:
            sender.send_message(message("for all", "From here\n"), "ann@example.org", "sales+spring@example.com")
            self.assertIn("\n>>From here\n", read(self.path("archive")))
            self.assertRegex(read(self.path("archive")), r"\AFrom ann@example\.org ")
            self.assertRegex(read(self.path("handed")), r"\AReturn-Path: <ann@example\.org>\n(.*\n)*\n>From here\n\Z")
            for name, code in (("broken", 451), ("refused", 554)):
                with self.assertRaises(smtplib.SMTPDataError) as refused:
                    sender.send_message(message(name), "ann@example.org", name + "@example.com")
                self.assertEqual(refused.exception.smtp_code, code)
            # The file is read again when it has changed.
            with open(self.path("aliases"), "a") as file:
                file.write("fresh: joe\n")
            sender.send_message(message("fresh"), "ann@example.org", "fresh@example.com")
        box = poplib.POP3("127.0.0.1", daemon.pop3)
        box.user("joe")
        box.pass_("password")
        self.assertEqual(box.stat()[0], 2)
        box.quit()
        daemon.expect("no such queue")

    def test_root_gives_nothing_to_programs(self):
        if os.geteuid() != 0:
            self.skipTest("these tests do not run as root")
        with open(self.path("aliases"), "w") as file:
            file.write("sales: |cat\n")
        done = self.run_daemon("-n", "mail", "--smtp", "tcp:0:interface=127.0.0.1", "--no-pop3", "--no-imap", "-d", "example.com=" + self.path("mail"),
                               "-A", self.path("aliases"))
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("not done by root", done.stderr)

    def test_a_full_mailbox_has_to_wait(self):
        daemon = self.start("--quota", "30000", "--user=ann=password")
        with smtplib.SMTP("127.0.0.1", daemon.smtp) as sender:
            large = message("large", "line\n" * 2000)
            for _ in range(2):
                sender.send_message(large, "x@example.org", "joe@example.com")
            with self.assertRaises(smtplib.SMTPRecipientsRefused) as refused:
                sender.send_message(large, "x@example.org", "joe@example.com")
            self.assertEqual(refused.exception.recipients["joe@example.com"], (452, b"4.2.2 the mailbox is full"))
            sender.send_message(large, "x@example.org", "ann@example.com")

    def test_submission_asks_for_a_login_and_completes_the_message(self):
        daemon = self.start("--submission", "tcp:0:interface=127.0.0.1")
        with smtplib.SMTP("127.0.0.1", daemon.submission) as sender:
            text = "Subject: handed in\r\nBcc: secret@example.com\r\n\r\nhello\r\n"
            with self.assertRaises(smtplib.SMTPSenderRefused) as refused:
                sender.sendmail("joe@example.com", "joe@example.com", text)
            self.assertEqual(refused.exception.smtp_code, 530)
            sender.login("joe", "password")
            sender.sendmail("joe@example.com", "joe@example.com", text)
        with smtplib.SMTP("127.0.0.1", daemon.smtp) as sender:
            sender.sendmail("joe@example.com", "joe@example.com", text)
        box = poplib.POP3("127.0.0.1", daemon.pop3)
        box.user("joe")
        box.pass_("password")
        handed, relayed = (b"\n".join(box.retr(number)[1]) for number in (1, 2))
        box.quit()
        self.assertNotIn(b"secret", handed)
        self.assertRegex(handed, rb"\nDate: \w{3}, \d\d \w{3} \d{4} [\d:]{8} \+0000\nMessage-ID: <[0-9a-f]{32}@mx\.test>\n\nhello")
        self.assertIn(b"Bcc: secret", relayed)
        self.assertNotIn(b"Message-ID", relayed)

    def test_a_certificate_in_place_of_a_password(self):
        authority = Authority(self.folder)
        server, key = authority.issue("localhost")
        mine, other = authority.issue("joe"), authority.issue("mallory")
        printed = subprocess.run(["openssl", "x509", "-in", mine[0], "-noout", "-fingerprint", "-sha256"], capture_output=True, text=True,
                                 check=True).stdout.split("=")[1].strip()
        with open(self.path("certificates"), "w", encoding="ascii") as file:
            file.write(f"joe@example.com:{printed}\n")
        daemon = self.start("--submission", f"ssl:0:interface=127.0.0.1:privateKey={key}:certKey={server}:clientCertificate=any",
                            "--auth", "certificate:" + self.path("certificates"))
        for identity, code in ((mine, 235), (other, 535)):
            context = ssl.create_default_context(cafile=authority.certificate)
            context.load_cert_chain(*identity)
            with smtplib.SMTP_SSL("localhost", daemon.submission, timeout=PATIENCE, context=context) as client:
                client.ehlo()
                self.assertIn("EXTERNAL", client.esmtp_features["auth"])
                self.assertEqual(client.docmd("AUTH", "EXTERNAL =")[0], code)
                self.assertEqual(client.mail("joe@example.com")[0], 250 if code == 235 else 530)

    def test_what_is_put_in_front_of_tls_ends_the_connection(self):
        daemon = self.start(*self.tls())
        for port, greeting, lines in ((daemon.smtp, b"220", b"EHLO x\r\nSTARTTLS\r\nRSET\r\n"), (daemon.pop3, b"+OK", b"STLS\r\nNOOP\r\n")):
            connection, answers = self.connect(port)
            self.assertTrue(answers.readline().startswith(greeting))
            connection.sendall(lines)
            rest = answers.read()
            self.assertRegex(rest.splitlines()[-1], rb"^(503 5\.5\.1|-ERR) nothing is sent along with")

    def test_smuggling(self):
        daemon = self.start()
        connection, answers = self.connect(daemon.smtp)
        connection.sendall(b"EHLO x\r\nMAIL FROM:<a@b.c>\r\nRCPT TO:<joe@example.com>\r\nDATA\r\n")
        while not answers.readline().startswith(b"354"):
            pass
        connection.sendall(b"one\r\n.\nMAIL FROM:<evil@b.c>\r\nRCPT TO:<joe@example.com>\r\nDATA\r\ntwo\r\n.\r\n")
        self.assertRegex(answers.read(), rb"^550 5\.6\.0 [^\n]*\n$")
        self.assertEqual(self.kept(), [])

    def test_a_large_message_takes_no_memory(self):
        daemon = self.start("--max-size", str(200 << 20))

        def memory():
            with open(f"/proc/{daemon.pid}/status", encoding="utf-8") as status:
                return int(re.search(r"VmHWM:\s+(\d+) kB", status.read())[1])

        with smtplib.SMTP("127.0.0.1", daemon.smtp) as sender:
            sender.sendmail("ann@example.org", ["joe@example.com"], b"Subject: small\r\n\r\nx\r\n")
            before = memory()
            line = b"x" * 98 + b"\r\n"
            sender.sendmail("ann@example.org", ["joe@example.com"], b"Subject: large\r\n\r\n" + line * 400_000)
        self.assertLess(memory() - before, MOST_GROWTH)
        box = poplib.POP3("127.0.0.1", daemon.pop3)
        box.user("joe")
        box.pass_("password")
        self.assertEqual(len(box.retr(2)[1]), 400_000 + 8)
        self.assertLess(memory() - before, MOST_GROWTH)
        box.quit()

    def test_250_means_that_it_is_there_whatever_comes(self):
        confirmed = set()
        chance = random.Random(1)
        for round_ in range(6):
            daemon = self.start()
            stop = threading.Event()

            def send(number, port=daemon.smtp, stop=stop):
                count = 0
                try:
                    with smtplib.SMTP("127.0.0.1", port, timeout=5) as sender:
                        while not stop.is_set():
                            name = f"{round_}-{number}-{count}"
                            count += 1
                            sender.sendmail("ann@example.org", ["joe@example.com"], f"Subject: {name}\r\n\r\nx\r\n")
                            confirmed.add(name)
                except (OSError, smtplib.SMTPException):
                    pass

            senders = [threading.Thread(target=send, args=(number,)) for number in range(4)]
            for sender in senders:
                sender.start()
            time.sleep(0.1 + chance.random() * 0.5)
            os.kill(daemon.pid, signal.SIGKILL)
            stop.set()
            for sender in senders:
                sender.join()
            daemon.wait()
        self.assertGreater(len(confirmed), 20)
        there = {}
        for path in self.kept():
            with open(path, encoding="utf-8") as file:
                name = re.search(r"Subject: (\S+)", file.read())[1]
            there[name] = there.get(name, 0) + 1
        self.assertEqual(confirmed - set(there), set())
        self.assertEqual([name for name, count in there.items() if count > 1], [])

    def test_a_full_disk_loses_nothing(self):
        def small_files():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

        daemon = self.start(preexec=small_files)
        with smtplib.SMTP("127.0.0.1", daemon.smtp) as sender:
            sender.send_message(message("before"))
            for size in (2000, 10_000):  # from memory, and through a file
                with self.assertRaises(smtplib.SMTPDataError) as refused:
                    sender.send_message(message("too large", ("x" * 70 + "\n") * size))
                self.assertEqual(refused.exception.smtp_code // 100, 4)
            sender.send_message(message("after"))
        self.assertEqual(len(self.kept()), 2)
        self.assertEqual(os.listdir(self.path("mail/joe/tmp")), [])
        daemon.expect("cannot write")

    def start_on_a_faulty_disk(self):
        """The daemon; fault(CALL) lets that call fail, fault() none."""
        daemon = self.start(env=self.environment(LD_PRELOAD=FAULTY_DISK, TWISTDPP_FAULT=self.path("fault")))

        def fault(call=None):
            if call:
                with open(self.path("new fault"), "w", encoding="ascii") as file:
                    file.write(call)
                os.rename(self.path("new fault"), self.path("fault"))
            else:
                os.remove(self.path("fault"))

        daemon.fault = fault
        return daemon

    def send_to(self, daemon, subject, text="x\n"):
        """The code of the answer."""
        with smtplib.SMTP("127.0.0.1", daemon.smtp) as sender:
            try:
                sender.send_message(message(subject, text))
            except smtplib.SMTPDataError as refused:
                return refused.smtp_code
        return 250

    def subjects(self):
        found = []
        for path in self.kept():
            with open(path, encoding="utf-8") as file:
                found.append(re.search(r"Subject: (.*)", file.read())[1])
        return sorted(found)

    @unittest.skipUnless(PLAIN, "a sanitizer has to be loaded first")
    def test_after_a_sync_that_failed_nothing_is_promised(self):
        daemon = self.start_on_a_faulty_disk()
        self.assertEqual(self.send_to(daemon, "before"), 250)
        daemon.fault("fdatasync")
        self.assertEqual(self.send_to(daemon, "lost"), 451)
        daemon.fault()
        # The kernel tells once only that it has dropped something.
        self.assertEqual(self.send_to(daemon, "distrusted"), 451)
        self.assertEqual(self.subjects(), ["before"])
        os.kill(daemon.pid, signal.SIGTERM)
        daemon.wait()
        daemon = self.start()
        self.assertEqual(self.send_to(daemon, "again"), 250)
        # What was refused may have reached the disk after all, and come twice when it is sent again.
        self.assertEqual([subject for subject in self.subjects() if subject != "lost"], ["again", "before"])

    @unittest.skipUnless(PLAIN, "a sanitizer has to be loaded first")
    def test_a_journal_that_cannot_be_written_is_done_without(self):
        daemon = self.start_on_a_faulty_disk()
        daemon.fault("pwrite")
        self.assertEqual(self.send_to(daemon, "by itself"), 250)
        daemon.fault("fsync")
        self.assertEqual(self.send_to(daemon, "large", ("x" * 70 + "\n") * 3000), 451)
        daemon.fault()
        self.assertEqual(self.send_to(daemon, "later"), 250)
        self.assertIn("later", self.subjects())
        self.assertIn("by itself", self.subjects())

    @unittest.skipUnless(PLAIN, "a sanitizer has to be loaded first")
    def test_a_journal_stays_when_the_mailboxes_cannot_be_synced(self):
        daemon = self.start_on_a_faulty_disk()
        daemon.fault("syncfs")
        self.assertEqual(self.send_to(daemon, "promised"), 250)
        end = time.monotonic() + PATIENCE
        while self.send_to(daemon, "promised, too") == 250:
            self.assertLess(time.monotonic(), end)
            time.sleep(0.1)
        os.kill(daemon.pid, signal.SIGTERM)
        daemon.wait()
        promised = self.subjects()
        for path in self.kept():
            os.remove(path)
        self.start()
        self.assertEqual(self.subjects(), promised)

    def test_users_of_twisted_and_new_ones(self):
        daemon = self.start()
        with open(os.path.join(self.path("mail/passwd"), base64.b64encode(b"ann").decode() + "_"), "w", encoding="utf-8") as file:
            file.write("wonder")
        with smtplib.SMTP("127.0.0.1", daemon.smtp) as sender:
            sender.sendmail("<>", ["Ann+x@EXAMPLE.com"], "Subject: x\r\n\r\nx\r\n")
            sender.sendmail("<>", ["postmaster"], "Subject: x\r\n\r\nx\r\n")
        box = poplib.POP3("127.0.0.1", daemon.pop3)
        box.user("ann@example.com")
        box.pass_("wonder")
        self.assertEqual(box.stat()[0], 1)
        box.quit()
        self.assertEqual(len(os.listdir(self.path("mail/postmaster/new"))), 1)

    def test_what_is_refused_says_why(self):
        for options, text in (
                ((), "option --maildirdbmdomain: say whose mail is kept"),
                (("--user", "joe=x"), "stands behind the --maildirdbmdomain"),
                (("-d", "example.com"), "is not of the form DOMAIN=FOLDER"),
                (("-d", "a=x", "-d", "A=y"), "the domain a was given already"),
                (("-d", "a=x", "-u", "../joe=x"), "the name of a user"),
                (("-d", "a=x", "-u", "joe@b=x"), "the domain of joe@b was not given before"),
                (("-d", "a=x", "--no-smtp", "--no-pop3", "--no-imap"), "nothing is left to do"),
                (("-d", "a=x", "--tls-key", "k"), "--tls-cert"),
        ):
            with self.subTest(options=options):
                self.assert_fails(self.run_daemon("mail", *options), USAGE, text)
        self.assertEqual(os.listdir(self.folder), [])

    def test_checking_changes_nothing(self):
        done = self.run_daemon("--check", "mail", "-d", "a=" + self.path("a"), "-u", "joe=x")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(os.listdir(self.folder), [])


if __name__ == "__main__":
    run_tests()
