"""A mail server that does what a test says: for what no real one does when it is told to."""
import socket
import threading


class SmtpPeer:
    """Listens on host:port; every connection has a thread. `answer(line)` gives the reply to a command (text without its end), None
    for the usual one, or "close". What came is in .mails, as (from, [to], text), with the lines of .commands before."""

    def __init__(self, host="127.0.0.2", port=0, answer=lambda line: None, extensions=("PIPELINING", "8BITMIME", "SIZE 1000000")):
        self.answer, self.extensions = answer, extensions
        self.mails, self.commands = [], []
        self.connections = self.open = self.most = 0
        self.lock = threading.Lock()
        self.listener = socket.create_server((host, port))
        self.address = self.listener.getsockname()
        self.ended = False
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def serve(self, connection):
        # Replies to pipelined commands would wait for one another's acknowledgement, 40 ms a mail.
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self.lock:
            self.connections += 1
            self.open += 1
            self.most = max(self.most, self.open)
        try:
            self.talk(connection, connection.makefile("rb"))
        except OSError:
            pass
        finally:
            connection.close()
            with self.lock:
                self.open -= 1

    def talk(self, connection, lines):
        def say(line, usual):
            reply = self.answer(line) or usual
            if reply == "close":
                raise ConnectionAbortedError
            connection.sendall(reply.encode() + b"\r\n")
            return reply[:1] in "23"

        if not say("CONNECT", "220 peer.test ESMTP"):
            return
        sender, to = "", []
        for raw in lines:
            line = raw.decode().rstrip("\r\n")
            with self.lock:
                self.commands.append(line)
            verb = line.split(" ")[0].upper()
            if verb == "EHLO":
                say(line, "\r\n".join("250-" + each for each in ("peer.test", *self.extensions)) + "\r\n250 HELP")
            elif verb == "MAIL":
                say(line, "250 2.1.0 Ok")
                sender, to = line.split("<")[1].split(">")[0], []
            elif verb == "RCPT":
                if say(line, "250 2.1.5 Ok"):
                    to.append(line.split("<")[1].split(">")[0])
            elif verb == "DATA":
                if say(line, "354 go on" if to else "554 5.5.1 for nobody"):
                    text = []
                    while (each := lines.readline()) != b".\r\n":
                        if not each:
                            return
                        text.append(each[1:] if each.startswith(b".") else each)
                    if say("END", "250 2.0.0 Ok: taken"):
                        with self.lock:
                            self.mails.append((sender, to, b"".join(text).decode()))
            elif verb == "QUIT":
                say(line, "221 2.0.0 bye")
                return
            else:
                say(line, "250 2.0.0 Ok")
