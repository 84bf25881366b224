"""Many clients that have logged in and say nothing: what each of them costs."""
import json
import subprocess
import time

from harness import processes, runner

MANY = 1000


def measure(every, clients):
    out = {}
    for server in every:
        # What it has freed before would be used again.
        server.stop()
        server.start()
        before = processes.memory(server.process.pid, "Pss")
        with processes.on_core(processes.CLIENT_CORE):
            crowd = subprocess.Popen([clients.own("ftp_load"), "idle", str(server.port), str(MANY)], stdin=subprocess.PIPE,
                                     stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            if not json.loads(crowd.stdout.readline() or "{}"):
                raise RuntimeError(f"{server.name}: {crowd.stderr.read().strip()}\n{server.log()}")
            time.sleep(1)
            out[server.name] = (processes.memory(server.process.pid, "Pss") - before) / MANY
        finally:
            crowd.stdin.close()
            crowd.wait()
        runner.say(f"{server.name}: {out[server.name]:,.0f} bytes of memory for a session")
    return out


def rows(data):
    rest = data.get("footprint")
    return [(f"{MANY:,} idle sessions: bytes of memory (PSS) each", {name: f"{value:,.0f}" for name, value in rest.items()})] if rest else []
