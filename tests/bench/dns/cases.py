"""What is measured under load. A case asks one server for some seconds and says how many right answers came."""
import json
import re
from dataclasses import dataclass
from statistics import median

from harness import report
from harness.clients import output

from . import zones


@dataclass(frozen=True)
class Case:
    key: str
    title: str
    mode: str = "zone"
    names: int = zones.SMALL
    misses: bool = True
    client: str = "flood_client"
    in_flight: int = 256
    connections: int = 0
    depth: int = 0

    def path(self, place):
        return place.hosts(self.names) if self.mode == "hosts" else place.zone(self.names)

    def run(self, server, place, clients, seconds):
        """A round: answers, seconds, and what else the client tells; raises when an answer was wrong."""
        queries = place.asked(self.names, self.misses)
        try:
            if self.client == "flood_client":
                return flood(server, queries, clients, seconds, 0, self.in_flight)
            if self.client == "stream_client":
                text = output([clients.own("stream_client"), str(server.port), queries, str(self.connections),
                               str(self.depth), str(seconds)], seconds)
                answers, took = text.split()
                return {"answers": int(answers), "seconds": float(took)}
            return self._dnsperf(server, place.for_dnsperf(queries), clients, seconds)
        except RuntimeError as error:
            raise RuntimeError(f"{server.name}: {self.title}: {error}\n{server.log()}") from None

    def possible(self, clients):
        return self.client != "dnsperf" or clients.find("dnsperf") is not None

    def _dnsperf(self, server, queries, clients, seconds):
        text = output([clients.find("dnsperf"), "-s", "127.0.0.1", "-p", str(server.port), "-d", queries, "-c", "8",
                       "-q", str(self.in_flight), "-T", "1", "-l", str(max(1, round(seconds)))], seconds)
        lost = re.search(r"Queries lost:\s+(\d+)", text)
        done = re.search(r"Queries completed:\s+(\d+)", text)
        took = re.search(r"Run time \(s\):\s+([\d.]+)", text)
        codes = dict(re.findall(r"([A-Z]+) \d+ \(([\d.]+)%\)", text))
        if not done or int(done.group(1)) == 0 or set(codes) - {"NOERROR", "NXDOMAIN"} or float(codes["NOERROR"]) < 75:
            raise RuntimeError(text)
        return {"answers": int(done.group(1)), "seconds": float(took.group(1)), "lost": int(lost.group(1))}


def flood(server, queries, clients, seconds, rate, in_flight=0):
    text = output([clients.own("flood_client"), str(server.port), queries, str(seconds), f"{rate:.0f}",
                   str(in_flight)], seconds)
    return json.loads(text)


CASES = (
    Case("udp", "UDP, 10,000 names, 80 % hits"),
    Case("udp-dnsperf", "the same, dnsperf asks", client="dnsperf"),
    Case("tcp", "TCP, the same, 16 connections 32 deep", client="stream_client", connections=16, depth=32),
    Case("hosts", "hosts file, 10,000 names, hits", mode="hosts", misses=False),
    Case("million", "UDP, 1,000,000 names, 80 % hits", names=zones.LARGE),
)


def speed(case, rounds):
    """Answers a second, and how long half and 99 of 100 took."""
    text = f"{median(map(report.speed, rounds)):,.0f}/s"
    if "p50" in rounds[0]:
        text += f", {median(one['p50'] for one in rounds):,.0f} and {median(one['p99'] for one in rounds):,.0f} us"
    return text
