"""Many clients that say nothing: how fast they come in, and what they cost."""
import json
import subprocess
import time
from statistics import median

from harness import processes, runner

MANY = 10_000


def _crowd(server, clients, count):
    """(seconds for all logins, CPU microseconds of one, bytes of memory each)."""
    before = processes.memory(server.process.pid, "Pss")
    used = processes.cpu(server.process.pid)
    with processes.on_core(processes.CLIENT_CORE):
        crowd = subprocess.Popen([clients.own("chat_client"), "logins", str(server.port), str(count), str(server.at_once)],
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        line = crowd.stdout.readline()
        if not line:
            raise RuntimeError(f"{server.name}: {crowd.stderr.read().strip()}\n{server.log()}")
        took = json.loads(line)["seconds"]
        cpu = processes.cpu(server.process.pid) - used
        time.sleep(1)
        each = (processes.memory(server.process.pid, "Pss") - before) / count
    finally:
        crowd.stdin.close()
        crowd.wait()
    return took, (cpu.user + cpu.system) / count * 1e6, each


def measure(chosen, every, clients):
    out = {"start": {}, "logins": {}, "cpu": {}, "memory": {}, "rest": {}, "many": MANY}
    count = 200 if chosen.quick else MANY
    out["many"] = count
    for _ in range(1 if chosen.quick else 5):
        for server in every:
            took = server.start()
            try:
                out["start"].setdefault(server.name, []).append(took)
                out["rest"].setdefault(server.name, []).append(processes.memory(server.process.pid, "Pss"))
            finally:
                server.stop()
    for _ in range(1 if chosen.quick else 3):
        for server in every:
            server.start()
            try:
                took, cpu, each = _crowd(server, clients, count)
            finally:
                server.stop()
            for key, value in (("logins", took), ("cpu", cpu), ("memory", each)):
                out[key].setdefault(server.name, []).append(value)
            runner.say(f"{server.name}: {count:,} logins: {took:.2f} s, {cpu:.0f} us of CPU and {each:,.0f} bytes each")
    return out


def rows(data):
    rest = data.get("footprint")
    if not rest:
        return []
    many = f"{rest['many']:,}"
    return [(title, {name: told(median(values)) for name, values in rest[key].items()}) for title, key, told in (
        ("start to the first client let in, ms", "start", lambda v: f"{v * 1e3:.1f}"),
        ("memory (PSS) without clients, MiB", "rest", lambda v: f"{v / 2**20:.1f}"),
        (f"{many} logins, s", "logins", lambda v: f"{v:.2f}"),
        ("CPU of one, us", "cpu", lambda v: f"{v:.0f}"),
        (f"{many} idle clients: bytes of memory (PSS) each", "memory", lambda v: f"{v:,.0f}"))]
