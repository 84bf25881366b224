"""What Linux tells of processes: their CPU time and memory, with all their children; and where they run."""
import contextlib
import os
import resource
import subprocess
import sys
from dataclasses import dataclass

_TICK = os.sysconf("SC_CLK_TCK")
_CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE = _CORES[0]
CLIENT_CORE = _CORES[1 % len(_CORES)]


@dataclass(frozen=True)
class Cpu:
    """Seconds."""

    user: float
    system: float

    def __sub__(self, other):
        return Cpu(self.user - other.user, self.system - other.system)


def family(pid):
    """The process and all below it."""
    pids = [pid]
    # A server's child may end while one looks.
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/children", encoding="ascii") as file:
                for child in file.read().split():
                    pids += family(int(child))
    return pids


def cpu(pid):
    """What the process and all below it have used, those that have ended with it."""
    user = system = 0
    for one in family(pid):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            with open(f"/proc/{one}/stat", encoding="utf-8", errors="replace") as file:
                fields = [int(field) for field in file.read().rsplit(")", 1)[1].split()[11:15]]
            user += fields[0] + fields[2]
            system += fields[1] + fields[3]
    return Cpu(user / _TICK, system / _TICK)


class Account:
    """The CPU of a process and of all that it starts, those that nobody waits for as well: a control group of the system's,
    which root alone can make. Falsy where there is none."""

    def __init__(self, pid):
        self.folder = None
        # Of the first version of control groups, and the second.
        for parent, mark in (("/sys/fs/cgroup/cpuacct", "cpuacct.usage_user"), ("/sys/fs/cgroup", "cpu.stat")):
            folder = os.path.join(parent, f"twistdpp-bench-{pid}")
            if not os.path.exists(os.path.join(parent, mark)):
                continue
            with contextlib.suppress(OSError):
                os.mkdir(folder)
                with open(os.path.join(folder, "cgroup.procs"), "w", encoding="ascii") as procs:
                    procs.write(str(pid))
                self.folder = folder
                return

    def __bool__(self):
        return self.folder is not None

    def _read(self, name):
        with open(os.path.join(self.folder, name), encoding="ascii") as file:
            return file.read()

    def cpu(self):
        if os.path.exists(os.path.join(self.folder, "cpuacct.usage_user")):
            return Cpu(int(self._read("cpuacct.usage_user")) / 1e9, int(self._read("cpuacct.usage_sys")) / 1e9)
        stat = dict(line.split() for line in self._read("cpu.stat").splitlines())
        return Cpu(int(stat["user_usec"]) / 1e6, int(stat["system_usec"]) / 1e6)

    def close(self):
        """Once all in it have ended."""
        if self.folder:
            with contextlib.suppress(OSError):
                os.rmdir(self.folder)
        self.folder = None


def memory(pid, what):
    """Bytes of `what` ("Pss", "Private_Dirty") of the process and its children."""
    total = 0
    for one in family(pid):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            with open(f"/proc/{one}/smaps_rollup", encoding="ascii") as file:
                total += sum(int(line.split()[1]) for line in file if line.startswith(what + ":")) * 1024
    return total


@contextlib.contextmanager
def on_core(core):
    """What is started inside runs on that core alone."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


_TAKE_HALF = """
import time
while True:
    until = time.perf_counter() + 0.002
    while time.perf_counter() < until:
        pass
    time.sleep(0.002)
"""


@contextlib.contextmanager
def half_a_core(core):
    """Leaves others half of that core's time: a process takes the other half, before them when they are real-time."""
    policy, priority = os.sched_getscheduler(0), os.sched_getparam(0).sched_priority
    with on_core(core):
        taker = subprocess.Popen([sys.executable, "-c", _TAKE_HALF])
    try:
        if policy != os.SCHED_OTHER:
            os.sched_setscheduler(taker.pid, policy, os.sched_param(priority + 1))
        yield
    finally:
        taker.kill()
        taker.wait()


def allow_open_files(wanted):
    """Raises the limit for this process and those it starts; gives what is allowed now."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, max(wanted, hard)))
        return wanted
    if hard > soft:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard), hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def end(process):
    """Ends a child in order, and by force when it does not."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            for pid in reversed(family(process.pid)):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, 9)
    process.wait()
