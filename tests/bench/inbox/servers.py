"""The servers side by side, on loopback, each with a Maildir of its own that has the same messages in it.

Dovecot may keep its indexes and caches beside it, as it does on every machine.
"""
import os
import pwd
import subprocess

from harness import server

MESSAGES = 10_000
SIZE = 2048  # bytes of each, as it is sent
USER = "mail"  # whom Dovecot's workers become: it serves nobody as root


def message(number):
    head = (f"Received: by bench.test id {number:08}\nFrom: Ann Example <ann@example.org>\nTo: joe@example.com\n"
            f"Subject: message {number}\nDate: Fri, 27 Nov 2026 10:00:00 +0000\nMessage-ID: <{number}@bench.test>\n\n")
    body, left = [], SIZE - len(head) - head.count("\n")
    while left > 0:
        line = "x" * min(72, max(0, left - 2 if left - 2 != 73 else 70))
        body.append(line)
        left -= len(line) + 2
    return (head + "\n".join(body) + "\n").encode()


def fill(folder):
    for part in ("cur", "new", "tmp"):
        os.makedirs(os.path.join(folder, part))
    for number in range(1, MESSAGES + 1):
        text = message(number)
        wire = len(text) + text.count(b"\n")
        if wire != SIZE:
            raise RuntimeError(f"message {number} has {wire} bytes")
        name = f"{1_700_000_000 + number}.M{number}P1.bench,S={len(text)},W={wire}:2,"
        with open(os.path.join(folder, "cur", name), "wb") as file:
            file.write(text)


class Server(server.Server):
    def __init__(self, program, folder):
        super().__init__(program, folder)
        self.ports = {"pop3": server.free_port(), "imap": server.free_port()}

    def start(self):
        self.prepare()
        self.spawn(self.command())
        for port in self.ports.values():
            self.greeted(port)

    def prepare(self):
        raise NotImplementedError

    def command(self):
        raise NotImplementedError


class Twistdpp(Server):
    name = "twistdpp"

    def version(self):
        return subprocess.run([self.program, "--version"], capture_output=True, text=True).stdout.strip()

    def prepare(self):
        fill(os.path.join(self.folder, "mail", "joe"))

    def command(self):
        return [self.program, "-n", "mail", "--smtp", "tcp:0:interface=127.0.0.1", "--hostname", "bench.test",
                "--pop3", f"tcp:{self.ports['pop3']}:interface=127.0.0.1", "--imap", f"tcp:{self.ports['imap']}:interface=127.0.0.1",
                "-d", f"example.com={self.folder}/mail", "-u", "joe=password"]


class Dovecot(Server):
    name = "dovecot"

    def version(self):
        return subprocess.run([self.program, "--version"], capture_output=True, text=True).stdout.split()[0]

    def prepare(self):
        if os.getuid():
            raise RuntimeError("dovecot is started by root alone")
        user = pwd.getpwnam(USER)
        for folder in (os.path.dirname(self.folder), self.folder):
            os.chmod(folder, 0o755)
        fill(os.path.join(self.folder, "Maildir"))
        subprocess.run(["chown", "-R", f"{user.pw_uid}:{user.pw_gid}", os.path.join(self.folder, "Maildir")], check=True)
        self.write("dovecot.conf", f"""\
protocols = imap pop3
base_dir = {self.folder}/run
log_path = {self.folder}/dovecot.log
ssl = no
disable_plaintext_auth = no
first_valid_uid = 1
mail_location = maildir:{self.folder}/Maildir
passdb {{
  driver = static
  args = password=password
}}
userdb {{
  driver = static
  args = uid={user.pw_uid} gid={user.pw_gid} home={self.folder}/Maildir
}}
service imap-login {{
  inet_listener imap {{
    address = 127.0.0.1
    port = {self.ports['imap']}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service pop3-login {{
  inet_listener pop3 {{
    address = 127.0.0.1
    port = {self.ports['pop3']}
  }}
  inet_listener pop3s {{
    port = 0
  }}
}}
""")

    def command(self):
        return [self.program, "-F", "-c", os.path.join(self.folder, "dovecot.conf")]


KINDS = {kind.name: kind for kind in (Twistdpp, Dovecot)}
