"""What is measured: all messages of a mailbox, read by one connection, from the connection to the last message."""
import json
import subprocess
from dataclasses import dataclass
from statistics import median

from harness import processes, report

from . import servers


@dataclass(frozen=True)
class Case:
    key: str
    title: str
    protocol: str
    ahead: int
    items: str = ""
    whole: bool = True  # all bytes of the messages come

    def run(self, server, clients):
        """A round; raises when a message did not come, or not whole."""
        command = [clients.own("inbox_client"), self.protocol, str(server.ports[self.protocol]), str(servers.MESSAGES),
                   str(self.ahead), *([self.items] if self.items else [])]
        with processes.on_core(processes.CLIENT_CORE):
            done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        if done.returncode:
            raise RuntimeError(f"{server.name}: {self.title}: {done.stderr.strip()}\n{server.log()}")
        result = json.loads(done.stdout)
        if result["messages"] != servers.MESSAGES or (self.whole and result["bytes"] != servers.MESSAGES * servers.SIZE):
            raise RuntimeError(f"{server.name}: {self.title}: {result['messages']} messages, {result['bytes']} bytes")
        return {"answers": servers.MESSAGES, "seconds": result["seconds"]}


CASES = (
    Case("pop3", "POP3, RETR, 32 ahead", "pop3", 32),
    Case("imap", "IMAP, UID FETCH BODY.PEEK[], 32 ahead", "imap", 32, "(BODY.PEEK[])"),
    Case("imap-one", "IMAP, UID FETCH BODY.PEEK[], one by one", "imap", 1, "(BODY.PEEK[])"),
    Case("imap-all", "IMAP, FETCH 1:* BODY.PEEK[]", "imap", 0, "(BODY.PEEK[])"),
    Case("imap-list", "IMAP, FETCH 1:* (UID FLAGS ENVELOPE)", "imap", 0, "(UID FLAGS ENVELOPE)", False),
)


def speed(case, rounds):
    """Messages read a second."""
    return f"{median(map(report.speed, rounds)):,.0f}/s"
