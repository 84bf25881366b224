"""What is measured under load: lines to a channel. An answer is one line that one member got."""
import json
from dataclasses import dataclass
from statistics import median

from harness import report
from harness.clients import output

IN_FLIGHT = 64


@dataclass(frozen=True)
class Case:
    key: str
    title: str
    members: int
    senders: int
    in_flight: int = IN_FLIGHT

    def run(self, server, clients, seconds):
        """A round; raises when a line was lost, doubled or out of order."""
        try:
            return json.loads(output(
                [clients.own("chat_client"), "fan", str(server.port), str(server.process.pid), server.caps,
                 str(self.members), str(self.senders), str(self.in_flight), str(seconds), str(server.at_once)], seconds))
        except RuntimeError as error:
            raise RuntimeError(f"{server.name}: {self.title}: {error}\n{server.log()}") from None


CASES = tuple(Case(f"{members}x{senders}", f"{members} members, {senders} speaking", members, senders)
              for members in (200, 500) for senders in (1, 10)) + (
    Case("one", "200 members, a line at a time", 200, 1, 1),)


def speed(case, rounds):
    """Lines delivered a second, and how long half and 99 of 100 took."""
    return (f"{median(map(report.speed, rounds)):,.0f}/s, {median(one['p50'] for one in rounds):,.0f} and "
            f"{median(one['p99'] for one in rounds):,.0f} us")
