"""The mail catcher, as those use it who write programs that send mail."""
import base64
import email.message
import email.policy
import http.client
import imaplib
import json
import poplib
import re
import smtplib
import time
import unittest

from support.browser import Browser
from support.daemon import PATIENCE, DaemonTest, run_tests

USAGE = 64
PICTURE = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC")
HTML = "<h1 id='h'>Hello Joe</h1><img src='cid:logo@x'><script>document.getElementById('h').textContent = 'evil'</script>"


def letter(subject="An order: café", to="joe@example.com"):
    made = email.message.EmailMessage(policy=email.policy.SMTP)
    made["From"], made["To"], made["Subject"] = "Ann <ann@example.org>", to, subject
    made.set_content("Hello in text\n")
    made.add_alternative(HTML, subtype="html")
    made.get_payload()[1].add_related(PICTURE, "image", "png", cid="<logo@x>")
    made.add_attachment(b"a,b\n", maintype="text", subtype="csv", filename="Übersicht.csv")
    return made


class Sink(DaemonTest):
    def start(self, *more):
        daemon = self.foreground("mail", "--sink", "--smtp", "tcp:0:interface=127.0.0.1", "--pop3",
                                 "tcp:0:interface=127.0.0.1", "--imap", "tcp:0:interface=127.0.0.1", "--http",
                                 "tcp:0:interface=127.0.0.1", *more)
        ready = daemon.log.split("ready: ", 1)[1]
        self.smtp, self.pop3, self.imap, self.http = (int(port) for port in re.findall(r"127\.0\.0\.1:(\d+)", ready))
        return daemon

    def send(self, made=None):
        with smtplib.SMTP("127.0.0.1", self.smtp, timeout=PATIENCE) as client:
            return client.send_message(made or letter())

    def ask(self, path, method="GET", body=None, host="127.0.0.1"):
        """The status, and what came: the object when it is JSON."""
        connection = http.client.HTTPConnection("127.0.0.1", self.http, timeout=PATIENCE)
        connection.request(method, path, body, {"Host": f"{host}:{self.http}"})
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        self.headers = answer.headers
        return answer.status, json.loads(content) if answer.headers["Content-Type"] == "application/json" else content

    def test_what_was_sent_is_given_to_programs(self):
        self.start()
        self.assertEqual(self.ask("/api/messages"), (200, {"total": 0, "found": 0, "messages": []}))
        self.assertEqual(self.ask("/api/messages/latest")[0], 404)
        self.send()
        self.send(letter("second", "bob@other.test"))
        status, found = self.ask("/api/messages")
        self.assertEqual((status, [each["subject"] for each in found["messages"]]), (200, ["second", "An order: café"]))
        self.assertEqual([each["id"] for each in self.ask("/api/messages?search=to:joe")[1]["messages"]], [1])
        self.assertEqual(self.ask("/api/messages?start=1&limit=1")[1]["messages"][0]["id"], 1)
        message = self.ask("/api/messages/1")[1]
        self.assertEqual((message["from"], message["to"]), ("ann@example.org", ["joe@example.com"]))
        self.assertIn("Hello in text", message["text"])
        self.assertIn(["Subject", "An order: café"], message["header"])
        self.assertEqual([part["name"] for part in message["attachments"]], ["", "Übersicht.csv"])
        self.assertEqual(self.ask("/api/messages/1/parts/1"), (200, b"a,b\n"))
        self.assertEqual(self.headers["Content-Disposition"], "attachment; filename*=UTF-8''%C3%9Cbersicht.csv")
        self.assertEqual(self.ask("/api/messages/1/parts/2")[0], 404)
        source = self.ask("/api/messages/latest/source")[1]
        self.assertTrue(source.startswith(b"From: Ann <ann@example.org>\r\nTo: bob@other.test\r\nSubject: second\r\n"), source)
        self.assertIn(b"data:image/png;base64,", self.ask("/api/messages/1/html")[1])
        self.assertIn("sandbox", self.headers["Content-Security-Policy"])
        self.assertEqual(self.ask("/api/messages?search=to:joe", "DELETE")[0], 204)
        self.assertEqual(self.ask("/api/messages/1", "DELETE")[0], 404)
        self.assertEqual(self.ask("/api/messages")[1]["total"], 1)
        self.assertEqual(self.ask("/api/messages", "DELETE")[0], 204)
        self.assertEqual(self.ask("/api/messages")[1]["total"], 0)
        self.assertEqual(self.ask("/api/messages", "POST", b"")[0], 405)
        self.assertEqual(self.ask("/api/nothing")[0], 404)

    def test_a_strangers_name_for_this_machine_opens_nothing(self):
        self.start("--hostname", "mail.dev.test")
        for host, status in (("evil.example", 403), ("127.0.0.1.evil.example", 403), ("localhost", 200), ("[::1]", 200),
                             ("mailhog", 200), ("Mail.dev.test", 200), ("app.localhost", 200)):
            with self.subTest(host=host):
                self.assertEqual(self.ask("/api/messages", host=host)[0], status)

    def test_any_login_and_reading_by_pop3(self):
        self.start()
        with smtplib.SMTP("127.0.0.1", self.smtp, timeout=PATIENCE) as client:
            client.login("anyone", "any password")
            client.sendmail("", ["joe@example.com", "x@y.test"], b"Subject: for two\r\n\r\ntext\r\n")
        self.assertEqual(self.ask("/api/messages/1")[1]["user"], "anyone")
        for user, count in (("all", 1), ("joe@example.com", 1), ("other@example.com", 0)):
            client = poplib.POP3("127.0.0.1", self.pop3, timeout=PATIENCE)
            client.user(user)
            client.pass_("x")
            self.assertEqual(client.stat()[0], count)
            if user == "joe@example.com":
                self.assertEqual(client.retr(1)[1], [b"Subject: for two", b"", b"text"])
                client.dele(1)
            client.quit()
        self.assertEqual(self.ask("/api/messages")[1]["total"], 0)

    def test_reading_by_imap(self):
        self.start()
        self.send()
        self.send(letter("second", "bob@other.test"))
        client = imaplib.IMAP4("127.0.0.1", self.imap, timeout=PATIENCE)
        self.addCleanup(client.shutdown)
        client.login("all", "x")
        self.assertEqual(client.select(), ("OK", [b"2"]))
        self.assertEqual(client.search(None, "SUBJECT", "second"), ("OK", [b"2"]))
        self.assertEqual(client.fetch("2", "(RFC822)")[1][0][1], self.ask("/api/messages/2/source")[1])
        client.send(b"I1 IDLE\r\n")
        self.assertTrue(client.readline().startswith(b"+"))
        self.send(letter("third"))
        self.assertEqual(client.readline(), b"* 3 EXISTS\r\n")
        self.ask("/api/messages/1", "DELETE")
        self.assertEqual(client.readline(), b"* 1 EXPUNGE\r\n")
        client.send(b"DONE\r\n")
        self.assertTrue(client.readline().startswith(b"I1 OK"))
        client.store("1", "+FLAGS", "(\\Deleted)")
        self.assertEqual(client.expunge()[1], [b"1"])
        self.assertEqual([each["subject"] for each in self.ask("/api/messages")[1]["messages"]], ["third"])
        self.assertEqual(client.append("INBOX", "", None, b"x")[0], "NO")
        bob = imaplib.IMAP4("127.0.0.1", self.imap, timeout=PATIENCE)
        self.addCleanup(bob.shutdown)
        bob.login("bob@other.test", "x")
        self.assertEqual(bob.select(), ("OK", [b"0"]))

    def test_a_sender_that_meets_trouble(self):
        self.start("--fault", "451 at RCPT for *@slow.test", "--fault", "drop at END for *@drop.test times 1")
        self.assertEqual(self.send(letter(to="joe@good.test, ann@slow.test"))["ann@slow.test"][0], 451)
        with self.assertRaises(smtplib.SMTPServerDisconnected):
            self.send(letter(to="joe@drop.test"))
        self.send(letter(to="joe@drop.test"))
        self.assertEqual(self.ask("/api/faults")[1], b"451 at RCPT for *@slow.test\ndrop at END for *@drop.test times 1\n")
        status, why = self.ask("/api/faults", "PUT", b"552 at END\n\nnonsense\n")
        self.assertEqual((status, why[:8]), (400, b"nonsense"))
        self.assertEqual(self.ask("/api/faults", "PUT", b"552 at END for *@full.test\n")[0], 204)
        with self.assertRaises(smtplib.SMTPDataError):
            self.send(letter(to="joe@full.test"))
        self.send(letter(to="joe@slow.test"))

    def test_the_page_in_a_browser(self):
        daemon = self.start()
        self.send()
        with Browser() as browser:
            browser.open(f"http://127.0.0.1:{self.http}/")
            browser.until("return document.querySelectorAll('#list li').length === 1")
            # Another mail shows at once, without a reload.
            self.send(letter("<i>second</i>", "bob@other.test"))
            browser.until("return document.querySelectorAll('#list li').length === 2")
            self.assertIn("<i>second</i> ann@example.org → bob@other.test", browser.text())
            browser.run("document.querySelectorAll('#list li')[1].click()")
            browser.until("return document.querySelector('#view iframe')")
            # What the message brings along runs nothing; its picture is there.
            frame = browser.call("/element", {"using": "css selector", "value": "#view iframe"})
            browser.call("/frame", {"id": frame})
            browser.until("return document.images.length === 1 && document.images[0].complete")
            self.assertEqual(browser.run("return [document.getElementById('h').textContent, document.images[0].naturalWidth]"),
                             ["Hello Joe", 1])
            browser.call("/frame", {"id": None})
            browser.run("document.querySelector('[data-view=text]').click()")
            self.assertIn("Hello in text", browser.until("return document.querySelector('#view pre')?.textContent"))
            browser.run("document.querySelector('[data-view=source]').click()")
            browser.until("return document.querySelector('#view pre')?.textContent.includes('multipart/mixed')")
            browser.run("const s = document.getElementById('search'); s.value = 'to:bob'; s.oninput()")
            browser.until("return document.querySelectorAll('#list li').length === 1")
            browser.run("const s = document.getElementById('search'); s.value = ''; s.oninput()")
            browser.until("return document.querySelectorAll('#list li').length === 2")
            browser.run("document.getElementById('delete').click()")
            browser.until("return document.getElementById('message').hidden")
            self.assertEqual([each["subject"] for each in self.ask("/api/messages")[1]["messages"]], ["<i>second</i>"])
            # The page is open, and the daemon ends nevertheless, long before connections are cut.
            begun = time.monotonic()
            daemon.stop()
            self.assertIn("stopped", daemon.log)
            self.assertLess(time.monotonic() - begun, 20)

    def test_what_does_not_fit_together(self):
        for arguments, why in ((["--sink", "-d", "example.com=x"], "--sink and --maildirdbmdomain"),
                               (["--sink", "--disable-anonymous"], "--sink and --disable-anonymous"),
                               (["--sink", "--quota", "1000"], "--sink and --quota"),
                               (["--sink", "--fault", "nonsense"], "option --fault: \"nonsense\""),
                               (["-d", "example.com=x", "--http", "tcp:0"], "option --http: is for --sink")):
            with self.subTest(arguments=arguments):
                self.assert_fails(self.run_daemon("mail", *arguments), USAGE, why)


if __name__ == "__main__":
    run_tests()
