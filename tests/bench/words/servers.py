"""The servers side by side: each with its limits opened, on loopback, without TLS and without a log."""
import os
import re
import socket
import subprocess
import time

from harness import processes, server

TAGS = "message-tags server-time"


def logged_in(port, seconds=0.05):
    """Whether a client is let in."""
    try:
        with socket.create_connection(("127.0.0.1", port), seconds) as client:
            client.settimeout(5)
            client.sendall(b"NICK probe\r\nUSER probe 0 * :Probe\r\n")
            text = b""
            while b" 001 " not in text:
                block = client.recv(4096)
                if not block:
                    return False
                text += block
                ping = re.search(rb"^PING (.*)\r$", text, re.M)
                if ping and b" 001 " not in text:
                    client.sendall(b"PONG " + ping.group(1) + b"\r\n")
            client.sendall(b"QUIT\r\n")
            return True
    except OSError:
        return False


class Server(server.Server):
    # What its clients ask for, "-" for nothing.
    caps = TAGS
    # Clients that come in at the same time.
    at_once = 400

    def command(self):
        raise NotImplementedError

    def start(self, patience=20):
        """Starts it and waits, awake, until a client is let in; seconds from exec to that."""
        command = self.command()
        before = time.perf_counter()
        processes.allow_open_files(30_000)
        self.spawn(command)
        end = time.monotonic() + patience
        while not logged_in(self.port):
            self.still_starting(end)
        return time.perf_counter() - before


class Twistdpp(Server):
    name = "twistdpp"

    def version(self):
        return subprocess.run([self.program, "--version"], capture_output=True, text=True).stdout.strip()

    def command(self):
        return [self.program, "-n", "words", "--irc-port", f"tcp:{self.port}:interface=127.0.0.1:backlog=4096", "--hostname",
                "bench.test", "--flood-rate", "0", "--send-queue", "16777216"]


class Ngircd(Server):
    name = "ngircd"
    caps = "-"  # it has neither
    at_once = 10  # its backlog; a SYN that finds it full comes again seconds later

    def version(self):
        text = subprocess.run([self.program, "--version"], capture_output=True, text=True).stdout
        return text.splitlines()[0].split("-")[0]

    def command(self):
        os.chmod(os.path.dirname(self.folder), 0o755)
        return [self.program, "-n", "-f", self.write("ngircd.conf", f"""\
[Global]
Name = bench.test
Info = bench
Listen = 127.0.0.1
Ports = {self.port}
AdminInfo1 = bench
[Limits]
MaxConnections = 0
MaxConnectionsIP = 0
MaxJoins = 0
MaxPenaltyTime = 0
PingTimeout = 600
[Options]
DNS = no
Ident = no
PAM = no
""")]


class Inspircd(Server):
    name = "inspircd"

    def version(self):
        return subprocess.run([self.program, "--version"], capture_output=True, text=True).stdout.splitlines()[0]

    def command(self):
        return [self.program, "--nofork", "--runasroot", "--config", self.write("inspircd.conf", f"""\
<config format="xml">
<server name="bench.test" description="bench" id="1BE" network="bench">
<admin name="bench" nick="bench" email="bench@bench.test">
<bind address="127.0.0.1" port="{self.port}" type="clients">
<connect name="all" allow="*" timeout="60" pingfreq="600" hardsendq="16M" softsendq="16M" recvq="1M" threshold="1000000"
 commandrate="100000000" fakelag="no" localmax="100000" globalmax="100000" limit="100000" resolvehostnames="no">
<performance netbuffersize="10240" somaxconn="4096" softlimit="100000" quietbursts="yes" nouserdns="yes">
<options defaultmodes="not">
<pid file="{self.folder}/pid">
<path configdir="{self.folder}" datadir="{self.folder}" logdir="{self.folder}" runtimedir="{self.folder}">
<module name="ircv3">
<module name="ircv3_ctctags">
<module name="ircv3_servertime">
<module name="ircv3_msgid">
""")]


KINDS = {kind.name: kind for kind in (Twistdpp, Ngircd, Inspircd)}
