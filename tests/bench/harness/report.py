"""Medians of the kept rounds, and the tables of the READMEs."""
from dataclasses import dataclass
from statistics import median
from typing import Callable


@dataclass(frozen=True)
class Told:
    """How one benchmark is told: its cases, and what goes into which column."""

    cases: tuple
    colours: dict  # server -> (dark, light)
    speed: Callable  # (case, rounds): the cell's text about speed
    rest: Callable  # data: rows (title, {server: text}) of what was measured at rest
    end: Callable  # data: the last words about the conditions, or ""


def cpu_us(round_):
    """(user, system) microseconds of CPU an answer."""
    return round_["user"] / round_["answers"] * 1e6, round_["system"] / round_["answers"] * 1e6


def total_us(round_):
    return sum(cpu_us(round_))


def speed(round_):
    return round_["answers"] / round_["seconds"]


def ratio(ours, theirs, of, less_is_better):
    """How many times better ours is: the median of the ratios of the paired rounds; NaN when all were too short to tell."""
    pairs = [(of(a), of(b)) for a, b in zip(ours, theirs)]
    ratios = [b / a if less_is_better else a / b for a, b in pairs if a > 0 and b > 0]
    return median(ratios) if ratios else float("nan")


def _microseconds(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _cell(case, rounds, told):
    users, systems = zip(*map(cpu_us, rounds))
    total = _microseconds(median(map(total_us, rounds)))
    return f"**{total}** ({_microseconds(median(users))} + {_microseconds(median(systems))}), {told.speed(case, rounds)}"


def measured(data, told):
    """(case, {server: rounds}) of the cases that were run."""
    return [(case, data["rounds"][case.key]) for case in told.cases if data["rounds"].get(case.key)]


def markdown(data, told):
    servers = data["servers"]
    rivals = [name for name in servers if name != "twistdpp"] if "twistdpp" in servers else []
    head = ["microseconds of CPU an answer (user + system), speed", *servers, *(f"CPU, x {name}" for name in rivals),
            *(f"speed, x {name}" for name in rivals)]
    lines = ["| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
    for case, rounds in measured(data, told):
        row = [case.title, *(_cell(case, rounds[name], told) if rounds.get(name) else "" for name in servers)]
        for of, less in ((total_us, True), (speed, False)):
            row += [f"{ratio(rounds['twistdpp'], rounds[name], of, less):.2f}" if rounds.get(name) else ""
                    for name in rivals]
        lines.append("| " + " | ".join(row) + " |")
    rows = told.rest(data)
    if rows:
        lines += ["", "| at rest | " + " | ".join(servers) + " |", "|---" * (len(servers) + 1) + "|"]
        lines += [f"| {title} | " + " | ".join(cells.get(name, "") for name in servers) + " |" for title, cells in rows]
    return "\n".join([*lines, "", _conditions(data, told.end(data))])


def _conditions(data, end):
    versions = ", ".join(f"{name} ({version})" for name, version in data["versions"].items())
    return (f"{versions}; one worker each on one core, the client on another; {data['processor']}, Linux "
            f"{data['kernel']}; median of {data['settings']['rounds']} rounds of {data['settings']['seconds']:g} s, the "
            f"servers in turn in each round; a ratio above 1 is in favour of twistdpp{end}.")
