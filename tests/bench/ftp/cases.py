"""What is measured: a large file each way, small ones by one session, and logins."""
import json
import subprocess
import time
from dataclasses import dataclass
from statistics import median

from harness import processes, report

from . import servers

LARGE_MIB = 1024
SMALL = 1000
LOGINS = 1000


@dataclass(frozen=True)
class Case:
    key: str
    title: str
    arguments: tuple
    tls: bool = False

    def run(self, server, clients):
        """A round; raises when something is not whole."""
        command = [clients.own("ftp_load"), self.arguments[0], str(server.port), *map(str, self.arguments[1:]), *(["tls"] if self.tls else [])]
        with processes.on_core(processes.CLIENT_CORE):
            done = subprocess.run(command, capture_output=True, text=True, timeout=300)
        if done.returncode:
            raise RuntimeError(f"{server.name}: {self.title}: {done.stderr.strip()}\n{server.log()}")
        result = json.loads(done.stdout)
        time.sleep(0.2)  # what a session's processes do at their end counts
        large = self.arguments[0] in ("retr", "stor")
        if large and result["done"] != LARGE_MIB << 20:
            raise RuntimeError(f"{server.name}: {self.title}: {result['done']} bytes")
        return {"answers": LARGE_MIB if large else result["done"], "seconds": result["seconds"]}


CASES = (
    Case("retr", "RETR of 1 GiB", ("retr", "large")),
    Case("stor", "STOR of 16 x 64 MiB", ("stor", "up/new", LARGE_MIB)),
    Case("small", "RETR of 1 KiB, one session", ("small", SMALL)),
    Case("logins", "logins, 16 clients", ("logins", LOGINS)),
    Case("retr-tls", "RETR of 1 GiB, TLS", ("retr", "large"), True),
    Case("stor-tls", "STOR of 16 x 64 MiB, TLS", ("stor", "up/new", LARGE_MIB), True),
)


def speed(case, rounds):
    """MiB a second, or files or logins."""
    unit = " MiB/s" if case.arguments[0] in ("retr", "stor") else "/s"
    return f"{median(map(report.speed, rounds)):,.0f}{unit}"


def servers_of(case, every):
    return [one for one in every if one.tls or not case.tls]

