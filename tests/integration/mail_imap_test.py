"""The mail server read by IMAP, with imaplib, curl, Twisted's IMAP4Client and our own."""
import imaplib
import os
import re
import shutil
import smtplib
import socket
import subprocess
import unittest

from support.daemon import PATIENCE, DaemonTest, run_tests

SYSTEM_PYTHON = "/usr/bin/python3"
INBOX = os.path.join(os.environ.get("TWISTDPP_EXAMPLES", ""), "imap_inbox")
LETTER = (b"From: \"Ann A\" <ann@example.org>\r\nTo: joe@example.com\r\nSubject: =?utf-8?q?caf=C3=A9?=\r\n"
          b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=iso-8859-1\r\n"
          b"Content-Transfer-Encoding: quoted-printable\r\n\r\n.na=EFve text\r\n--b\r\nContent-Type: image/png; name=a.png\r\n"
          b"Content-Transfer-Encoding: base64\r\n\r\naGVsbG8=\r\n--b--\r\n")

TWISTED = """
import sys
from twisted.internet import defer, protocol, reactor
from twisted.mail import imap4

async def main():
    creator = protocol.ClientCreator(reactor, imap4.IMAP4Client)
    client = await creator.connectTCP("127.0.0.1", int(sys.argv[1]))
    await client.login(b"joe", b"password")
    await client.create("Twisted")
    print(sorted(name for _, _, name in await client.list("", "*")))
    info = await client.select("INBOX")
    print(info["EXISTS"])
    print((await client.fetchEnvelope("1"))[1]["ENVELOPE"][1])
    structure = (await client.fetchBodyStructure("1"))[1]["BODYSTRUCTURE"]
    print(structure[0][0:2], structure[1][0:2], structure[2])
    print(await client.search(imap4.Query(unseen=1)))
    await client.setFlags("1", ["\\\\Deleted"])
    print(await client.expunge())
    await client.logout()

def ended(result):
    if result is not None:
        print(result)
    reactor.stop()

reactor.callWhenRunning(lambda: defer.ensureDeferred(main()).addBoth(ended))
reactor.callLater(60, reactor.stop)
reactor.run()
"""


class Imap(DaemonTest):
    maxDiff = None

    def start(self, *more):
        self.daemon = self.foreground("mail", "--smtp", "tcp:0:interface=127.0.0.1", "--pop3", "tcp:0:interface=127.0.0.1",
                                      "--imap", "tcp:0:interface=127.0.0.1", "--hostname", "mx.test",
                                      "--maildirdbmdomain=example.com=" + self.path("mail"), "--user=joe=password", *more)
        ready = self.daemon.log.split("ready: ", 1)[1]
        self.smtp, self.pop3, self.imap = (int(port) for port in re.findall(r"127\.0\.0\.1:(\d+)", ready))

    def send(self, text=LETTER, count=1):
        with smtplib.SMTP("127.0.0.1", self.smtp, timeout=PATIENCE) as sender:
            for _ in range(count):
                sender.sendmail("ann@example.org", ["joe@example.com"], text)

    def login(self):
        client = imaplib.IMAP4("127.0.0.1", self.imap, timeout=PATIENCE)
        client.login("joe", "password")
        self.addCleanup(client.shutdown)
        return client

    def talk(self, text, end):
        """What is answered to bytes, up to `end`."""
        with socket.create_connection(("127.0.0.1", self.imap), timeout=PATIENCE) as connection:
            connection.sendall(text)
            answer = b""
            while end not in answer:
                more = connection.recv(65536)
                if not more:
                    break
                answer += more
            return answer

    @unittest.skipUnless(os.access(INBOX, os.X_OK), "the examples were not built")
    def test_our_own_client(self):
        self.start()
        self.send(count=2)

        def show(*more, password="password"):
            return subprocess.run([INBOX, str(self.imap), "joe", *more], env=self.environment(PASSWORD=password), capture_output=True,
                                  text=True, timeout=PATIENCE)

        done = show("read")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertRegex(done.stdout, r"^2 messages\n1 .*Subject: =\?utf-8\?q\?caf=C3=A9\?=\n2 .*Subject: ")
        self.assertNotIn("\\Seen", done.stdout)
        self.assertEqual(show().stdout.count("\\Seen"), 2)
        self.assertIn("not listed: ", show(password="wrong").stderr)

    def test_reading(self):
        self.start()
        self.send()
        self.send(b"Subject: plain\r\n\r\nhello\r\n")
        client = self.login()
        self.assertEqual(client.select(), ("OK", [b"2"]))
        text = client.fetch("1", "(BODY.PEEK[])")[1][0][1]
        self.assertTrue(text.endswith(LETTER), text)
        self.assertEqual(client.fetch("1", "(RFC822.SIZE)")[1], [b"1 (RFC822.SIZE %d)" % len(text)])
        self.assertEqual(client.fetch("1", "(BODY.PEEK[2])")[1][0][1], b"aGVsbG8=")
        self.assertEqual(client.fetch("1", "(BODY.PEEK[1]<1.3>)")[1][0], (b"1 (BODY[1]<1> {3}", b"na="))
        self.assertEqual(client.fetch("1", "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")[1][0],
                         (b"1 (BODY[HEADER.FIELDS (SUBJECT)] {34}", b"Subject: =?utf-8?q?caf=C3=A9?=\r\n\r\n"))
        self.assertIn(b'("IMAGE" "PNG" ("NAME" "a.png") NIL NIL "BASE64" 8)', client.fetch("1", "(BODY)")[1][0])
        self.assertIn(b"FLAGS ()", client.fetch("1", "(FLAGS)")[1][0])
        client.fetch("1", "(BODY[TEXT])")
        self.assertIn(b"FLAGS (\\Seen)", client.fetch("1", "(FLAGS)")[1][0])
        self.assertEqual(client.uid("FETCH", "2:*", "(FLAGS)")[1], [b"2 (UID 2 FLAGS ())"])

    def test_searching(self):
        self.start()
        self.send()
        self.send(b"Subject: plain\r\nDate: Mon, 02 Feb 2026 10:00:00 +0000\r\n\r\nhello\r\n")
        client = self.login()
        client.select()
        client.store("2", "+FLAGS", "(\\Flagged)")
        for criteria, found in (("ALL", b"1 2"), ("FLAGGED", b"2"), ("NOT FLAGGED", b"1"), ("FROM ann@example", b"1"),
                                ("SUBJECT plain", b"2"), ("BODY hello", b"2"), ("OR FLAGGED SUBJECT \"caf\"", b"1 2"),
                                ("SENTON 2-Feb-2026", b"2"), ("SENTBEFORE 1-Feb-2026", b""), ("SINCE 1-Jan-2020", b"1 2"),
                                ("LARGER 400", b"1"), ("UID 2:*", b"2"), ("(1 UNSEEN)", b"1"), ("KEYWORD nothing", b""),
                                ("HEADER To joe", b"1")):
            with self.subTest(criteria=criteria):
                self.assertEqual(client.search(None, criteria), ("OK", [found]))
        client.literal = "naïve".encode()
        self.assertEqual(client.search("UTF-8", "TEXT"), ("OK", [b"1"]))
        with self.assertRaises(imaplib.IMAP4.error):
            client.search(None, "NONSENSE")
        self.assertEqual(client.search("KOI8-R", "ALL")[0], "NO")

    def test_mailboxes_and_what_is_put_into_them(self):
        self.start()
        self.send(count=3)
        client = self.login()
        for name in ("Sent", "Work/2026", "Entw&APw-rfe"):
            self.assertEqual(client.create(name)[0], "OK")
        self.assertEqual(client.create("Sent")[0], "NO")
        self.assertEqual(client.create("a.b")[0], "NO")
        self.assertIn(b'(\\HasNoChildren \\Sent) "/" "Sent"', client.list()[1])
        self.assertEqual(client.list('"Work/"', "%")[1], [b'(\\HasNoChildren) "/" "Work/2026"'])
        self.assertEqual(client.list('""', "Entw*")[1], [b'(\\HasNoChildren) "/" "Entw&APw-rfe"'])
        client.unsubscribe("Sent")
        self.assertNotIn(b"Sent", b"".join(client.lsub()[1]))
        kept = client.append("Sent", "(\\Seen)", '"02-Feb-2026 10:00:00 +0100"', b"Subject: kept\r\n\r\ntext\r\n")
        self.assertRegex(kept[1][0], rb"\[APPENDUID \d+ 1\]")
        self.assertIn(b"TRYCREATE", client.append("None", "", None, b"x")[1][0])
        client.select()
        self.assertRegex(client.copy("1:2", "Sent")[1][0], rb"\[COPYUID \d+ 1:2 2:3\]")
        self.assertEqual(client.uid("MOVE", "3", "Work/2026")[0], "OK")
        self.assertEqual(client.select(), ("OK", [b"2"]))
        client.store("1", "+FLAGS.SILENT", "(\\Deleted)")
        self.assertEqual(client.expunge(), ("OK", [b"1"]))
        self.assertRegex(client.status("Sent", "(MESSAGES UNSEEN UIDNEXT)")[1][0], rb"MESSAGES 3 UNSEEN 2 UIDNEXT 4")
        self.assertEqual(client.rename("Sent", "Out")[0], "OK")
        self.assertEqual(client.select("Out"), ("OK", [b"3"]))
        self.assertEqual(client.fetch("1", "(FLAGS INTERNALDATE)")[1],
                         [b'1 (FLAGS (\\Seen) INTERNALDATE "02-Feb-2026 09:00:00 +0000")'])
        client.unselect()
        self.assertEqual(client.delete("Out")[0], "OK")
        self.assertEqual(client.select("Out")[0], "NO")
        self.assertEqual(client.delete("INBOX")[0], "NO")

    def test_numbers_stay_and_others_are_told(self):
        self.start()
        self.send(count=2)
        one, other = self.login(), self.login()
        one.select()
        other.select()
        validity = one.untagged_responses["UIDVALIDITY"]
        other.store("1", "+FLAGS", "(\\Deleted)")
        # A client that waits is told at once.
        one.send(b"I1 IDLE\r\n")
        self.assertTrue(one.readline().startswith(b"+"))
        self.assertIn(b"Deleted", one.readline())
        other.expunge()
        self.assertEqual(one.readline(), b"* 1 EXPUNGE\r\n")
        self.send()
        self.assertEqual(one.readline(), b"* 2 EXISTS\r\n")
        one.send(b"DONE\r\n")
        self.assertTrue(one.readline().startswith(b"I1 OK"))
        self.daemon.stop()
        self.start()
        again = self.login()
        again.select()
        self.assertEqual(again.untagged_responses["UIDVALIDITY"], validity)
        self.assertEqual(again.fetch("1:*", "(UID)")[1], [b"1 (UID 2)", b"2 (UID 3)"])

    def test_one_by_one_while_others_change_the_mailbox(self):
        """What is read ahead is what was asked for, under the number that it has by then."""
        self.start()
        with smtplib.SMTP("127.0.0.1", self.smtp, timeout=PATIENCE) as sender:
            for number in range(1, 61):
                sender.sendmail("ann@example.org", ["joe@example.com"], b"Subject: number %d\r\n\r\n" % number)
        reader, other = self.login(), self.login()
        reader.select()
        other.select()
        gone = 0
        for uid in range(1, 61):
            if uid % 7 == 0:
                other.uid("STORE", str(uid - 3), "+FLAGS.SILENT", "(\\Deleted)")
                other.expunge()
                reader.noop()
                gone += 1
            text = reader.fetch(str(uid - gone), "(UID BODY.PEEK[])")[1][0]
            self.assertIn(b"(UID %d " % uid, text[0])
            self.assertTrue(text[1].endswith(b"Subject: number %d\r\n\r\n" % uid), text)

    def test_keywords_and_changes_are_kept(self):
        """RFC 7162, over a folder whose files other programs rename."""
        self.start()
        self.send(count=3)
        client = self.login()
        client.enable("CONDSTORE")
        client.select()
        self.assertEqual(client.uid("STORE", "2", "+FLAGS", "(urgent $Junk)")[0], "OK")
        changed = int(re.search(rb"MODSEQ \((\d+)\)", client.uid("FETCH", "2", "(MODSEQ)")[1][0])[1])
        cur = self.path("mail/joe/cur")
        self.assertEqual([name.rsplit(",", 1)[1] for name in os.listdir(cur)], ["ab"])
        with open(self.path("mail/joe/dovecot-keywords"), encoding="ascii") as file:
            self.assertEqual(file.read(), "0 urgent\n1 $Junk\n")
        # A copy keeps them though they have other letters there.
        client.create("Other")
        client.append("Other", "(mine)", None, b"Subject: x\r\n\r\n")
        client.uid("COPY", "2", "Other")
        client.select("Other")
        self.assertEqual(client.fetch("1:2", "(FLAGS)")[1], [b"1 (FLAGS (mine))", b"2 (FLAGS (urgent $Junk))"])
        # Another program says that a message was seen, which is a change as well.
        new = self.path("mail/joe/new")
        name = os.listdir(new)[0]
        os.rename(os.path.join(new, name), os.path.join(cur, name + ":2,S"))
        client.select()
        seen = client.search(None, "SEEN")[1][0]
        self.assertRegex(client.fetch("1:*", f"(FLAGS) (CHANGEDSINCE {changed})")[1][0],
                         seen + rb" \(MODSEQ \(\d+\) FLAGS \(\\Seen\)\)")
        self.assertEqual(client.uid("STORE", seen.decode(), f"(UNCHANGEDSINCE {changed})", "+FLAGS", "(\\Deleted)")[1][0], None)
        self.assertEqual(client.search(None, "UNKEYWORD urgent UNDELETED")[1], [b"1 3"])
        highest = int(client.status("INBOX", "(HIGHESTMODSEQ)")[1][0].split()[-1][:-1])
        self.daemon.stop()
        self.start()
        again = self.login()
        again.select()
        self.assertEqual(int(again.untagged_responses["HIGHESTMODSEQ"][0]), highest)
        self.assertEqual(again.search(None, "KEYWORD", "$junk")[1], [b"2"])

    def test_a_long_message(self):
        """It is not held in memory."""
        self.start()
        text = b"Subject: long\r\n\r\n" + b"".join(b"line %d of a long message\r\n" % i for i in range(400000))
        self.send(text)
        self.send(b"Subject: short\r\n\r\n")
        before = self.resident(self.daemon)
        client = self.login()
        client.select()
        whole = client.fetch("1", "(BODY.PEEK[])")[1][0][1]
        self.assertTrue(whole.endswith(text))
        self.assertEqual(client.fetch("1", "(RFC822.SIZE)")[1], [b"1 (RFC822.SIZE %d)" % len(whole)])
        self.assertEqual(client.fetch("1", "(BODY.PEEK[]<9000000.1000>)")[1][0][1], whole[9000000:9001000])
        self.assertIn(b"Subject: long", client.fetch("1:2", "(BODY.PEEK[HEADER])")[1][0][1])
        self.assertLess(self.resident(self.daemon) - before, 6 << 10, "KiB")

    @unittest.skipUnless(shutil.which("mbsync"), "mbsync is not installed")
    def test_mbsync_keeps_a_copy_in_step(self):
        self.start()
        self.send(count=4)
        client = self.login()
        client.create("Work/2026")
        client.append("Work/2026", "(\\Seen \\Flagged)", None, LETTER)
        local = self.path("local")
        os.makedirs(local)
        with open(self.path("mbsyncrc"), "w", encoding="utf-8") as file:
            file.write(f"""
IMAPAccount here
Host 127.0.0.1
Port {self.imap}
User joe
Pass password
SSLType None
AuthMechs LOGIN

IMAPStore far
Account here

MaildirStore near
Path {local}/
Inbox {local}/INBOX
SubFolders Verbatim

Channel all
Far :far:
Near :near:
Patterns *
Create Both
Expunge Both
SyncState *
""")

        def sync():
            done = subprocess.run(["mbsync", "-c", self.path("mbsyncrc"), "-a"], capture_output=True, text=True,
                                  timeout=PATIENCE, check=False, stdin=subprocess.DEVNULL)
            self.assertEqual(done.returncode, 0, done.stderr + done.stdout)

        def letters(folder):
            """What stands behind the names of a folder's files."""
            return sorted(name.partition(":2,")[2] for part in ("new", "cur") for name in os.listdir(f"{local}/{folder}/{part}"))

        sync()
        self.assertEqual((letters("INBOX"), letters("Work/2026")), ([""] * 4, ["FS"]))
        names = sorted(os.listdir(f"{local}/INBOX/new"))
        for name, flags in ((names[0], "S"), (names[1], "T")):
            os.rename(f"{local}/INBOX/new/{name}", f"{local}/INBOX/cur/{name.partition(':')[0]}:2,{flags}")
        with open(f"{local}/Work/2026/new/1.mine.here", "wb") as file:
            file.write(b"Subject: from here\n\ntext\n")
        sync()
        client.select()
        self.assertEqual(client.search(None, "ALL")[1], [b"1 2 3"])
        self.assertEqual(client.search(None, "SEEN")[1], [b"1"])
        client.store("2", "+FLAGS", "(\\Answered)")
        client.select("Work/2026")
        self.assertEqual(client.search(None, "SUBJECT", "here")[1], [b"2"])
        client.store("1", "+FLAGS", "(\\Deleted)")
        client.expunge()
        sync()
        self.assertEqual((letters("INBOX"), letters("Work/2026")), (["", "R", "S"], [""]))

    def test_what_is_broken_ends_nothing_else(self):
        self.start()
        for sent, answer in (
                (b"A1 LOGIN {3}\r\njoe {8}\r\npassword\r\nA2 NOOP\r\nA3 LOGOUT\r\n", b"A3 OK"),
                (b"A1 LOGIN {3+}\r\njoe \"password\"\r\nA2 LOGOUT\r\n", b"A2 OK"),
                (b"A1 SELECT INBOX\r\nA2 LOGOUT\r\n", b"A1 BAD log in first"),
                (b"\r\nnonsense\r\nA1 LOGOUT\r\n", b"A1 OK"),
                (b"A1 LOGIN {5000+}\r\n" + b"x" * 5000 + b" y\r\nA2 LOGOUT\r\n", b"A2 OK"),
                (b"A1 LOGIN {99999999999+}\r\n", b"* BYE"),
                (b"A1 LOGIN joe wrong\r\nA2 LOGOUT\r\n", b"A1 NO [AUTHENTICATIONFAILED]"),
                (b"A1 NOOP\r\n" * 3 + b"x" * 100000 + b"\r\n", b"* BYE"),
                (b"A1 LOGIN joe password\r\nA2 APPEND INBOX {99999999}\r\nA3 LOGOUT\r\n", b"A2 NO [TOOBIG]"),
                (b"A1 LOGIN joe password\r\nA2 APPEND None {3+}\r\nabc\r\nA3 LOGOUT\r\n", b"A3 OK")):
            with self.subTest(sent=sent[:60]):
                self.assertIn(answer, self.talk(sent, answer))

    def test_curl_and_twisted(self):
        self.start()
        self.send()
        got = subprocess.run(["curl", "-sS", "--noproxy", "*", f"imap://joe:password@127.0.0.1:{self.imap}/INBOX;UID=1"],
                             capture_output=True, check=True, timeout=PATIENCE)
        self.assertTrue(got.stdout.endswith(LETTER), got.stdout)
        ran = subprocess.run([SYSTEM_PYTHON, "-c", TWISTED, str(self.imap)], capture_output=True, text=True, timeout=PATIENCE,
                             check=False)
        self.assertEqual(ran.stdout.splitlines(), [
            "['INBOX', 'Twisted']", "1", "=?utf-8?q?caf=C3=A9?=", "['TEXT', 'PLAIN'] ['IMAGE', 'PNG'] MIXED", "[]", "[1]"],
            ran.stderr)


if __name__ == "__main__":
    run_tests()
