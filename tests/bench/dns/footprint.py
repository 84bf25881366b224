"""A zone of a million names: the time to its first answer, and its memory. And a flood beyond what can be answered."""
import threading
import time
from statistics import median

from harness import processes, report, runner

from . import cases, zones


def load(server, place, count):
    """(seconds to the first answer, bytes a name beyond a zone of one)."""
    memory = []
    for names in (1, count):
        took = server.start("zone", place.zone(names), names - 1)
        try:
            # A second later what the load needed for itself is given back.
            time.sleep(1)
            memory.append(processes.memory(server.process.pid, "Pss"))
        finally:
            server.stop()
    return took, (memory[1] - memory[0]) / count


class Watch:
    """While a flood goes on: asks over TCP each 50 ms, and once changes the zone."""

    def __init__(self, server, place):
        self.server = server
        self.place = place
        self.tcp = []  # seconds, or None for no answer
        self.reload = None  # seconds until the new serial was there
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()

    def _run(self):
        time.sleep(0.3)
        self.server.reload(self.place.zone(zones.SMALL, serial=2))
        changed = time.monotonic()
        while not self._over.is_set():
            before = time.monotonic()
            serial = self.server.serial()
            self.tcp.append(time.monotonic() - before if serial else None)
            if serial == 2 and self.reload is None:
                self.reload = time.monotonic() - changed
            self._over.wait(0.05)


def overload(server, place, clients, seconds):
    """Goodput when twice as much is asked as it can answer, and whether TCP and a reload come through. The client could
    not ask so much of a whole core, so the server has half of one."""
    queries = place.asked(zones.SMALL, True)
    capacity = report.speed(cases.flood(server, queries, clients, seconds, 0, 256))
    with Watch(server, place) as watch:
        told = cases.flood(server, queries, clients, seconds, 2 * capacity)
    answered = [took for took in watch.tcp if took is not None]
    return {
        "asked": told["sent"] / seconds, "goodput": told["right"] / seconds, "wrong": told["wrong"],
        "capacity": capacity, "tcp_asked": len(watch.tcp), "tcp_answered": len(answered),
        "tcp_worst": max(answered, default=None), "reload": watch.reload,
    }


def measure(chosen, every, place, clients):
    """Of the servers of zones: load, and overload."""
    out = {"load": {}, "memory": {}, "overload": {}}
    names = zones.SMALL if chosen.quick else zones.LARGE
    out["names"] = names
    able = [one for one in every if "zone" in one.modes]
    for _ in range(1 if chosen.quick else 5):
        for server in able:
            took, each = load(server, place, names)
            out["load"].setdefault(server.name, []).append(took)
            out["memory"].setdefault(server.name, []).append(each)
            runner.say(f"{server.name}: {names:,} names: {took:.2f} s, {each:.0f} bytes a name")
    for server in able:
        seconds = max(1.0, chosen.seconds)
        for _ in range(1 if chosen.quick else 3):
            server.start("zone", place.zone(zones.SMALL), zones.SMALL - 1)
            try:
                with processes.half_a_core(processes.SERVER_CORE):
                    found = overload(server, place, clients, seconds)
            finally:
                server.stop()
            out["overload"].setdefault(server.name, []).append(found)
            runner.say(f"{server.name}: asked {found['asked']:,.0f}/s of {found['capacity']:,.0f}/s, right {found['goodput']:,.0f}/s, TCP "
                       f"{found['tcp_answered']} of {found['tcp_asked']}, reload {found['reload']} s")
    return out


def _share(found):
    return f"{median(one['goodput'] / one['capacity'] for one in found) * 100:.0f} % of {_thousands(found, 'capacity')}"


def _thousands(found, key):
    return f"{median(one[key] for one in found) / 1e3:,.0f} k/s"


def _tcp(found):
    asked, answered = (sum(one[key] for one in found) for key in ("tcp_asked", "tcp_answered"))
    worst = [one["tcp_worst"] for one in found if one["tcp_worst"] is not None]
    return f"{answered} of {asked}" + (f", worst {max(worst) * 1e3:,.0f} ms" if worst else "")


def _reload(found):
    times = [one["reload"] for one in found]
    return "not in time" if None in times else f"{median(times):.2f}"


def rows(data):
    """For the report."""
    rest = data.get("footprint")
    if not rest:
        return []
    names = f"{rest['names']:,} names"
    titles = [(f"{names}: start to first answer, s", "load", lambda v: f"{median(v):.2f}"),
              (f"{names}: bytes of memory (PSS) a name", "memory", lambda v: f"{median(v):,.0f}")]
    if rest["overload"]:
        titles += [("half a core: asked in the flood", "overload", lambda v: _thousands(v, "asked")),
                   ("right answers in it", "overload", _share),
                   ("TCP queries answered in it", "overload", _tcp),
                   ("a changed zone is served in it after, s", "overload", _reload)]
    return [(title, {name: told(values) for name, values in rest[key].items()}) for title, key, told in titles]
