"""What is measured under load. A case asks one server for one file for some seconds and says how many answers came."""
import re
from dataclasses import dataclass
from statistics import median

from harness import report
from harness.clients import output

from .site import LARGE, MIDDLE, SIZES, SMALL

CLOSE = "Connection: close"


@dataclass(frozen=True)
class Case:
    key: str
    title: str
    path: str
    connections: int
    tls: bool = False
    headers: tuple = ()
    client: str = "wrk"
    depth: int = 1
    bulk: bool = False  # speed is told in bytes, not in answers

    def size(self):
        return SIZES[self.path]

    def possible(self, clients):
        return self.client != "wrk" or clients.find("wrk") is not None

    def run(self, server, clients, seconds):
        """(answers, seconds); raises when an answer was wrong."""
        if self.client == "wrk":
            return self._wrk(server, clients, max(1, round(seconds)))
        port = str(server.tls_port if self.tls else server.port)
        depth = [str(self.depth)] if self.client == "pipeline_client" else []
        text = output([clients.own(self.client), port, self.path, str(self.connections), *depth, str(seconds)],
                       seconds)
        answers, took = text.split()
        return int(answers), float(took)

    def _wrk(self, server, clients, seconds):
        fields = [part for field in self.headers for part in ("-H", field)]
        text = output([clients.find("wrk"), "-t1", f"-c{self.connections}", f"-d{seconds}s", *fields,
                        server.url(self.path, self.tls)], seconds)
        wrong = re.search(r"Non-2xx.*|Socket errors: (?!connect 0, read 0, write 0, timeout 0).*", text)
        found = re.search(r"(\d+) requests in ([\d.]+)(m?s)", text)
        if wrong or not found or found.group(1) == "0":
            raise RuntimeError(f"{server.name}: {self.title}: {wrong.group(0) if wrong else text}")
        return int(found.group(1)), float(found.group(2)) / (1000 if found.group(3) == "ms" else 1)


CASES = (
    Case("keepalive", "1 KiB, keep-alive", SMALL, 64),
    Case("pipelined", "1 KiB, pipelined 16 deep", SMALL, 16, client="pipeline_client", depth=16),
    Case("middle", "64 KiB, keep-alive", MIDDLE, 64),
    Case("large", "10 MiB", LARGE, 8, client="pipeline_client", bulk=True),
    Case("close", "1 KiB, a connection each", SMALL, 64, headers=(CLOSE,)),
    Case("tls-keepalive", "TLS, 1 KiB, keep-alive", SMALL, 64, tls=True),
    Case("tls-large", "TLS, 10 MiB", LARGE, 8, tls=True, bulk=True),
    Case("tls-handshake", "TLS, a handshake each", SMALL, 8, tls=True, headers=(CLOSE,), client="handshake_client"),
)


def speed(case, rounds):
    """Answers or bytes a second, as text."""
    per_second = median(map(report.speed, rounds))
    return f"{per_second * case.size() / 1e9:.2f} GB/s" if case.bulk else f"{per_second:,.0f}/s"
