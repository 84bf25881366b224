"""A small client of IRC for tests: it sends lines and waits for lines."""
import re
import socket
import ssl

from support.daemon import PATIENCE


class Client:
    """One connection; lines come decoded and without their ends."""

    def __init__(self, daemon, number=0, tls=False, identity=None):
        ports = re.findall(r"127\.0\.0\.1:(\d+)", daemon.log.split("ready: ", 1)[1])
        self.socket = socket.create_connection(("127.0.0.1", int(ports[number])), timeout=PATIENCE)
        if tls:
            context = ssl.create_default_context()
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            if identity:
                context.load_cert_chain(*identity)
            self.socket = context.wrap_socket(self.socket)
        self.buffer = b""
        self.lines = []

    def send(self, *lines):
        self.socket.sendall("".join(line + "\r\n" for line in lines).encode())

    def read(self):
        """The next line; None at the end."""
        while b"\n" not in self.buffer:
            block = self.socket.recv(65536)
            if not block:
                return None
            self.buffer += block
        line, _, self.buffer = self.buffer.partition(b"\n")
        text = line.rstrip(b"\r").decode()
        self.lines.append(text)
        if text.startswith("PING "):
            self.send("PONG " + text[5:])
        return text

    def expect(self, pattern):
        """The first line from here on in which the pattern is found."""
        seen = []
        while True:
            line = self.read()
            if line is None:
                raise AssertionError(f"the connection ended before {pattern!r}; it brought {seen}")
            if re.search(pattern, line):
                return line
            seen.append(line)

    def rest(self):
        out = []
        while (line := self.read()) is not None:
            out.append(line)
        return out

    def register(self, nick, *before):
        self.send(*before, f"NICK {nick}", f"USER {nick} 0 * :{nick.title()} of the tests")
        self.expect(r" 001 ")
        self.expect(r" (376|422) ")
        return self

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()
