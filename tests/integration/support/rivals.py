"""Other name servers on loopback: NSD, Knot and BIND. They serve as oracles, as primaries and as secondaries.

Each runs in a scratch folder on a port of its own, in the foreground as our child, and is ended by its pid. Zone files
are copied into that folder, so that a transfer can overwrite them.
"""
import os
import shutil
import subprocess
import time
from dataclasses import dataclass, field

from . import dns_wire as wire
from .daemon import PATIENCE, free_port, read, wait_for


@dataclass
class Zone:
    """What a rival is told of one zone. A peer is (host, port, Key or None)."""

    origin: str
    file: str = None  # a master file; None for a secondary
    primaries: list = field(default_factory=list)
    notify: list = field(default_factory=list)
    transfer_to: list = field(default_factory=list)  # Keys, or None for anybody on 127.0.0.1
    axfr_only: bool = False  # when it is a secondary


def program(name):
    """Where Debian puts servers only root's PATH looks."""
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
    if not found:
        raise AssertionError(f"{name} is not installed: packaging/packages.sh test")
    return found


def free_dns_port():
    """A port that is free for TCP and UDP both."""
    import socket
    while True:
        port = free_port()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


class Rival:
    name = ""

    def __init__(self, folder, zones, keys=(), host="127.0.0.1", port=None):
        self.folder = os.path.join(folder, f"{self.name}-{len(os.listdir(folder))}")
        os.makedirs(self.folder)
        os.chmod(self.folder, 0o777)
        self.zones = list(zones)
        self.keys = list(keys)
        self.address = (host, port or free_dns_port())
        self.process = None
        for zone in self.zones:
            if zone.file:
                shutil.copy(zone.file, self.zone_path(zone))
                for more in os.listdir(os.path.dirname(zone.file)):
                    if more == "large.zone":
                        shutil.copy(os.path.join(os.path.dirname(zone.file), more), self.folder)

    def zone_path(self, zone):
        return os.path.join(self.folder, f"{zone.origin}.zone")

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def command(self):
        raise NotImplementedError

    def start(self, wait=True):
        """With `wait` it returns when each zone that has a file is answered."""
        command = self.command()
        with open(os.path.join(self.folder, "log"), "ab") as log:
            self.process = subprocess.Popen(command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        for zone in self.zones if wait else ():
            if zone.file:
                self.wait_serial(zone.origin)
        return self

    def serial(self, origin):
        """The serial it answers with authority, or None."""
        reply = wire.udp(self.address, wire.query(origin, "SOA"), seconds=1)
        if reply is None or reply.rcode or not reply.has(wire.AA) or not reply.answer:
            return None
        return wire.soa(reply.answer[0])[2]

    def wait_serial(self, origin, serial=None, seconds=PATIENCE):
        def there():
            if self.process.poll() is not None:
                raise AssertionError(f"{self.name} has ended:\n{self.log()}")
            found = self.serial(origin)
            if found is not None and serial in (None, found):
                return True
            time.sleep(0.05)
            return False
        try:
            wait_for(there, f"{self.name} to serve {origin} with serial {serial}", seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.log()}") from None

    def reload(self):
        """Reads changed zone files."""
        self.process.send_signal(1)

    def stop(self):
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.wait()
        self.process = None

    def log(self):
        return read(os.path.join(self.folder, "log"))[-4000:]


def _key_name(key):
    return key.key_name if key else None


class Nsd(Rival):
    name = "nsd"

    def command(self):
        host, port = self.address
        text = f"""server:
    ip-address: {host}@{port}
    server-count: 1
    username: ""
    chroot: ""
    pidfile: ""
    database: ""
    zonesdir: "{self.folder}"
    zonelistfile: "{self.folder}/zone.list"
    xfrdfile: "{self.folder}/xfrd.state"
    xfrdir: "{self.folder}"
    cookie-secret-file: ""
    nsid: "ascii_nsd"
    minimal-responses: yes
    rrl-ratelimit: 0
    xfrd-reload-timeout: 0
    verbosity: 2
remote-control:
    control-enable: no
"""
        for key in self.keys:
            text += f'key:\n    name: "{key.key_name}"\n    algorithm: {key.algorithm}\n    secret: "{key.secret}"\n'
        for zone in self.zones:
            text += f'zone:\n    name: "{zone.origin}"\n    zonefile: "{self.zone_path(zone)}"\n'
            for peer in zone.primaries:
                kind = "AXFR " if zone.axfr_only else ""
                text += f"    request-xfr: {kind}{peer[0]}@{peer[1]} {_key_name(peer[2]) or 'NOKEY'}\n"
                text += f"    allow-notify: 127.0.0.0/8 {_key_name(peer[2]) or 'NOKEY'}\n"
            for peer in zone.notify:
                text += f"    notify: {peer[0]}@{peer[1]} {_key_name(peer[2]) or 'NOKEY'}\n"
            for key in zone.transfer_to:
                text += f"    provide-xfr: 127.0.0.0/8 {_key_name(key) or 'NOKEY'}\n"
        return [program("nsd"), "-d", "-c", self.write("nsd.conf", text)]


class Knot(Rival):
    name = "knot"

    def command(self):
        host, port = self.address
        text = f"""server:
    listen: {host}@{port}
    rundir: "{self.folder}"
    nsid: "knot"
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
database:
    storage: "{self.folder}/db"
log:
  - target: stderr
    any: info
"""
        if self.keys:
            text += "key:\n"
        for key in self.keys:
            text += f"  - id: {key.key_name}\n    algorithm: {key.algorithm}\n    secret: {key.secret}\n"
        remotes, lists, zones = "", "", ""
        for number, zone in enumerate(self.zones):
            zones += f"  - domain: {zone.origin}\n    file: \"{self.zone_path(zone)}\"\n    storage: \"{self.folder}\"\n"
            rules = []
            for kind, peers in (("master", zone.primaries), ("notify", zone.notify)):
                ids = []
                for peer in peers:
                    ids.append(f"r{number}{kind}{len(ids)}")
                    remotes += f"  - id: {ids[-1]}\n    address: {peer[0]}@{peer[1]}\n"
                    remotes += f"    key: {peer[2].key_name}\n" if peer[2] else ""
                    if kind == "master":
                        rules.append(f"a{number}n{len(rules)}")
                        lists += f"  - id: {rules[-1]}\n    address: 127.0.0.0/8\n    action: notify\n"
                        lists += f"    key: {peer[2].key_name}\n" if peer[2] else ""
                if ids:
                    zones += f"    {kind}: [{', '.join(ids)}]\n"
            for key in zone.transfer_to:
                rules.append(f"a{number}t{len(rules)}")
                lists += f"  - id: {rules[-1]}\n    address: 127.0.0.0/8\n    action: transfer\n"
                lists += f"    key: {key.key_name}\n" if key else ""
            if rules:
                zones += f"    acl: [{', '.join(rules)}]\n"
        text += ("remote:\n" + remotes if remotes else "") + ("acl:\n" + lists if lists else "") + "zone:\n" + zones
        return [program("knotd"), "-c", self.write("knot.conf", text)]


class Bind(Rival):
    name = "bind"

    def command(self):
        host, port = self.address
        text = f"""options {{
    directory "{self.folder}";
    listen-on port {port} {{ {host}; }};
    listen-on-v6 {{ none; }};
    pid-file none;
    session-keyfile none;
    managed-keys-directory "{self.folder}";
    recursion no;
    minimal-responses yes;
    dnssec-validation no;
    empty-zones-enable no;
    check-names primary ignore;
    check-names secondary ignore;
    check-integrity no;
    allow-transfer {{ none; }};
    notify explicit;
    notify-delay 0;
    server-id "bind";
    serial-query-rate 1000;
    min-refresh-time 1; max-refresh-time 3600;
    min-retry-time 1; max-retry-time 3600;
    tcp-idle-timeout 100;
}};
controls {{ }};
"""
        text += "".join(key.conf() for key in self.keys)
        for zone in self.zones:
            kind = "secondary" if zone.primaries else "primary"
            text += f'zone "{zone.origin}" {{\n    type {kind};\n    file "{self.zone_path(zone)}";\n'
            if zone.primaries:
                text += f"    primaries {{ {' '.join(self._peer(peer) for peer in zone.primaries)} }};\n"
                text += f"    masterfile-format text; request-ixfr {'no' if zone.axfr_only else 'yes'};\n"
                text += "    allow-notify { 127.0.0.0/8; };\n"
            else:
                text += "    ixfr-from-differences yes;\n"
            if zone.notify:
                text += f"    also-notify {{ {' '.join(self._peer(peer) for peer in zone.notify)} }};\n"
            if zone.transfer_to:
                allowed = " ".join(f'key "{key.key_name}";' if key else "127.0.0.0/8;" for key in zone.transfer_to)
                text += f"    allow-transfer {{ {allowed} }};\n"
            text += "};\n"
        return [program("named"), "-g", "-n", "1", "-c", self.write("named.conf", text)]

    @staticmethod
    def _peer(peer):
        return f'{peer[0]} port {peer[1]}{f" key {chr(34)}{peer[2].key_name}{chr(34)}" if peer[2] else ""};'


KINDS = {kind.name: kind for kind in (Nsd, Knot, Bind)}
