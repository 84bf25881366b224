"""The file server with programs that people use, and what it does with what they should not send."""
import ftplib
import hashlib
import io
import os
import random
import re
import resource
import shutil
import signal
import socket
import ssl
import subprocess
import time
import unittest

from support.certificates import Authority
from support.daemon import PATIENCE, DaemonTest, read, run_tests, wait_for

USAGE, UNAVAILABLE, CONFIG = 64, 69, 78
SYSTEM_PYTHON = "/usr/bin/python3"
FETCH = os.path.join(os.environ.get("TWISTDPP_EXAMPLES", ""), "ftp_fetch")

TWISTED = """
import sys
from twisted.internet import defer, protocol, reactor
from twisted.protocols.ftp import FTPClient, FTPFileListProtocol

class Gather(protocol.Protocol):
    def __init__(self):
        self.data = b""
    def dataReceived(self, data):
        self.data += data

async def main(client):
    print(await client.pwd())
    files = FTPFileListProtocol()
    await client.list(".", files)
    print([each["filename"] for each in files.files])
    got = Gather()
    await client.retrieveFile("a.txt", got)
    print(got.data)
    sending, done = client.storeFile("twisted.txt")
    consumer = await sending
    consumer.transport.write(b"by Twisted\\n") if hasattr(consumer, "transport") else consumer.write(b"by Twisted\\n")
    consumer.finish()
    await done
    await client.makeDirectory("made")
    await client.rename("twisted.txt", "made/moved.txt")
    await client.removeFile("made/moved.txt")
    await client.removeDirectory("made")
    await client.quit()

def ended(result):
    if result is not None:
        print(result)
    reactor.stop()

creator = protocol.ClientCreator(reactor, FTPClient, "joe", "password", passive=True)
creator.connectTCP("127.0.0.1", int(sys.argv[1])).addCallback(lambda client: defer.ensureDeferred(main(client))).addBoth(ended)
reactor.callLater(60, reactor.stop)
reactor.run()
"""


class ReusingFtp(ftplib.FTP_TLS):
    """Python's client, whose data connections resume a session, its own, which it does not do by itself."""

    session_of = None

    def ntransfercmd(self, cmd, rest=None):
        connection, size = ftplib.FTP.ntransfercmd(self, cmd, rest)
        if self._prot_p:
            session = (self.session_of or self).sock.session
            connection = self.context.wrap_socket(connection, server_hostname=self.host, session=session)
        return connection, size


class FtpTest(DaemonTest):
    def setUp(self):
        super().setUp()
        os.makedirs(self.path("pub/sub"))
        self.put("pub/a.txt", b"hello\n")
        self.put("pub/sub/b.bin", bytes(range(256)) * 4000)
        os.makedirs(self.path("users/joe"))
        os.makedirs(self.path("users/ann"))
        self.put("passwords", b"joe:password\nann:secret\n")
        for folder in ("pub", "pub/sub", "users", "users/joe"):
            os.chmod(self.path(folder), 0o777)

    def put(self, name, data):
        with open(self.path(name), "wb") as file:
            file.write(data)
        os.chmod(self.path(name), 0o644)

    def get(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def start(self, *more, **how):
        self.daemon = self.foreground("ftp", "--port", "tcp:0:interface=127.0.0.1", "--root", self.path("pub"), "--auth",
                                      "file:" + self.path("passwords"), "--user-root", self.path("users/{user}"), "--hostname",
                                      "ftp.test", *more, **how)
        self.port = self.daemon.address()[1]
        return self.daemon

    def login(self, user="joe", password="password", kind=ftplib.FTP, **how):
        client = kind(timeout=PATIENCE, **{"encoding": "utf-8", **how})
        client.connect("127.0.0.1", self.port)
        client.login(user, password)
        self.addCleanup(client.close)
        return client

    def curl(self, *arguments, user="joe:password", code=0, path="/"):
        done = subprocess.run(["curl", "-sS", "--noproxy", "*", "-u", user, *arguments, f"ftp://127.0.0.1:{self.port}{path}"],
                              capture_output=True, timeout=PATIENCE, check=False)
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stdout

    def talk(self):
        """A connection for commands by hand."""
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)
        self.addCleanup(connection.close)
        lines = connection.makefile("rb")
        self.addCleanup(lines.close)

        def say(*commands):
            connection.sendall("".join(each + "\r\n" for each in commands).encode("latin-1"))
            answers = []
            for _ in commands:
                while True:
                    line = lines.readline().decode("latin-1").rstrip("\r\n")
                    if not line or re.match(r"\d\d\d ", line):
                        break
                answers.append(line)
            return answers if len(commands) > 1 else answers[0]
        lines.readline()
        say.connection, say.lines = connection, lines
        return say


class Files(FtpTest):
    def test_the_line_of_the_readme(self):
        self.daemon = self.foreground("ftp", "--port", "tcp:0:interface=127.0.0.1", "--root", ".", cwd=self.path("pub"))
        self.port = self.daemon.address()[1]
        anyone = "anonymous:x"
        self.assertRegex(self.curl(user=anyone).decode(), r"-rw-r--r-- +1 \d+ +\d+ +6 \w{3} +\d+ +[\d:]+ a\.txt\r?\n.*sub")
        self.assertEqual(self.curl(user=anyone, path="/a.txt"), b"hello\n")
        self.curl("-T", self.path("passwords"), user=anyone, path="/new", code=25)
        self.assertEqual(sorted(os.listdir(self.path("pub"))), ["a.txt", "sub"])

    def test_curl(self):
        self.start()
        self.put("data", bytes(random.randbytes(300_000)))
        for more in ([], ["--ftp-port", "-"], ["--disable-epsv"], ["--ftp-method", "singlecwd"]):
            with self.subTest(more=more):
                self.curl("-T", self.path("data"), *more, path="/data")
                self.assertEqual(self.get("users/joe/data"), self.get("data"))
                self.assertEqual(self.curl(*more, path="/data"), self.get("data"))
        self.assertEqual(self.curl("-r", "100000-199999", path="/data"), self.get("data")[100000:200000])
        self.curl("-a", "-T", self.path("passwords"), path="/data")
        self.assertEqual(self.get("users/joe/data"), self.get("data") + self.get("passwords"))
        # Half of it is there, and curl goes on behind it.
        self.put("users/joe/half", self.get("data")[:123_456])
        os.chmod(self.path("users/joe/half"), 0o666)
        self.curl("-C", "-", "-T", self.path("data"), path="/half")
        self.assertEqual(self.get("users/joe/half"), self.get("data"))
        self.curl("-Q", "MKD made", "-Q", "RNFR half", "-Q", "RNTO made/moved", path="/")
        self.assertEqual(os.listdir(self.path("users/joe/made")), ["moved"])
        self.assertIn(b"moved", self.curl("-l", path="/made/"))
        self.curl(user="joe:wrong", code=67)

    @unittest.skipUnless(shutil.which("lftp"), "lftp is not installed")
    def test_lftp_mirrors_both_ways(self):
        authority = Authority(self.folder)
        certificate, key = authority.issue("localhost")
        self.start("--tls-cert", certificate, "--tls-key", key)
        for number in range(40):
            os.makedirs(self.path(f"tree/{number % 5}"), exist_ok=True)
            self.put(f"tree/{number % 5}/file {number}", random.randbytes(number * 1000))
        for secure in ("off", "on"):
            settings = (f"set ssl:ca-file {authority.certificate}; set ftp:ssl-force {secure}; set ftp:ssl-protect-data {secure}; "
                        f"set ftp:ssl-allow {secure}; set net:max-retries 1; set net:timeout 20; set cmd:fail-exit yes; ")
            with self.subTest(secure=secure):
                done = subprocess.run(
                    ["lftp", "-c", settings + f"open -u joe,password -p {self.port} localhost; mirror -R -P 4 {self.path('tree')} "
                     f"up-{secure}; mirror -P 4 up-{secure} {self.path('back-' + secure)}; mv up-{secure} moved-{secure}; "
                     f"rm -r moved-{secure}/4"], capture_output=True, text=True, timeout=4 * PATIENCE, check=False)
                self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
                self.assertEqual(subprocess.run(["diff", "-r", self.path("tree"), self.path("back-" + secure)], check=False).returncode, 0)
                self.assertEqual(sorted(os.listdir(self.path("users/joe/moved-" + secure))), ["0", "1", "2", "3"])

    @unittest.skipUnless(shutil.which("inetutils-ftp"), "inetutils-ftp is not installed")
    def test_the_old_client(self):
        self.start()
        shutil.copy(self.path("pub/sub/b.bin"), self.path("users/joe/b.bin"))
        self.put("mine", b"one\ntwo\n")
        for mode in ("passive", "passive\npassive"):
            with self.subTest(mode=mode):
                script = (f"open 127.0.0.1 {self.port}\nuser joe password\n{mode}\nbinary\nget b.bin\nascii\nput mine\n"
                          "binary\nput mine raw\nmkdir d\nsize b.bin\nls\nrename raw d/raw\ndelete d/raw\nrmdir d\nquit\n")
                done = subprocess.run(["inetutils-ftp", "-n", "-v"], input=script, capture_output=True, text=True, timeout=PATIENCE,
                                      cwd=self.folder, check=False)
                self.assertEqual(self.get("b.bin"), self.get("pub/sub/b.bin"), done.stdout)
                self.assertEqual(self.get("users/joe/mine"), b"one\ntwo\n")
                self.assertIn("213 1024000", done.stdout)
                self.assertEqual(sorted(os.listdir(self.path("users/joe"))), ["b.bin", "mine"])
                os.remove(self.path("b.bin"))

    @unittest.skipUnless(shutil.which("wget"), "wget is not installed")
    def test_wget(self):
        self.start()
        subprocess.run(["wget", "-q", "--no-proxy", "-r", "-nH", "-P", self.path("got"), f"ftp://127.0.0.1:{self.port}/"], check=True,
                       timeout=PATIENCE)
        self.assertEqual(self.get("got/sub/b.bin"), self.get("pub/sub/b.bin"))

    def test_ftplib(self):
        self.start()
        client = self.login()
        self.assertEqual(client.getwelcome(), "220 ftp.test FTP")
        name = 'täßt "quoted" \udcff.bin'.encode("utf-8", "surrogateescape").decode("latin-1")
        raw = self.login(encoding="latin-1")
        raw.storbinary("STOR " + name.replace("\xff", "\xff\xff"), io.BytesIO(b"x" * 100_000), blocksize=7777)
        self.assertEqual([os.fsencode(each).decode("latin-1") for each in os.listdir(self.path("users/joe"))], [name])
        self.assertEqual(raw.nlst(), [name])
        client.mkd('a "b"')
        self.assertEqual(client.cwd('a "b"'), '250 the folder is /a "b"')
        self.assertEqual(client.pwd(), '/a "b"')
        client.storlines("STOR text", io.BytesIO(b"one\r\ntwo\n"))
        self.assertEqual(self.get('users/joe/a "b"/text'), b"one\ntwo\n")
        lines = []
        client.retrlines("RETR text", lines.append)
        self.assertEqual(lines, ["one", "two"])
        client.voidcmd("TYPE I")
        self.assertEqual(client.size("text"), 8)
        facts = dict(client.mlsd())
        self.assertEqual((facts["."]["type"], facts["text"]["type"], facts["text"]["size"]), ("cdir", "file", "8"))
        self.assertEqual(client.sendcmd("MFMT 20200102030405 text"), '213 Modify=20200102030405; /a "b"/text')
        self.assertEqual(client.sendcmd("MDTM text"), "213 20200102030405")
        self.assertEqual(client.sendcmd("HASH text"),
                         '213 SHA-256 0-8 ' + hashlib.sha256(b"one\ntwo\n").hexdigest() + ' /a "b"/text')
        client.sendcmd("SITE CHMOD 600 text")
        self.assertEqual(os.stat(self.path('users/joe/a "b"/text')).st_mode & 0o7777, 0o600)
        client.rename("text", "../text")
        client.cwd("..")
        client.delete("text")
        client.rmd('a "b"')
        self.assertRegex(client.sendcmd("STAT"), r"211-ftp.test FTP\n you are 127.0.0.1, logged in as joe\n")
        self.assertEqual(client.quit()[:3], "221")

    @unittest.skipUnless(os.access(FETCH, os.X_OK), "the examples were not built")
    def test_our_own_client(self):
        authority = Authority(self.folder)
        certificate, key = authority.issue("localhost")
        self.start("--tls-cert", certificate, "--tls-key", key)
        shutil.copytree(self.path("pub"), self.path("users/joe/pub"))

        def fetch(*arguments, code=0, password="password", **more):
            done = subprocess.run([FETCH, str(self.port), "joe", *arguments], env=self.environment(PASSWORD=password, **more),
                                  capture_output=True, timeout=PATIENCE, check=False)
            self.assertEqual(done.returncode, code, done.stderr)
            return done.stderr if code else done.stdout

        for more in ({}, {"ACTIVE": "1"}, {"CA": authority.certificate}, {"CA": authority.certificate, "ACTIVE": "1"}):
            with self.subTest(more=more):
                self.assertEqual(fetch("list", "pub", **more), b"a.txt 6\nsub/ 0\n")
                self.assertEqual(fetch("get", "pub/sub/b.bin", **more), self.get("pub/sub/b.bin"))
                self.assertEqual(fetch("put", "mine", "by ourselves", **more), b"12 bytes are there\n")
                self.assertEqual(self.get("users/joe/mine"), b"by ourselves")
                self.assertIn(b"not done: 550 ", fetch("get", "nowhere", code=1, **more))
        self.assertIn(b"not done: 530 ", fetch("list", "", password="wrong", code=1))
        self.assertIn(b"not done: 501 ", fetch("get", "a\r\nDELE mine", code=1))

    def test_a_digest_that_is_computed_while_a_file_comes(self):
        self.start()
        client = self.login()
        client.sendcmd("OPTS HASH SHA-256")
        whole = random.randbytes(500_000)
        client.storbinary("STOR file", io.BytesIO(whole))
        said = f"213 SHA-256 0-500000 {hashlib.sha256(whole).hexdigest()} /file"
        self.assertEqual(client.sendcmd("HASH file"), said)
        # It is not that of another file which has the name by then.
        self.put("users/joe/file", b"other")
        self.assertEqual(client.sendcmd("HASH file"), f"213 SHA-256 0-5 {hashlib.sha256(b'other').hexdigest()} /file")

    def test_twisted(self):
        self.start()
        shutil.copy(self.path("pub/a.txt"), self.path("users/joe/a.txt"))
        ran = subprocess.run([SYSTEM_PYTHON, "-c", TWISTED, str(self.port)], capture_output=True, text=True, timeout=PATIENCE, check=False)
        self.assertEqual(ran.stdout.splitlines()[1:], ["['a.txt']", "b'hello\\n'"], ran.stderr + ran.stdout)
        self.assertEqual(os.listdir(self.path("users/joe")), ["a.txt"])

    def test_uploads_show_when_they_are_whole(self):
        self.start()
        client = self.login()
        client.storbinary("STOR file", io.BytesIO(b"before"))
        client.voidcmd("TYPE I")
        data = client.transfercmd("STOR file")
        data.sendall(b"half")
        time.sleep(0.3)
        self.assertEqual(self.login().nlst(), ["file"])
        self.assertEqual(self.get("users/joe/file"), b"before")
        data.close()
        client.voidresp()
        self.assertEqual(self.get("users/joe/file"), b"half")

    def test_what_is_cut_is_gone_on_with(self):
        """Cut anywhere, with or without its control connection, and resumed until it is there."""
        self.start()
        whole = random.randbytes(2_000_000)
        chance = random.Random(3)
        for _ in range(12):
            client = self.login()
            client.voidcmd("TYPE I")
            names = client.nlst()
            client.voidcmd("TYPE I")
            have = client.size("cut") if names else 0
            self.assertEqual(self.get("users/joe/cut") if have else b"", whole[:have])
            data = client.transfercmd("APPE cut" if chance.random() < 0.5 else "STOR cut", rest=None) if not have else \
                client.transfercmd("STOR cut", rest=have)
            part = whole[have:have + chance.randrange(1, 300_000)]
            data.sendall(part)
            time.sleep(0.05)
            data.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            if chance.random() < 0.5:
                client.close()
            data.close()
            time.sleep(0.2)
        client = self.login()
        client.voidcmd("TYPE I")
        have = client.size("cut")
        client.storbinary("STOR cut", io.BytesIO(whole[have:]), rest=have)
        self.assertEqual(hashlib.sha256(self.get("users/joe/cut")).digest(), hashlib.sha256(whole).digest())
        self.assertEqual(os.listdir(self.path("users/joe")), ["cut"])
        # And the other way, in pieces.
        got = b""
        while len(got) < len(whole):
            data = client.transfercmd("RETR cut", rest=len(got))
            piece = data.recv(100_000)
            got += piece
            data.close()
            client.getmultiline()
            if len(got) > 700_000:
                client.retrbinary("RETR cut", lambda block: rest.append(block), rest=len(got)) if (rest := []) == [] else None
                got += b"".join(rest)
        self.assertEqual(got, whole)


class Sessions(FtpTest):
    def test_commands_by_hand(self):
        self.start()
        say = self.talk()
        for command, answer in (
                ("PWD", "530"), ("NONSENSE", "500"), ("PASS x", "503"), ("USER joe", "331"), ("PASS wrong", "530"), ("USER joe", "331"),
                ("PASS password", "230"), ("ACCT x", "202"), ("TYPE E", "504"), ("TYPE L 8", "200"), ("MODE B", "504"), ("STRU R", "504"),
                ("NOOP", "200"), ("SYST", "215"), ("CDUP", "250"), ("RNTO x", "503"), ("MKD x", "257"), ("RNFR x", "350"), ("NOOP", "200"),
                ("RNTO y", "503"), ("RMD x", "250"), ("CWD nowhere", "550"), ("RETR nowhere", "550"), ("RETR .", "550"), ("LIST", "425"),
                ("ALLO 100", "200"), ("ALLO x", "501"), ("REST 5", "350"), ("REST x", "501"), ("TYPE A", "200"), ("REST 5", "504"),
                ("SIZE x", "550"), ("OPTS UTF8 ON", "200"), ("OPTS MLST size;type;", "200"), ("OPTS NONE", "501"), ("HELP", "214"),
                ("HELP RETR", "214"), ("HELP NONE", "502"), ("SITE HELP", "214"), ("SITE EXEC rm", "504"), ("SITE CHMOD 9 x", "501"),
                ("AUTH TLS", "534"), ("PBSZ 0", "503"), ("PROT P", "503"), ("CCC", "533"), ("EPSV 2", "522"), ("EPSV ALL", "200"),
                ("PASV", "503"), ("PORT 127,0,0,1,200,1", "503"), ("ABOR", "226"), ("MLST", "250"), ("MFMT x y", "501"), ("REIN", "220"),
                ("PWD", "530"), ("USER anonymous", "331"), ("PASS me@example.com", "230"), ("STOR x", "550"), ("DELE a.txt", "550"),
                ("MDTM a.txt", "213"), ("QUIT", "221")):
            with self.subTest(command=command):
                self.assertEqual(say(command)[:3], answer)

    def test_commands_come_together_and_in_pieces(self):
        self.start()
        say = self.talk()
        answers = say("USER joe", "PASS password", "MKD a", "CWD a", "PWD", "CDUP", "RMD a", "NOOP")
        self.assertEqual([each[:3] for each in answers], ["331", "230", "257", "250", "257", "250", "250", "200"])
        for byte in b"NOOP\n":
            say.connection.sendall(bytes([byte]))
            time.sleep(0.01)
        self.assertEqual(say.lines.readline(), b"200 done\r\n")

    def test_abor_with_urgent_data_and_stat_in_the_middle(self):
        self.start("--rate", "200000")
        self.put("users/joe/big", b"x" * 5_000_000)
        for urgent in (False, True):
            with self.subTest(urgent=urgent):
                client = self.login()
                client.voidcmd("TYPE I")
                data = client.transfercmd("RETR big")
                data.recv(1000)
                client.sock.sendall(b"STAT\r\n")
                self.assertRegex(client.getmultiline(), r"213 /big, 5000000 bytes: \d+ bytes so far")
                if urgent:
                    client.sock.sendall(b"\xff\xf4\xff")
                    client.sock.sendall(b"\xf2", socket.MSG_OOB)
                client.sock.sendall(b"ABOR\r\n")
                self.assertEqual((client.getmultiline()[:3], client.getmultiline()[:3]), ("426", "226"))
                self.assertEqual(client.sendcmd("NOOP"), "200 done")

    def test_nobody_else_takes_or_gets_the_data(self):
        self.start()
        client = self.login()
        for target in ("192.0.2.1", "127.0.0.2"):
            with self.assertRaisesRegex(ftplib.error_perm, "^504"):
                client.sendport(target, 5000)
        with self.assertRaisesRegex(ftplib.error_perm, "^504"):
            client.sendport("127.0.0.1", 25)
        host, port = client.makepasv()
        with socket.create_connection((host, port), source_address=("127.0.0.2", 0), timeout=PATIENCE) as thief:
            self.assertEqual(thief.recv(1), b"", "it is closed")
        with socket.create_connection((host, port), timeout=PATIENCE) as data:
            self.assertEqual(client.sendcmd("NLST")[:3], "150")
            self.assertEqual(data.recv(100), b"")
        self.assertEqual(client.getmultiline()[:3], "226")

    def test_a_data_connection_that_never_comes(self):
        self.start()
        client = self.login()
        client.makepasv()
        client.sock.sendall(b"LIST\r\nABOR\r\n")
        self.assertEqual((client.getmultiline()[:3], client.getmultiline()[:3]), ("426", "226"))
        self.assertEqual(client.nlst(), [])

    def test_limits(self):
        self.start("--max-per-user", "2", "--max-per-address", "4", "--timeout", "1s", "--quota", "1000")
        first, second = self.login(), self.login()
        with self.assertRaisesRegex(ftplib.error_perm, "530 there are too many sessions of that user"):
            self.login()
        with self.assertRaisesRegex(ftplib.error_temp, "^421"):
            for _ in range(3):
                self.login("ann", "secret")
        first.storbinary("STOR a", io.BytesIO(b"x" * 900))
        with self.assertRaisesRegex(ftplib.error_perm, "^552"):
            second.storbinary("STOR b", io.BytesIO(b"x" * 200))
        self.assertEqual(os.listdir(self.path("users/joe")), ["a"])
        second.storbinary("STOR a", io.BytesIO(b"y" * 1000))
        wait_for(lambda: first.sock.recv(100).startswith(b"421"), "the time-out")

    def test_a_transfer_that_stands_still_is_cut(self):
        self.start("--timeout", "1s")
        self.put("users/joe/big", b"x" * 20_000_000)
        client = self.login()
        client.voidcmd("TYPE I")
        data = client.transfercmd("RETR big")
        self.assertEqual(client.getmultiline()[:3], "426")
        data.close()
        data = client.transfercmd("STOR new")
        data.sendall(b"x")
        self.assertEqual(client.getmultiline()[:3], "426")
        data.close()

    def test_rubbish_and_floods(self):
        self.start()
        for rubbish in (b"\xff" * 1000, b"A" * 100_000, b"\0\r\n" * 100, b"USER \r\n" * 1000, b"NOOP\r\n" * 5000, b"\x16\x03\x01" * 50):
            with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE) as connection:
                try:
                    connection.sendall(rubbish + b"\r\nQUIT\r\n")
                    while connection.recv(65536):
                        pass
                except ConnectionError:
                    pass
        self.assertEqual(self.login().nlst(), [])

    def test_a_full_disk(self):
        def small_files():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

        self.start(preexec=small_files)
        client = self.login()
        client.storbinary("STOR there", io.BytesIO(b"before"))
        for command in ("STOR new", "STOR there"):
            with self.assertRaisesRegex(ftplib.error_perm, "552 it is more than may be kept here"):
                try:
                    client.storbinary(command, io.BytesIO(b"x" * 5_000_000))
                except ConnectionError:
                    client.voidresp()
        self.assertEqual(os.listdir(self.path("users/joe")), ["there"])
        self.assertEqual(self.get("users/joe/there"), b"before")
        client.storbinary("STOR after", io.BytesIO(b"fits"))

    def test_a_vanished_root(self):
        self.start()
        client = self.login()
        shutil.rmtree(self.path("users/joe"))
        with self.assertRaisesRegex(ftplib.error_perm, "^550"):
            client.mkd("x")
        with self.assertRaisesRegex(ftplib.error_perm, "530 there are no files of yours here"):
            self.login()
        self.assertEqual(self.login("anonymous", "x").nlst(), ["a.txt", "sub"])

    def test_no_link_leads_out(self):
        self.start()
        os.symlink(self.folder, self.path("pub/out"))
        os.symlink("/etc/passwd", self.path("pub/passwd"))
        os.symlink("sub/b.bin", self.path("pub/good"))
        client = self.login("anonymous", "x")
        for command in ("CWD out", "RETR out/passwords", "RETR passwd", "MDTM passwd", "RETR ../passwords", "LIST out", "MLST out"):
            with self.subTest(command=command), self.assertRaisesRegex(ftplib.error_perm, "^550"):
                client.makepasv()
                client.sendcmd(command)
        client.voidcmd("TYPE I")
        self.assertEqual(client.size("good"), 1024000)
        self.assertIn("lrwx", self.curl(user="anonymous:x").decode())

    def test_rights(self):
        if os.geteuid() != 0:
            self.skipTest("for root alone")
        os.chmod(self.folder, 0o755)
        os.chown(self.path("users/joe"), 65534, 65534)
        os.chmod(self.path("users/joe"), 0o700)
        self.start()
        client = self.login()
        self.assertIn("files are touched by the rights of nobody", client.login("joe", "password"))
        client.storbinary("STOR mine", io.BytesIO(b"x"))
        client.mkd("made")
        self.assertEqual({os.stat(self.path("users/joe/" + name)).st_uid for name in ("mine", "made")}, {65534})
        self.assertEqual(os.stat(self.path("users/joe/mine")).st_mode & 0o777, 0o644)
        self.put("users/joe/roots", b"x")
        os.chmod(self.path("users/joe/roots"), 0o600)
        with self.assertRaisesRegex(ftplib.error_perm, "550 that is not permitted"):
            client.retrbinary("RETR roots", print)


class Tls(FtpTest):
    def setUp(self):
        super().setUp()
        self.authority = Authority(self.folder)
        self.certificate, self.key = self.authority.issue("localhost")

    def secured(self, *more):
        self.start("--tls-cert", self.certificate, "--tls-key", self.key, *more)

    def context(self):
        context = ssl.create_default_context(cafile=self.authority.certificate)
        context.check_hostname = False
        return context

    def test_ftplib(self):
        self.secured("--require-tls")
        with self.assertRaisesRegex(ftplib.error_perm, "530 say AUTH TLS first"):
            self.login()
        client = self.login(kind=ReusingFtp, context=self.context())
        with self.assertRaisesRegex(ftplib.error_perm, "521 say PROT P first"):
            client.nlst()
        client.prot_p()
        whole = random.randbytes(3_000_000)
        client.storbinary("STOR file", io.BytesIO(whole))
        self.assertEqual(self.get("users/joe/file"), whole)
        got = []
        client.retrbinary("RETR file", got.append)
        self.assertEqual(b"".join(got), whole)
        self.assertEqual(client.nlst(), ["file"])
        with self.assertRaisesRegex(ftplib.error_perm, "^534"):
            client.prot_c()

    def test_data_resumes_the_session(self):
        self.secured()
        client = self.login(kind=ftplib.FTP_TLS, context=self.context())
        client.prot_p()
        with self.assertRaisesRegex(ftplib.error_perm, "522 a data connection has to resume"):
            client.nlst()
        # That of another control connection is not good enough, though it is one of this server's.
        other = self.login("ann", "secret", kind=ReusingFtp, context=client.context)
        mine = self.login(kind=ReusingFtp, context=client.context)
        for each in (other, mine):
            each.prot_p()
            self.assertEqual(each.nlst(), [])
        mine.session_of = other
        with self.assertRaisesRegex(ftplib.error_perm, "522 a data connection has to resume"):
            mine.nlst()
        mine.session_of = mine
        self.assertEqual(mine.nlst(), [])
        self.daemon.stop()
        self.secured("--no-tls-reuse")
        client = self.login(kind=ftplib.FTP_TLS, context=self.context())
        client.prot_p()
        self.assertEqual(client.nlst(), [])

    def test_curl_and_implicit_tls(self):
        self.secured("--implicit-tls", "tcp:0:interface=127.0.0.1")
        self.put("data", random.randbytes(300_000))
        secure = ["--cacert", self.authority.certificate, "--ssl-reqd", "--resolve", f"localhost:{self.port}:127.0.0.1"]
        for scheme, port in (("ftp", self.port), ("ftps", self.daemon.address(1)[1])):
            for direction in (["-T", self.path("data")], ["-o", self.path("back-" + scheme)]):
                done = subprocess.run(["curl", "-sS", "--noproxy", "*", "-u", "joe:password", *secure, *direction,
                                       f"{scheme}://localhost:{port}/data"], capture_output=True, timeout=PATIENCE, check=False)
                self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(self.get("back-" + scheme), self.get("data"))

    def test_what_comes_with_auth_is_forgotten(self):
        self.secured()
        say = self.talk()
        say.connection.sendall(b"AUTH TLS\r\nUSER joe\r\nPASS password\r\nMKD injected\r\n")
        self.assertTrue(say.lines.readline().startswith(b"234"))
        with self.context().wrap_socket(say.connection, server_hostname="localhost") as secured:
            secured.sendall(b"PWD\r\n")
            self.assertTrue(secured.recv(100).startswith(b"530"))
        self.assertEqual(os.listdir(self.path("users/joe")), [])

    def test_an_upload_without_its_goodbye_is_none(self):
        """Whoever is on the way could have cut it."""
        self.secured()
        client = self.login(kind=ReusingFtp, context=self.context())
        client.prot_p()
        client.voidcmd("TYPE I")
        data = client.transfercmd("STOR file")
        data.sendall(b"x" * 10_000)
        with socket.socket(fileno=os.dup(data.detach())) as plain:
            plain.shutdown(socket.SHUT_RDWR)
        with self.assertRaisesRegex(ftplib.error_temp, "^426"):
            client.voidresp()


class Mistakes(FtpTest):
    def test_options(self):
        for options, code, why in (
                (["--root", "/nowhere"], CONFIG, "option --root: cannot give out /nowhere"),
                (["--require-tls"], USAGE, "option --require-tls: --tls-cert names the certificate"),
                (["--no-anonymous"], USAGE, "option --no-anonymous: nobody could log in"),
                (["--user-root", "/srv"], USAGE, "option --user-root: '/srv' has no {user} in it"),
                (["--passive-ports", "5-2"], USAGE, "--passive-ports"), (["--umask", "9"], USAGE, "--umask"),
                (["--auth", "file:none"], CONFIG, "option --auth"), (["--public-address", "x"], USAGE, "--public-address"),
                (["-p", "ssl:0:privateKey=x"], USAGE, "say --implicit-tls PORT and --tls-cert")):
            with self.subTest(options=options):
                done = self.run_daemon("-n", "ftp", *(["--root", "."] if "--root" not in options else []), *options)
                self.assertIn(why, done.stderr)
                self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
                self.assertNotEqual(done.returncode, 0)

    def test_a_wrong_passwords_file_is_refused_at_start(self):
        self.put("passwords", b"joe:password\njoe without a colon\n")
        done = self.run_daemon("-n", "ftp", "--root", self.path("pub"), "--auth", "file:" + self.path("passwords"))
        self.assert_fails(done, UNAVAILABLE, "option --auth: file: ", "passwords:2: no ':' between name and password")

    def test_passwords_are_read_anew_and_a_wrong_file_changes_nothing(self):
        config = self.path("ftp.toml")

        def write(more=""):
            with open(config, "w", encoding="utf-8") as file:
                file.write(f'[ftp]\nport = ["tcp:0:interface=127.0.0.1"]\nroot = "{self.path("pub")}"\n'
                           f'auth = ["file:{self.path("passwords")}"]\nuser-root = "{self.path("users")}/{{user}}"\n{more}')

        write()
        self.daemon = self.foreground("--config", config)
        self.port = self.daemon.address()[1]
        here = self.login()
        self.put("passwords", b"joe:another\nann:secret\n")
        self.login(password="another")
        self.put("passwords", b"joe:third\nann without a colon\n")
        self.login(password="another")
        self.daemon.expect("passwords:2: no ':' between name and password; the entries read before stay in force")
        with self.assertRaisesRegex(ftplib.error_perm, "^530"):
            self.login(password="third")
        # Nor does a reload, whatever it is that is wrong.
        self.daemon.send(signal.SIGHUP)
        self.daemon.expect("configuration reloaded")
        self.login(password="another")
        write("umask = '9'\n")
        self.daemon.send(signal.SIGHUP)
        self.daemon.expect("--umask '9' is not octal digits")
        self.login(password="another")
        self.assertEqual(here.nlst(), [])


if __name__ == "__main__":
    run_tests()
