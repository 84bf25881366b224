"""What every side-by-side benchmark does: options, the servers in turn in each round, and the rounds kept as JSON."""
import argparse
import json
import os
import platform
import signal
import sys
import time

from . import chart, processes, report, server

TREE = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", ".."))
KEPT = os.path.join(TREE, "build", "bench")


def say(text):
    print("bench: " + text, file=sys.stderr, flush=True)


def parser(doc, cases, kinds):
    out = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    out.add_argument("--rounds", type=int, default=5, help="rounds of each case [%(default)s]")
    out.add_argument("--seconds", type=float, default=3, help="length of one measurement [%(default)s]")
    out.add_argument("--server", action="append", choices=list(kinds), help="only this server; repeatable")
    out.add_argument("--case", action="append", choices=[case.key for case in cases],
                     help="only this case; repeatable")
    out.add_argument("--no-footprint", action="store_true", help="leave out start-up time and memory")
    out.add_argument("--quick", action="store_true",
                     help="one short round: shows that all answers are right, says nothing of speed")
    out.add_argument("--daemon", help="the program [build/run/daemon/twistdpp or build/release/daemon/twistdpp]")
    out.add_argument("--markdown", action="store_true", help="print the table as Markdown")
    out.add_argument("--svg", metavar="FILE", help="write the bar chart there")
    out.add_argument("--from", dest="kept", metavar="FILE", help="measure nothing: use the rounds kept there")
    return out


def arguments(made):
    chosen = made.parse_args()
    if chosen.rounds < 1 or chosen.seconds <= 0:
        made.error("--rounds and --seconds must be above 0")
    if chosen.quick:
        chosen.rounds, chosen.seconds = 1, 0.3
    return chosen


def daemon(chosen):
    if chosen.daemon:
        return os.path.abspath(chosen.daemon)
    made = [os.path.join(TREE, "build", preset, "daemon", "twistdpp") for preset in ("run", "release")]
    return next((path for path in made if os.access(path, os.X_OK)), made[0])


def installed(chosen, kinds, make):
    """The servers that were chosen and are there; make(kind, program) makes one."""
    found = []
    for name in chosen.server or kinds:
        program = server.find(kinds[name].program_name or name, daemon(chosen))
        if name == "twistdpp" and not os.access(program, os.X_OK):
            sys.exit(f"bench: no daemon at {program}: build it with ./run --version, or name it with --daemon")
        if program:
            found.append(make(kinds[name], program))
        else:
            say(f"{name} is not installed and left out (packaging/packages.sh bench)")
    if not found:
        sys.exit("bench: none of these servers is installed: packaging/packages.sh bench")
    return found


def alternate(chosen, cases, servers_of, measure):
    """{case: {server: rounds}}; measure(case, server) gives one round, a dict with answers and seconds."""
    rounds = {case.key: {one.name: [] for one in servers_of(case)} for case in cases}
    for number in range(chosen.rounds):
        for case in cases:
            running = servers_of(case)
            # The one that begins changes, so that none is always the one behind a neighbour's noise.
            turn = number % len(running)
            for one in running[turn:] + running[:turn]:
                before = one.cpu()
                round_ = measure(case, one)
                used = one.cpu() - before
                # A client that reads the server's time itself leaves out what comes before and after.
                round_ = {"user": used.user, "system": used.system, **round_}
                rounds[case.key][one.name].append(round_)
                answers, seconds = round_["answers"], round_["seconds"]
                say(f"round {number + 1}/{chosen.rounds}: {case.title}: {one.name}: {answers / seconds:,.0f}/s, "
                    f"{round_['user'] / answers * 1e6:.2f} + {round_['system'] / answers * 1e6:.2f} us")
    return rounds


def _processor():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        return next((line.split(":", 1)[1].strip() for line in file if line.startswith("model name")), "")


def conditions(chosen, servers):
    """What the figures were measured on."""
    return {
        "servers": [one.name for one in servers],
        "versions": {one.name: one.version() for one in servers},
        "processor": _processor(), "kernel": platform.release(), "cores": os.cpu_count(),
        "settings": {"rounds": chosen.rounds, "seconds": chosen.seconds, "quick": chosen.quick},
    }


def keep(data, name):
    os.makedirs(KEPT, exist_ok=True)
    data.setdefault("kept", os.path.join(KEPT, time.strftime(f"{name}-%Y%m%d-%H%M%S.json")))
    with open(data["kept"], "w", encoding="utf-8") as file:
        json.dump(data, file, indent=1)


def main(chosen, measure, told):
    """measure() gives the data; `told` (a report.Told) says how they are told."""
    # The servers are ended on the way out, so there must be one.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        if chosen.kept:
            with open(chosen.kept, encoding="utf-8") as file:
                data = json.load(file)
        else:
            data = measure()
            say(f"the rounds are in {os.path.relpath(data['kept'], TREE)}")
    except (RuntimeError, OSError) as error:
        sys.exit(f"bench: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
    if chosen.svg:
        with open(chosen.svg, "w", encoding="utf-8") as file:
            file.write(chart.svg(data, told))
    if chosen.markdown or not chosen.svg:
        print(report.markdown(data, told))
