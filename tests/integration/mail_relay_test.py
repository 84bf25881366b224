"""Mail that is sent on: by which way, what becomes of it when that is not to be had, and that none is ever lost."""
import os
import random
import re
import signal
import smtplib
import socket
import subprocess
import threading
import time
import unittest

from support.daemon import PATIENCE, PLAIN, run_tests, wait_for
from support.mail_relay import RelayTest

USAGE, UNAVAILABLE = 64, 69
FAULTY_DISK = os.environ.get("TWISTDPP_FAULTY_DISK", "")


class Relay(RelayTest):
    def test_the_way_is_that_of_the_exchangers(self):
        first, second = self.peer("127.0.0.2"), self.peer("127.0.0.3")
        daemon = self.start()
        self.send(daemon, "joe@both.test", "bob@second.test", "eve@plain.test", text="Subject: hi\r\n\r\n.dot\r\nend\r\n")
        wait_for(lambda: len(first.mails) == 2 and len(second.mails) == 1, "three mails")
        self.assertEqual(sorted(mail[1] for mail in first.mails), [["eve@plain.test"], ["joe@both.test"]])
        self.assertEqual(second.mails[0][:2], ("ann@example.com", ["bob@second.test"]))
        received, text = second.mails[0][2].split("Subject: ")
        self.assertRegex(received, r"^Received: from \S+ \(\[127\.0\.0\.1\]\)\r\n\tby relay\.test with ESMTP id \w+;\r\n\t")
        self.assertEqual(text, "hi\r\n\r\n.dot\r\nend\r\n")
        first.close()
        wait_for(lambda: first.open == 0, "the end of the connection that was kept")
        self.send(daemon, "joe@both.test")
        wait_for(lambda: len(second.mails) == 2, "the second exchanger")
        self.empty()
        self.assertEqual(self.inbox(), [])

    def test_a_server_that_refuses_the_connection_is_passed_by(self):
        self.peer("127.0.0.2", answer=lambda line: "421 4.3.2 not now" if line == "CONNECT" else None)
        second = self.peer("127.0.0.3")
        self.send(self.start(), "joe@both.test")
        wait_for(lambda: len(second.mails) == 1, "the second exchanger")

    def test_what_cannot_arrive_goes_back(self):
        peer = self.peer(answer=lambda line: "550 5.1.1 no bob here" if line.startswith("RCPT TO:<bob@") else None)
        daemon = self.start()
        for to, status in (("bob@first.test", "5.1.1"), ("x@null.test", "5.1.10"), ("x@nowhere.test", "5.4.4"),
                           ("x@missing.test", "5.1.2"), ("x@ours.test", "5.4.6"), ("x@nothing.test", "5.4.4")):
            with self.subTest(to):
                before = len(self.inbox())
                text = f"Subject: to {to}\r\nX-Mine: yes\r\n\r\nhello\r\n"
                self.send(daemon, to, text=text)
                report = self.reports(before + 1)
                report = next(each for each in report if to in each.as_string())
                self.assertEqual(report.get_content_type(), "multipart/report")
                self.assertEqual((report["Return-Path"], report["Auto-Submitted"]), ("<>", "auto-replied"))
                self.assertEqual(report["To"], "<ann@example.com>")
                words, status_part, original = report.get_payload()
                self.assertIn(to, words.get_payload())
                about, recipient = status_part.get_payload()
                self.assertEqual(about["Reporting-MTA"], "dns; relay.test")
                self.assertEqual((recipient["Final-Recipient"], recipient["Action"], recipient["Status"]),
                                 ("rfc822; " + to, "failed", status))
                self.assertEqual(original.get_content_type(), "message/rfc822")
                self.assertEqual((original.get_payload(0)["Subject"], original.get_payload(0)["X-Mine"]), ("to " + to, "yes"))
        self.assertEqual(sum("smtp; 550 5.1.1 no bob here" in each.as_string() for each in self.inbox()), 1)
        self.assertEqual(peer.mails, [])
        self.empty()

    def test_some_get_it_and_some_do_not(self):
        answers = {"bob@first.test": "550 5.1.1 unknown", "eve@first.test": "450 4.2.1 later"}

        def answer(line):
            found = re.match(r"RCPT TO:<(.*?)>", line)
            return answers.get(found[1]) if found else None

        peer = self.peer(answer=answer)
        daemon = self.start("--retry", "300ms")
        self.send(daemon, "joe@first.test", "bob@first.test", "eve@first.test")
        self.reports()
        self.assertEqual([mail[1] for mail in peer.mails], [["joe@first.test"]])
        self.assertRegex(self.say("queue"), r"to <eve@first.test>  tried \w+.*\n +one.test: 450 4.2.1 later\n")
        del answers["eve@first.test"]
        wait_for(lambda: len(peer.mails) == 2, "another try")
        self.assertEqual(peer.mails[1][1], ["eve@first.test"])
        self.empty()

    def test_nobody_answers_a_report(self):
        self.peer(answer=lambda line: "550 5.7.1 no" if line.startswith("RCPT") else None)
        daemon = self.start()
        self.send(daemon, "joe@first.test", sender="<>")
        daemon.expect("refused to=<joe@first.test>")
        self.empty()
        self.assertEqual(self.inbox(), [])
        # The report goes to another server, which does not take it: that is the end of it.
        self.send(daemon, "joe@first.test", sender="bob@first.test")
        daemon.expect("refused to=<bob@first.test>")
        self.empty()

    def test_who_asks_is_told_and_who_does_not_want_to_know_is_not(self):
        self.peer(answer=lambda line: "550 5.1.1 no" if line.startswith("RCPT TO:<bob@") else None)
        daemon = self.start()
        self.send(daemon, "bob@first.test", rcpt_options=["NOTIFY=NEVER"])
        self.send(daemon, "joe@first.test", mail_options=["ENVID=x+2By", "RET=HDRS"],
                  rcpt_options=["NOTIFY=SUCCESS", "ORCPT=rfc822;joe+2Bme@first.test"])
        report, = self.reports()
        about, recipient = report.get_payload(1).get_payload()
        self.assertEqual(about["Original-Envelope-Id"], "x+y")
        self.assertEqual((recipient["Action"], recipient["Status"][:1], recipient["Original-Recipient"]),
                         ("relayed", "2", "rfc822; joe+me@first.test"))
        self.assertEqual(report.get_payload(2).get_content_type(), "text/rfc822-headers")
        self.send(daemon, "ann@example.com", rcpt_options=["NOTIFY=SUCCESS"])
        wait_for(lambda: len(self.inbox()) == 3, "the mail and the report")
        report = next(each for each in self.inbox() if "Your mail was delivered" in each["Subject"])
        self.assertEqual(report.get_payload(1).get_payload(1)["Action"], "delivered")
        self.empty()

    def test_wishes_are_passed_on_to_who_knows_them(self):
        peer = self.peer(extensions=("PIPELINING", "DSN", "8BITMIME", "SIZE 10000", "SMTPUTF8"))
        daemon = self.start()
        self.send(daemon, "joe@first.test", mail_options=["ENVID=abc", "RET=HDRS", "BODY=8BITMIME"],
                  rcpt_options=["NOTIFY=SUCCESS,DELAY", "ORCPT=rfc822;j@x"], text="Subject: x\r\n\r\ncafé\r\n".encode())
        wait_for(lambda: peer.mails, "the mail")
        size = len(peer.mails[0][2].encode())
        self.assertIn(f"MAIL FROM:<ann@example.com> SIZE={size} BODY=8BITMIME RET=HDRS ENVID=abc", peer.commands)
        self.assertIn("RCPT TO:<joe@first.test> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;j@x", peer.commands)
        self.empty()
        self.assertEqual(self.inbox(), [])
        self.send(daemon, "joe@first.test", text="Subject: large\r\n\r\n" + "x" * 70 + "\r\n" * 6000)
        self.assertIn("Status: 5.3.4", self.reports()[0].as_string())

    def test_what_a_server_cannot_take_is_not_mutilated(self):
        peer = self.peer(extensions=("PIPELINING",))
        daemon = self.start()
        self.send(daemon, "joe@first.test", mail_options=["BODY=8BITMIME"], text="Subject: x\r\n\r\ncafé\r\n".encode())
        self.assertIn("Status: 5.6.3", self.reports()[0].as_string())
        self.assertEqual(peer.mails, [])

    def test_it_is_tried_again_and_warned_of_and_given_up(self):
        self.peer(answer=lambda line: "451 4.7.1 greylisted" if line.startswith("RCPT") else None)
        daemon = self.start("--retry", "200ms", "--warn-after", "300ms", "--expire", "2")
        self.send(daemon, "joe@first.test")
        warning, end = self.reports(2)
        self.assertEqual([warning["Subject"], end["Subject"]],
                         ["Your mail is still on its way", "Your mail could not be delivered"])
        recipient = warning.get_payload(1).get_payload(1)
        self.assertEqual((recipient["Action"], recipient["Status"]), ("delayed", "4.7.1"))
        self.assertIsNotNone(recipient["Will-Retry-Until"])
        recipient = end.get_payload(1).get_payload(1)
        self.assertEqual((recipient["Action"], recipient["Status"]), ("failed", "5.4.7"))
        self.assertIn("greylisted", recipient["Diagnostic-Code"])
        self.empty()

    def test_a_connection_that_breaks_loses_nothing(self):
        broken = []

        def answer(line):
            if line == "END" and len(broken) < 3:
                broken.append(line)
                return "close"
            return None

        peer = self.peer(answer=answer)
        daemon = self.start("--retry", "200ms")
        self.send(daemon, "joe@first.test")
        wait_for(lambda: peer.mails, "the mail")
        self.empty()

    def test_connections_are_used_again_and_never_too_many(self):
        peer = self.peer()
        daemon = self.start("--relay-connections", "3")
        with smtplib.SMTP("127.0.0.1", daemon.smtp, timeout=PATIENCE) as client:
            for i in range(60):
                client.sendmail("ann@example.com", [f"user{i}@first.test"], f"Subject: {i}\r\n\r\n")
        wait_for(lambda: len(peer.mails) == 60, "60 mails")
        self.assertLessEqual(peer.most, 3)
        self.assertLess(peer.connections, 10)
        self.empty()

    def test_a_server_that_takes_few_connections_gets_all_mail_by_those(self):
        peer = self.peer(answer=lambda line: "421 4.7.0 too many connections" if line == "CONNECT" and peer.open > 2 else None)
        daemon = self.start()
        with smtplib.SMTP("127.0.0.1", daemon.smtp, timeout=PATIENCE) as client:
            for i in range(60):
                client.sendmail("ann@example.com", [f"user{i}@first.test"], f"Subject: {i}\r\n\r\n")
        wait_for(lambda: len(peer.mails) == 60, "60 mails")
        self.empty()

    def test_one_server_of_several_may_want_no_mail_at_all(self):
        self.peer("127.0.0.2", answer=lambda line: "554 5.3.2 no mail here" if line == "CONNECT" else None)
        daemon = self.start()
        self.send(daemon, "joe@both.test")
        wait_for(lambda: "tried once" in self.say("queue"), "a try")
        self.assertIn("two.test: cannot connect", self.say("queue"))
        self.send(daemon, "joe@first.test")
        self.assertIn("554 5.3.2 no mail here", self.reports()[0].as_string())

    def test_who_may_send_where(self):
        peer = self.peer()
        daemon = self.start("--relay-for", "none")
        probes = ("joe@first.test", "joe%first.test@example.com", "joe@first.test@example.com", '"joe@first.test"@example.com',
                  "first.test!joe@example.com")
        for probe in probes:
            with self.assertRaises(smtplib.SMTPRecipientsRefused, msg=probe) as refused:
                self.send(daemon, probe)
            self.assertEqual(refused.exception.recipients[probe][0] // 100, 5, probe)
        with smtplib.SMTP("127.0.0.1", daemon.smtp, timeout=PATIENCE) as client:
            client.login("ann", "password")
            client.sendmail("ann@example.com", ["joe@first.test"], "Subject: x\r\n\r\n")
        wait_for(lambda: peer.mails, "the mail of who has logged in")
        self.assertEqual(len(peer.mails), 1)

    def test_aliases_lead_elsewhere(self):
        peer = self.peer()
        with open(self.path("aliases"), "w", encoding="ascii") as file:
            file.write("sales: ann, joe@first.test\n")
        daemon = self.start("--aliases=aliases")
        self.send(daemon, "sales@example.com", sender="bob@example.org")
        wait_for(lambda: peer.mails and self.inbox(), "both")
        self.assertEqual(peer.mails[0][:2], ("bob@example.org", ["joe@first.test"]))
        # The other server's alias leads back here.
        self.assertTrue(peer.mails[0][2].startswith("Delivered-To: sales@example.com\r\n"))
        with self.assertRaisesRegex(smtplib.SMTPDataError, "5.4.6 it goes round in a circle"):
            self.send(daemon, "Sales@Example.com", text=peer.mails[0][2], sender="bob@example.org")
        self.send(daemon, "ann@example.com", text=peer.mails[0][2], sender="bob@example.org")
        wait_for(lambda: len(self.inbox()) == 2, "what is for another one")

    def test_another_server_of_ours_by_tls(self):
        certificate, key = self.path("cert.pem"), self.path("key.pem")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                        key, "-out", certificate, "-days", "2", "-subj", "/CN=one.test"], check=True, capture_output=True)
        self.foreground("mail", "--smtp", f"tcp:{self.port}:interface=127.0.0.2", "--no-pop3", "--no-imap", "--hostname", "one.test",
                        "-d", "first.test=theirs", "--user=joe=x", "--tls-cert", certificate, "--tls-key", key)
        daemon = self.start()
        self.send(daemon, "joe@first.test", text="Subject: large\r\n\r\n" + ("x" * 78 + "\r\n") * 20_000)
        folder = self.path("theirs/joe/new")
        wait_for(lambda: os.path.isdir(folder) and os.listdir(folder), "the mail")
        with open(os.path.join(folder, os.listdir(folder)[0]), encoding="ascii") as file:
            text = file.read()
        self.assertIn("by one.test with ESMTPS", text)
        self.assertEqual(text.count("x" * 78 + "\n"), 20_000)
        self.empty()

    def test_the_test_server_of_postfix(self):
        sink = subprocess.Popen(["smtp-sink", "-u", "nobody", "-c", f"127.0.0.2:{self.port}", "100"], stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL) if os.geteuid() == 0 else subprocess.Popen(
            ["smtp-sink", "-c", f"127.0.0.2:{self.port}", "100"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(sink.wait)
        self.addCleanup(sink.kill)

        def listens():
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.2", self.port)) == 0

        wait_for(listens, "smtp-sink")
        daemon = self.start("--retry", "200ms")
        done = subprocess.run(["smtp-source", "-s", "10", "-m", "200", "-l", "2048", "-f", "ann@example.com", "-t", "joe@first.test",
                               f"127.0.0.1:{daemon.smtp}"], capture_output=True, text=True, timeout=PATIENCE * 2)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.empty()
        self.assertEqual(self.inbox(), [])

    def test_what_waits_is_shown_and_can_be_hurried(self):
        daemon = self.start()
        self.send(daemon, "joe@first.test", "bob@second.test")
        wait_for(lambda: self.say("queue").count("tried once") == 2, "two tries")
        shown = self.say("queue")
        found = re.match(r"(\w+)  \S+ \S+  \d+ bytes  from <ann@example.com>\n    to <joe@first.test>  tried once, the next in "
                         r"\d+ (s|min)\n        451 4.4.1 one.test: .*Connection refused\n    to <bob@second.test> ", shown)
        self.assertTrue(found, shown)
        name = found[1]
        self.assertRegex(shown, r"\n1 mail, \d+ bytes\.\n$")
        trace = self.say("trace", name)
        self.assertRegex(trace, r"\d  queued from=<ann@example.com> to=<joe@first.test> to=<bob@second.test> size=\d+\n")
        self.assertRegex(trace, r"\d  put off to=<joe@first.test> try=1 451 4.4.1 ")
        self.assertIn("waits for <bob@second.test>, next try ", trace)
        first = self.peer("127.0.0.2")
        self.assertEqual(self.say("flush"), "1 mail is tried now\n")
        wait_for(lambda: first.mails, "the mail")
        wait_for(lambda: "joe@first.test> try=2" in self.say("trace", name), "the history")
        self.assertEqual(self.say("flush", "nothing"), "nothing does not wait here\n")
        wait_for(lambda: "tried 2 times" in self.say("queue"), "another try")
        self.assertEqual(self.say("drop", name), f"{name} is thrown away\n")
        self.empty()
        daemon.stop()
        self.assert_fails(self.run_daemon("mail", "--relay=queue", "flush"), UNAVAILABLE, "no daemon answers at ")
        self.assert_fails(self.run_daemon("mail", "--relay=queue", "trace"), USAGE, "'trace' needs the name of a mail")
        self.assert_fails(self.run_daemon("mail", "queue"), USAGE, "'queue' needs --relay")
        self.assert_fails(self.run_daemon("mail", "--relay=queue", "sing"), USAGE, "'sing' is neither an option nor one of queue")

    def test_one_process_at_a_time(self):
        daemon = self.start()
        second = self.run_daemon("-n", "mail", "--smtp", "tcp:0:interface=127.0.0.1", "--relay=queue")
        self.assert_fails(second, UNAVAILABLE, "option --relay: another process sends what is in ")
        daemon.stop()
        self.start()

    def test_250_means_that_it_arrives_whatever_comes(self):
        confirmed = set()
        chance = random.Random(1)
        peer = self.peer()
        for round_ in range(6):
            daemon = self.start("--retry", "200ms")
            stop = threading.Event()

            def send(number, port=daemon.smtp, stop=stop):
                count = 0
                try:
                    with smtplib.SMTP("127.0.0.1", port, timeout=5) as sender:
                        # However fast the machine is: all of them have to be sent on in the end.
                        while not stop.is_set() and count < 100:
                            name = f"{round_}-{number}-{count}"
                            count += 1
                            # Now and then one that has a file of its own.
                            text = f"Subject: {name}\r\n\r\n" + ("x" * 70 + "\r\n") * (4000 if count % 10 == 3 else 1)
                            sender.sendmail("ann@example.com", ["joe@first.test"], text)
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
        self.start("--retry", "200ms")
        self.empty()
        there = {}
        for _, _, text in peer.mails:
            name = re.search(r"Subject: (\S+)", text)[1]
            there[name] = there.get(name, 0) + 1
        self.assertEqual(confirmed - set(there), set())
        # What was on its way when the process died is sent again.
        self.assertLess(sum(count - 1 for count in there.values()), len(there) / 4)
        self.assertEqual(os.listdir(self.path("queue/large")), [])

    @unittest.skipUnless(PLAIN, "a sanitizer has to be loaded first")
    def test_after_a_sync_that_failed_nothing_is_promised(self):
        peer = self.peer()
        daemon = self.start(env=self.environment(LD_PRELOAD=FAULTY_DISK, TWISTDPP_FAULT=self.path("fault")))
        self.send(daemon, "joe@first.test", text="Subject: before\r\n\r\n")
        wait_for(lambda: peer.mails, "the mail")
        for text in ("Subject: lost\r\n\r\n", "Subject: large\r\n\r\n" + ("x" * 70 + "\r\n") * 4000):
            with open(self.path("fault"), "w", encoding="ascii") as file:
                file.write("fdatasync" if "lost" in text else "fsync")
            with self.assertRaises(smtplib.SMTPDataError) as refused:
                self.send(daemon, "joe@first.test", text=text)
            self.assertEqual(refused.exception.smtp_code, 451)
            os.remove(self.path("fault"))
        with self.assertRaises(smtplib.SMTPDataError):
            self.send(daemon, "joe@first.test", text="Subject: distrusted\r\n\r\n")
        os.kill(daemon.pid, signal.SIGTERM)
        daemon.wait()
        daemon = self.start()
        self.send(daemon, "joe@first.test", text="Subject: again\r\n\r\n")
        wait_for(lambda: any("Subject: again" in mail[2] for mail in peer.mails), "the mail")
        self.assertFalse(any("Subject: distrusted" in mail[2] for mail in peer.mails))

    def test_what_is_refused_says_why(self):
        smtp = ("--smtp", "tcp:0:interface=127.0.0.1")
        for options, texts in (
                (("--relay-via", "x.test"), ("option --relay-via: is for --relay",)),
                (("--relay=queue", "--relay-via", "a b"), ("option --relay-via: 'a b' is no HOST or HOST:PORT",)),
                (("--relay=queue", "--relay-for", "10.0.0.0/99"), ("option --relay-for: ", "10.0.0.0/99")),
                (("--relay=queue", "--dns", "name.test"), ("option --dns: ", "name.test")),
                (("--relay=queue", "--retry", "0"), ("option --retry: ",)),
                (("--sink", "--relay=queue"), ("options --sink and --relay: ",))):
            with self.subTest(options):
                self.assert_fails(self.run_daemon("-n", "mail", *smtp, *options), USAGE, *texts)


if __name__ == "__main__":
    run_tests()
