"""The programs of examples/, run against each other and against plain sockets. Their folder comes from the environment
(see CMakeLists.txt)."""
import http.server
import os
import signal
import socket
import ssl
import struct
import subprocess
import tempfile
import threading
import unittest

EXAMPLES = os.environ["TWISTDPP_EXAMPLES"]
PATIENCE = 30  # seconds; sanitizers make everything several times as slow
KIBI, MEBI = 1024, 1024 * 1024
with open(os.path.join(EXAMPLES, "echo_server"), "rb") as _program:
    # The address sanitizer keeps freed memory back for a while.
    MEMORY = (16 if b"__asan_init" in _program.read() else 4) * MEBI


def run(program, *arguments):
    return subprocess.run(
        [os.path.join(EXAMPLES, program), *map(str, arguments)], capture_output=True, text=True, timeout=PATIENCE
    )


class Server:
    """An example that serves, on a port that the system chose, until the end of a `with` block."""

    def __init__(self, program, *arguments):
        self.process = subprocess.Popen(
            [os.path.join(EXAMPLES, program), "0", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self.line = self.process.stdout.readline().strip()
        if not self.line:
            raise AssertionError(f"{program} did not start: {self.process.communicate(timeout=PATIENCE)[1]}")
        self.port = int(self.line.rsplit(":", 1)[1])

    def connect(self, timeout=PATIENCE):
        return socket.create_connection(("127.0.0.1", self.port), timeout)

    def resident(self):
        """Bytes of memory in use."""
        with open(f"/proc/{self.process.pid}/statm") as statm:
            return int(statm.read().split()[1]) * os.sysconf("SC_PAGESIZE")

    def end(self, by=signal.SIGTERM):
        """The exit code and what was said on stderr."""
        self.process.send_signal(by)
        _, errors = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, errors

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate(timeout=PATIENCE)


def everything(connection):
    received = b""
    while block := connection.recv(65536):
        received += block
    return received


def exchange(connection, data):
    """Sends `data` and reads as many bytes; both at once, as neither end can hold it all."""
    sender = threading.Thread(target=connection.sendall, args=(data,))
    sender.start()
    received = b""
    while len(received) < len(data) and (block := connection.recv(65536)):
        received += block
    sender.join(PATIENCE)
    return received


class Echo(unittest.TestCase):
    SERVERS = ("echo_server", "echo_server_coroutine")
    CLIENTS = ("echo_client", "echo_client_coroutine")

    def test_each_client_talks_to_each_server(self):
        for program in self.SERVERS:
            with Server(program) as server:
                self.assertEqual(server.line, f"echo server on 127.0.0.1:{server.port}")
                for client in self.CLIENTS:
                    done = run(client, server.port)
                    self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "Hello, world!\n", ""), client)
                self.assertEqual(server.end(), (0, ""), program)

    def test_much_data_comes_back_as_it_was(self):
        data = os.urandom(3 * MEBI)
        for program in self.SERVERS:
            with Server(program) as server, server.connect() as client:
                self.assertEqual(exchange(client, data), data, program)
                client.shutdown(socket.SHUT_WR)
                self.assertEqual(everything(client), b"", program)

    def test_a_client_that_never_reads_is_no_longer_read_from(self):
        for program in self.SERVERS:
            with Server(program) as server, server.connect() as warm:
                self.assertEqual(exchange(warm, b"x" * MEBI), b"x" * MEBI)
                before = server.resident()
                with server.connect(timeout=1) as client:
                    offered = 0
                    with self.assertRaises(TimeoutError, msg=f"{program} took 200 MB in"):
                        while offered < 200_000_000:
                            offered += client.send(b"x" * 65536)
                    self.assertLess(server.resident() - before, MEMORY, program)
                    # Others are served meanwhile, and the slow one goes on when it reads at last.
                    self.assertEqual(exchange(warm, b"hello"), b"hello")
                    client.shutdown(socket.SHUT_WR)
                    client.settimeout(PATIENCE)
                    self.assertEqual(len(everything(client)), offered, program)

    def test_a_client_that_is_cut_off_does_no_harm(self):
        for program in self.SERVERS:
            with Server(program) as server:
                for _ in range(20):
                    with server.connect() as client:
                        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                        client.sendall(b"x" * 1000)
                self.assertEqual(run("echo_client", server.port).returncode, 0)
                self.assertEqual(server.end(signal.SIGINT), (0, ""), program)

    def test_the_client_says_that_nobody_is_there(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))  # and does not listen
            port = taken.getsockname()[1]
            for client in self.CLIENTS:
                done = run(client, port)
                self.assertEqual(done.returncode, 1, client)
                self.assertEqual(done.stderr, f"cannot connect to 127.0.0.1:{port}: Connection refused\n", client)

    def test_the_server_says_that_the_port_is_taken(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            done = run("echo_server", port)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stderr, f"cannot listen on 127.0.0.1:{port}: Address already in use\n")

    def test_a_port_is_a_number(self):
        for text in ("99999", "-1", "http", ""):
            done = run("echo_server", text)
            self.assertEqual(done.returncode, 1)
            self.assertIn("is no port", done.stderr)


class Udp(unittest.TestCase):
    def test_each_datagram_comes_back(self):
        with Server("udp_echo") as server, socket.socket(type=socket.SOCK_DGRAM) as client:
            client.settimeout(PATIENCE)
            client.connect(("127.0.0.1", server.port))
            for data in (b"x", b"", os.urandom(9000), os.urandom(65507)):
                client.send(data)
                self.assertEqual(client.recv(65536), data)
            sent = {b"number %d" % i for i in range(50)}
            for data in sent:
                client.send(data)
            self.assertEqual({client.recv(100) for _ in sent}, sent)
            self.assertEqual(server.end(), (0, ""))


class Tls(unittest.TestCase):
    def test_echoes_under_tls(self):
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE  # it is signed by nobody
        data = os.urandom(MEBI)
        with Server("tls_echo") as server:
            with context.wrap_socket(server.connect()) as client:
                self.assertEqual(client.version(), "TLSv1.3")
                received = b""
                for at in range(0, len(data), 16 * KIBI):
                    client.sendall(data[at : at + 16 * KIBI])
                    while len(received) < at + 16 * KIBI:
                        received += client.recv(65536)
                self.assertEqual(received, data)
            self.assertEqual(server.end(), (0, ""))

    def test_the_certificate_is_for_localhost(self):
        with Server("tls_echo") as server:
            pem = ssl.get_server_certificate(("127.0.0.1", server.port))
            context = ssl.create_default_context(cadata=pem)
            for name in ("localhost", "127.0.0.1"):
                with context.wrap_socket(server.connect(), server_hostname=name) as client:
                    client.sendall(b"hello")
                    self.assertEqual(client.recv(100), b"hello")
            with self.assertRaises(ssl.SSLCertVerificationError):
                context.wrap_socket(server.connect(), server_hostname="example.org")

    def test_names_a_certificate_that_is_not_there(self):
        done = run("tls_echo", "0", "/nonexistent.pem")
        self.assertEqual(done.returncode, 1)
        self.assertIn("/nonexistent.pem", done.stderr)
        self.assertEqual(done.stderr.count("\n"), 1)


class Pages(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/page?moved")
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif self.path.startswith("/page"):
            self.answer(200, b"a page\n")
        elif self.path == "/large":
            self.answer(200, b"x" * 5_000_000)
        elif self.path == "/cut":
            self.send_response(200)
            self.send_header("Content-Length", "100")
            self.end_headers()
            self.wfile.write(b"not all")
            self.close_connection = True
        else:
            self.answer(404, b"no such page")

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class GetPage(unittest.TestCase):
    def setUp(self):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pages)
        self.server.daemon_threads = True
        self.origin = f"http://127.0.0.1:{self.server.server_port}"
        self.addCleanup(self.server.server_close)

    def serve(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.addCleanup(self.server.shutdown)

    def unavailable(self, url, *arguments):
        """What is said when the page cannot be had: one line, and nothing is displayed."""
        done = run("getpage", url, *arguments)
        self.assertEqual((done.returncode, done.stdout), (1, ""), done)
        self.assertTrue(done.stderr.startswith("unavailable: "), done.stderr)
        self.assertEqual(done.stderr.count("\n"), 1)
        return done.stderr[len("unavailable: ") : -1]

    def test_fetches_translates_and_displays(self):
        self.serve()
        for path in ("/page", "/moved"):
            done = run("getpage", self.origin + path)
            self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "A PAGE\n", ""))
        self.assertEqual(run("getpage", self.origin + "/large").stdout, "X" * 5_000_000)

    def test_unavailable(self):
        self.serve()
        self.assertEqual(self.unavailable(self.origin + "/x"), f"{self.origin}/x answered 404 Not Found")
        self.assertIn("is not complete", self.unavailable(self.origin + "/cut"))
        self.assertIn("must begin with http", self.unavailable("gopher://localhost/"))

    def test_nobody_there(self):
        port = self.server.server_port
        self.server.server_close()
        self.assertEqual(
            self.unavailable(f"http://127.0.0.1:{port}/"), f"cannot connect to 127.0.0.1:{port}: Connection refused"
        )

    def test_https_with_an_authority_of_ones_own(self):
        with tempfile.TemporaryDirectory() as folder, Server("tls_echo") as other:
            # Nobody signed tls_echo's certificate, so it is not believed; and what it echoes is no answer.
            url = f"https://127.0.0.1:{other.port}/"
            self.assertIn("certificate", self.unavailable(url))
            pem = os.path.join(folder, "trusted.pem")
            with open(pem, "w") as file:
                file.write(ssl.get_server_certificate(("127.0.0.1", other.port)))
            self.assertIn("sent no valid answer", self.unavailable(url, pem))

    def test_a_signal_ends_it(self):
        with subprocess.Popen([os.path.join(EXAMPLES, "getpage"), self.origin + "/page"], stderr=subprocess.PIPE) as client:
            connection, _ = self.server.socket.accept()  # and never answer
            with connection:
                self.assertTrue(connection.recv(1000).startswith(b"GET /page HTTP/1.1\r\n"))
                client.terminate()
                self.assertEqual(client.wait(PATIENCE), 0)


def wire_name(text):
    return b"".join(bytes([len(label)]) + label.encode() for label in text.rstrip(".").split(".")) + b"\0"


class NameServer:
    """Answers what stands in `zone`, {(name, type): [rdata]}, until the end of a `with` block."""

    def __init__(self, zone):
        self.zone = {(wire_name(name), kind): data for (name, kind), data in zone.items()}
        self.socket = socket.socket(type=socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self.serve, daemon=True)

    def serve(self):
        while True:
            query, client = self.socket.recvfrom(4096)
            if query == b"end":
                return
            end = query.index(0, 12) + 1
            question, (kind,) = query[12 : end + 4], struct.unpack(">H", query[end : end + 2])
            found = self.zone.get((query[12:end].lower(), kind), [])
            known = any(name == query[12:end].lower() for name, _ in self.zone)
            header = query[:2] + struct.pack(">HHHHH", 0x8180 | (0 if known else 3), 1, len(found), 0, 0)
            records = [b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 60, len(data)) + data for data in found]
            self.socket.sendto(header + question + b"".join(records), client)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        with socket.socket(type=socket.SOCK_DGRAM) as last:
            last.sendto(b"end", ("127.0.0.1", self.port))
        self.thread.join(PATIENCE)
        self.socket.close()


class DnsLookup(unittest.TestCase):
    A, MX, AAAA = 1, 15, 28

    def test_looks_up_mail_exchangers_and_their_addresses(self):
        zone = {
            ("example.test", self.MX): [b"\0\x0a" + wire_name("mail.example.test"), b"\0\x14" + wire_name("other.test")],
            ("mail.example.test", self.A): [bytes([192, 0, 2, 1])],
            ("mail.example.test", self.AAAA): [bytes.fromhex("20010db8000000000000000000000001")],
            ("other.test", self.A): [bytes([192, 0, 2, 2])],
        }
        with NameServer(zone) as server:
            done = run("dns_lookup", "example.test", "127.0.0.1", server.port)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertEqual(
                done.stdout,
                "example.test mail is handled by 10 mail.example.test.\n"
                "mail.example.test. has address 2001:db8::1\n"
                "mail.example.test. has address 192.0.2.1\n"
                "example.test mail is handled by 20 other.test.\n"
                "other.test. has address 192.0.2.2\n",
            )
            done = run("dns_lookup", "nothing.test", "127.0.0.1", server.port)
            self.assertEqual((done.returncode, done.stderr), (1, "nothing.test. MX: NXDOMAIN\n"))

    def test_the_server_is_an_address(self):
        done = run("dns_lookup", "example.test", "ns.test")
        self.assertEqual(done.returncode, 1)
        self.assertIn("ns.test", done.stderr)
        self.assertEqual(run("dns_lookup").stderr, "usage: dns_lookup NAME SERVER [PORT]\n")


class ChatServer:
    """As much of IRC as the bot sees: one connection, lines in and out."""

    def __enter__(self):
        self.port = socket.create_server(("127.0.0.1", 0))
        self.port.settimeout(PATIENCE)
        self.bot = subprocess.Popen([os.path.join(EXAMPLES, "karma_bot"), "#tea", str(self.port.getsockname()[1])],
                                    stdout=subprocess.PIPE, text=True)
        self.socket = self.port.accept()[0]
        self.socket.settimeout(PATIENCE)
        self.stream = self.socket.makefile("r", encoding="utf-8", newline="\r\n")
        return self

    def send(self, line):
        self.socket.sendall((line + "\r\n").encode())

    def read(self):
        return self.stream.readline().rstrip("\r\n")

    def __exit__(self, *_):
        self.stream.close()
        self.socket.close()
        self.port.close()
        self.bot.wait(PATIENCE)
        self.bot.stdout.close()


class KarmaBot(unittest.TestCase):
    def test_keeps_the_score(self):
        with ChatServer() as server:
            self.assertEqual(server.read(), "NICK karma")
            self.assertEqual(server.read(), "USER karma 0 * :keeps the score")
            server.send(":irc.test 001 karma :Welcome")
            server.send(":irc.test 422 karma :There is no message of the day")
            self.assertEqual(server.read(), "JOIN #tea")
            server.send(":karma!karma@127.0.0.1 JOIN #tea")
            self.assertEqual(server.bot.stdout.readline(), "on #tea\n")
            for said in ("green tea++", "green tea++", "mondays--", "++", "!karma green tea"):
                server.send(f":ann!a@h PRIVMSG #tea :{said}")
            self.assertEqual(server.read(), "PRIVMSG #tea :green tea: 2")
            server.send(":ann!a@h PRIVMSG karma :!karma mondays")
            self.assertEqual(server.read(), "PRIVMSG ann :mondays: -1")
            server.send(":ann!a@h PRIVMSG karma :\1VERSION\1")
            self.assertEqual(server.read(), "NOTICE ann :\1VERSION the karma bot of twistdpp\1")
        self.assertEqual(server.bot.returncode, 0)


class MailServer:
    """Takes one mail, and keeps what it was told."""

    def __init__(self, recipient=b"250 ok"):
        self.heard = b""
        self.recipient = recipient
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        connection, _ = self.listener.accept()
        with connection, connection.makefile("rwb") as lines:
            def say(text):
                lines.write(text + b"\r\n")
                lines.flush()

            say(b"220 mx.test")
            in_message = False
            for line in lines:
                self.heard += line
                if in_message:
                    in_message = line != b".\r\n"
                    if not in_message:
                        say(b"250 kept")
                elif line.startswith(b"DATA"):
                    in_message = True
                    say(b"354 go on")
                elif line.startswith(b"QUIT"):
                    return say(b"221 bye")
                else:
                    say(self.recipient if line.startswith(b"RCPT") else b"250 ok")


class SingleMessageSender(unittest.TestCase):
    def send(self, port):
        return subprocess.run(
            [os.path.join(EXAMPLES, "single_message_sender"), str(port), "ann@example.org", "joe@example.com"],
            input="Subject: hello\n\n.a dot\n", capture_output=True, text=True, timeout=PATIENCE
        )

    def test_sends_it(self):
        server = MailServer()
        done = self.send(server.port)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "250 kept\n", ""))
        self.assertIn(b"MAIL FROM:<ann@example.org>\r\nRCPT TO:<joe@example.com>\r\nDATA\r\n"
                      b"Subject: hello\r\n\r\n..a dot\r\n.\r\nQUIT\r\n", server.heard)

    def test_says_why_not(self):
        server = MailServer(b"550 5.1.1 who is that?")
        done = self.send(server.port)
        self.assertEqual((done.returncode, done.stdout), (1, "550 5.1.1 who is that?\n"))
        with socket.create_server(("127.0.0.1", 0)) as closed:
            port = closed.getsockname()[1]
        done = self.send(port)
        self.assertEqual(done.returncode, 1)
        self.assertIn("no connection: ", done.stderr)


class Readers(unittest.TestCase):
    """With a server they are in mail_test, mail_imap_test and ftp_test."""

    def test_say_that_nobody_is_there(self):
        with socket.create_server(("127.0.0.1", 0)) as closed:
            port = closed.getsockname()[1]
        for program in ("fetch_mail", "imap_inbox", "ftp_fetch"):
            done = run(program, port, "joe")
            self.assertEqual((done.returncode, done.stdout), (1, ""))
            self.assertRegex(done.stderr, "^(no connection|not done): ")


class ThirdReactor(unittest.TestCase):
    def test_is_chosen_by_name(self):
        done = run("third_reactor")
        lines = done.stdout.splitlines()
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(lines, ["listen on 127.0.0.1:0", "connect to 127.0.0.1", "run", "hello", "stop"])
        self.assertEqual(run("third_reactor", "uv").stdout, "hello\n")
        self.assertEqual(run("third_reactor", "loud:loud").stdout.count("run\n"), 2)

    def test_an_unknown_name_lists_those_there_are(self):
        done = run("third_reactor", "quiet")
        self.assertEqual((done.returncode, done.stderr), (1, "there is no reactor 'quiet'; there are: loud, uv\n"))


class FileTransfer(unittest.TestCase):
    """The rest is in sftp_test."""

    def test_a_folder_that_is_not_there_is_named(self):
        done = run("sftp_stdio", "/nowhere")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("cannot give out /nowhere", done.stderr)


class Folder(unittest.TestCase):
    def test_every_program_has_a_test(self):
        """Who adds an example adds a test of it."""
        with open(__file__) as file:
            text = file.read()
        programs = [name for name in os.listdir(EXAMPLES) if os.access(os.path.join(EXAMPLES, name), os.X_OK)]
        programs = [name for name in programs if os.path.isfile(os.path.join(EXAMPLES, name))]
        self.assertIn("echo_server", programs)
        for name in programs:
            self.assertIn(f'"{name}"', text)


if __name__ == "__main__":
    unittest.main(argv=["examples_test"], verbosity=2)
