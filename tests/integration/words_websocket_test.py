"""The chat server for web clients: IRC over WebSocket, one line a message, beside users of plain IRC."""
import base64
import os
import re
import socket
import ssl
import struct
import subprocess

from support.daemon import PATIENCE, DaemonTest, run_tests
from support.irc import Client

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


class WebClient:
    """One connection, as a browser makes it."""

    def __init__(self, port, protocol="text.ircv3.net", tls=False, headers=""):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        if tls:
            context = ssl.create_default_context()
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            self.socket = context.wrap_socket(self.socket)
        self.stream = self.socket.makefile("rb")
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall((f"GET / HTTP/1.1\r\nHost: irc.test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                             f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
                             f"Sec-WebSocket-Protocol: {protocol}\r\n{headers}\r\n").encode())
        self.head = b""
        while not self.head.endswith(b"\r\n\r\n"):
            line = self.stream.readline()
            if not line:
                raise AssertionError(f"the connection ended in {self.head!r}")
            self.head += line

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stream.close()
        self.socket.close()

    def send(self, *lines, opcode=TEXT):
        for line in lines:
            data, mask = line.encode(), os.urandom(4)
            size = bytes([0x80 | len(data)]) if len(data) < 126 else b"\xfe" + struct.pack("!H", len(data))
            body = bytes(byte ^ mask[i % 4] for i, byte in enumerate(data))
            self.socket.sendall(bytes([0x80 | opcode]) + size + mask + body)

    def frame(self):
        first, size = self.stream.read(2)
        if size == 126:
            size, = struct.unpack("!H", self.stream.read(2))
        return first & 15, self.stream.read(size)

    def expect(self, pattern, opcode=TEXT):
        seen = []
        while True:
            kind, data = self.frame()
            if kind == opcode and re.search(pattern, data.decode()):
                return data.decode()
            seen.append((kind, data))
            if kind == CLOSE:
                raise AssertionError(f"closed before {pattern!r}: {seen}")


class WebSocket(DaemonTest):
    def start(self, *options):
        daemon = self.foreground("words", "--irc-port", "tcp:0:interface=127.0.0.1", "--hostname", "irc.test",
                                 "--websocket-port", "tcp:0:interface=127.0.0.1", *options)
        ports = re.findall(r"127\.0\.0\.1:(\d+)", daemon.log.split("ready: ", 1)[1])
        daemon.web = int(ports[1])
        return daemon

    def test_a_page_and_a_program_talk(self):
        daemon = self.start()
        with WebClient(daemon.web) as page, Client(daemon) as bob:
            self.assertRegex(page.head.decode(), r"^HTTP/1.1 101 .*\r\n(.*\r\n)*Sec-WebSocket-Protocol: text.ircv3.net\r\n")
            page.send("NICK page", "USER page 0 * :A page", "JOIN #room")
            page.expect(r"^:page!page@127\.0\.0\.1 JOIN #room$")
            bob.register("bob")
            bob.send("JOIN #room", "PRIVMSG #room :grüße")
            page.expect(r"^:bob!bob@127\.0\.0\.1 PRIVMSG #room :grüße$")
            page.send("PRIVMSG #room :" + "long " * 50)
            bob.expect(r"^:page!page@127\.0\.0\.1 PRIVMSG #room :long long")
            page.send("?", opcode=PING)
            self.assertEqual(page.frame(), (PONG, b"?"))
            page.send("", opcode=CLOSE)
            self.assertEqual(page.frame(), (CLOSE, struct.pack("!H", 1000)))
            bob.expect(r"^:page!page@127\.0\.0\.1 QUIT :")

    def test_binary_frames(self):
        daemon = self.start()
        with WebClient(daemon.web, "binary.ircv3.net") as page:
            page.send("NICK page", "USER page 0 * :A page", opcode=BINARY)
            page.expect(r" 001 page ", opcode=BINARY)

    def test_over_tls(self):
        key, cert = self.path("key.pem"), self.path("cert.pem")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                        key, "-out", cert, "-days", "2", "-subj", "/CN=irc.test"], check=True, capture_output=True)
        daemon = self.start("--websocket-port", f"ssl:0:interface=127.0.0.1:privateKey={key}:certKey={cert}")
        ports = re.findall(r"127\.0\.0\.1:(\d+)", daemon.log.split("ready: ", 1)[1])
        with WebClient(int(ports[2]), tls=True) as page:
            page.send("NICK page", "USER page 0 * :A page")
            page.expect(r" 001 page ")

    def test_who_comes_from_elsewhere_or_with_a_browser_alone(self):
        daemon = self.start("--websocket-origin", "https://chat.test")
        with WebClient(daemon.web, headers="Origin: https://evil.test\r\n") as page:
            self.assertRegex(page.head, rb"^HTTP/1.1 403 ")
        with WebClient(daemon.web, headers="Origin: https://chat.test\r\n") as page:
            self.assertRegex(page.head, rb"^HTTP/1.1 101 ")
        with socket.create_connection(("127.0.0.1", daemon.web), timeout=PATIENCE) as browser:
            browser.sendall(b"GET / HTTP/1.1\r\nHost: irc.test\r\n\r\n")
            answer = browser.makefile("rb").read()
        self.assertRegex(answer, rb"^HTTP/1.1 426 ")
        self.assertIn(b"This is a chat server", answer)

    def test_stopping_tells_the_pages(self):
        daemon = self.start()
        with WebClient(daemon.web) as page:
            page.send("NICK page", "USER page 0 * :A page")
            page.expect(r" 001 page ")
            daemon.send(15)
            page.expect(r"^ERROR :Closing Link: .*Server is shutting down")
            self.assertEqual(page.frame()[0], CLOSE)
        daemon.wait()

    def test_an_origin_that_is_none(self):
        refused = self.run_daemon("-n", "words", "--websocket-origin", "chat.test")
        self.assert_fails(refused, 64, "--websocket-origin", "https://HOST")


if __name__ == "__main__":
    run_tests()
