"""What is measured: messages that are accepted, by Postfix's own load generator, a connection for each."""
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

    def run(self, server, seconds):
        """A round; raises when a message was not accepted or is not there."""
        count = max(int(A_SECOND[self.size] * seconds), self.connections)
        before, there = time.perf_counter(), server.kept()
        done = subprocess.run(
            ["smtp-source", "-s", str(self.connections), "-m", str(count), "-l", str(self.size), "-f", "ann@example.org", "-t",
             "joe@example.com", f"127.0.0.1:{server.port}"], capture_output=True, text=True, timeout=60 + 60 * seconds)
        took = time.perf_counter() - before
        if done.returncode or done.stderr:
            raise RuntimeError(f"{server.name}: {self.title}: {done.stderr.strip()}\n{server.log()}")
        if there is not None and server.kept() - there != count:
            raise RuntimeError(f"{server.name}: {self.title}: {server.kept() - there} of {count} messages are there")
        return {"answers": count, "seconds": took}


CASES = tuple(Case(f"{connections}x{title.replace(' ', '')}", f"{title}, {connections} connection{'s' if connections > 1 else ''}",
                   connections, size)
              for title, size in (("2 KiB", 2048), ("100 KiB", 102400)) for connections in (1, 10, 50))


def speed(case, rounds):
    """Messages accepted a second."""
    return f"{median(map(report.speed, rounds)):,.0f}/s"
