"""The servers side by side: each with one worker for UDP, no rate limit and no query log."""
import os
import shutil
import socket
import struct
import subprocess
import time

from harness import server

from . import zones


def ask(port, name, rtype=zones.A, seconds=0.05, tcp=False):
    """(rcode, authoritative, answer records) of one query, or None when no answer came."""
    labels = b"".join(bytes([len(label)]) + label for label in name.encode().split(b".")) + b"\0"
    packet = struct.pack("!6H", os.getpid() & 0xFFFF, 0, 1, 0, 0, 0) + labels + struct.pack("!HH", rtype, 1)
    try:
        if tcp:
            with socket.create_connection(("127.0.0.1", port), seconds) as client:
                client.sendall(struct.pack("!H", len(packet)) + packet)
                stream = client.makefile("rb")
                data = stream.read(struct.unpack("!H", stream.read(2))[0])
        else:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
                client.settimeout(seconds)
                client.connect(("127.0.0.1", port))
                client.send(packet)
                data = client.recv(4096)
    except (OSError, struct.error):
        return None
    if data[:2] != packet[:2]:
        return None
    flags, _, answers = struct.unpack_from("!3H", data, 2)
    return flags & 15, bool(flags & 0x0400), data[12 + len(labels) + 4:] if answers else b""


class Server(server.Server):
    # What it can serve.
    modes = ("zone",)

    def command(self, mode, path):
        """Writes the configuration and gives the command line; `mode` is "zone" or "hosts", `path` the file."""
        raise NotImplementedError

    def start(self, mode, path, first, patience=120):
        """Starts it and waits, awake, for the right address of name number `first`; seconds from exec to that."""
        self.served = os.path.join(self.folder, "served." + mode)
        shutil.copyfile(path, self.served)
        command = self.command(mode, self.served)
        before = time.perf_counter()
        self.spawn(command)
        end = time.monotonic() + patience
        right = socket.inet_aton(zones.address(first))
        while True:
            found = ask(self.port, zones.name(first))
            if found and found[0] == 0 and found[2][:16].endswith(right):
                return time.perf_counter() - before
            self.still_starting(end)

    def serial(self):
        """The zone's serial over TCP, or None."""
        found = ask(self.port, zones.ORIGIN, zones.SOA, seconds=2, tcp=True)
        return struct.unpack_from("!I", found[2], len(found[2]) - 20)[0] if found and found[2] else None

    def reload(self, path):
        """Another file in the old one's place, as an editor does it, and the signal."""
        shutil.copyfile(path, self.served + ".new")
        os.replace(self.served + ".new", self.served)
        self.process.send_signal(1)


class Twistdpp(Server):
    name = "twistdpp"
    modes = ("zone", "hosts")

    def version(self):
        return subprocess.run([self.program, "--version"], capture_output=True, text=True).stdout.strip()

    def command(self, mode, path):
        what = ["--hosts-file", path] if mode == "hosts" else ["--bindzone", f"{zones.ORIGIN}={path}"]
        return [self.program, "-n", "dns", "-p", str(self.port), "-i", "127.0.0.1", *what]


class Nsd(Server):
    name = "nsd"

    def version(self):
        return subprocess.run([self.program, "-v"], capture_output=True, text=True).stderr.splitlines()[0]

    def command(self, mode, path):
        return [self.program, "-d", "-c", self.write("nsd.conf", f"""\
server:
    ip-address: 127.0.0.1@{self.port}
    server-count: 1
    username: ""
    chroot: ""
    pidfile: ""
    database: ""
    zonelistfile: "{self.folder}/zone.list"
    xfrdfile: "{self.folder}/xfrd.state"
    xfrdir: "{self.folder}"
    cookie-secret-file: ""
    minimal-responses: yes
    rrl-ratelimit: 0
    tcp-count: 200
    verbosity: 0
remote-control:
    control-enable: no
zone:
    name: "{zones.ORIGIN}"
    zonefile: "{path}"
""")]


class Knot(Server):
    name = "knot"
    program_name = "knotd"

    def version(self):
        return subprocess.run([self.program, "-V"], capture_output=True, text=True).stdout.strip()

    def command(self, mode, path):
        return [self.program, "-c", self.write("knot.conf", f"""\
server:
    listen: 127.0.0.1@{self.port}
    rundir: "{self.folder}"
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
    tcp-max-clients: 200
database:
    storage: "{self.folder}/db"
log:
  - target: stderr
    any: error
zone:
  - domain: {zones.ORIGIN}
    file: "{path}"
    storage: "{self.folder}"
    zonefile-load: whole
    journal-content: none
""")]


class Dnsmasq(Server):
    name = "dnsmasq"
    modes = ("hosts",)

    def version(self):
        return " ".join(subprocess.run([self.program, "-v"], capture_output=True, text=True).stdout.split()[:3])

    def command(self, mode, path):
        return [self.program, "--keep-in-foreground", "--conf-file=" + self.write("dnsmasq.conf", ""), "--no-resolv",
                "--no-hosts", f"--addn-hosts={path}", f"--port={self.port}", "--listen-address=127.0.0.1",
                "--bind-interfaces", "--pid-file", "--user=root", "--cache-size=0", f"--local=/{zones.ORIGIN}/"]


KINDS = {kind.name: kind for kind in (Twistdpp, Nsd, Knot, Dnsmasq)}
