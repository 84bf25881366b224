"""What is measured: messages that are accepted, by Postfix's own load generator, a connection for each; and such as are sent on, until
the last one has arrived."""
import subprocess
import time
from dataclasses import dataclass
from statistics import median

from harness import report

# A second of the fastest server, so that a round is neither too short to tell nor endless for the slowest.
A_SECOND = {2048: 2000, 102400: 600}


@dataclass(frozen=True)
class Case:
    key: str
    title: str
    connections: int
    size: int
    onward: bool = False

    def run(self, server, seconds):
        """A round; raises when a message was not accepted or is not there."""
        count = max(int(A_SECOND[self.size] * seconds), self.connections)
        before, there = time.perf_counter(), server.sink.count() if self.onward else server.kept()
        to = "joe@elsewhere.test" if self.onward else "joe@example.com"
        done = subprocess.run(
            ["smtp-source", "-s", str(self.connections), "-m", str(count), "-l", str(self.size), "-f", "ann@example.org", "-t",
             to, f"127.0.0.1:{server.port}"], capture_output=True, text=True, timeout=60 + 60 * seconds)
        end = time.monotonic() + 60 + 60 * seconds
        while self.onward and server.sink.count() - there < count and time.monotonic() < end:
            time.sleep(0.01)
        took = time.perf_counter() - before
        if done.returncode or done.stderr:
            raise RuntimeError(f"{server.name}: {self.title}: {done.stderr.strip()}\n{server.log()}")
        if self.onward:
            if server.sink.count() - there != count:
                raise RuntimeError(f"{server.name}: {self.title}: {server.sink.count() - there} of {count} messages have arrived")
        elif there is not None and server.kept() - there != count:
            raise RuntimeError(f"{server.name}: {self.title}: {server.kept() - there} of {count} messages are there")
        return {"answers": count, "seconds": took}


CASES = tuple(Case(f"{connections}x{title.replace(' ', '')}", f"{title}, {connections} connection{'s' if connections > 1 else ''}",
                   connections, size)
              for title, size in (("2 KiB", 2048), ("100 KiB", 102400)) for connections in (1, 10, 50)) + tuple(
    Case(f"relay-{connections}x{title.replace(' ', '')}", f"{title}, sent on, {connections} connections", connections, size, True)
    for title, size in (("2 KiB", 2048), ("100 KiB", 102400)) for connections in (10, 50))


def speed(case, rounds):
    """Messages accepted a second."""
    return f"{median(map(report.speed, rounds)):,.0f}/s"
