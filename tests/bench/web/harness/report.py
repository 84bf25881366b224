"""Medians of the kept rounds, and the tables of the README."""
from statistics import median

from .cases import CASES


def cpu_us(round_):
    """(user, system) microseconds of CPU an answer."""
    return round_["user"] / round_["answers"] * 1e6, round_["system"] / round_["answers"] * 1e6


def total_us(round_):
    return sum(cpu_us(round_))


def speed(round_):
    return round_["answers"] / round_["seconds"]


def ratio(ours, theirs, of, less_is_better):
    """How many times better ours is: the median of the ratios of the paired rounds."""
    pairs = [(of(a), of(b)) for a, b in zip(ours, theirs)]
    return median(b / a if less_is_better else a / b for a, b in pairs if a > 0 and b > 0)


def _microseconds(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _cell(case, rounds):
    users, systems = zip(*map(cpu_us, rounds))
    per_second = median(map(speed, rounds))
    told = f"{per_second * case.size() / 1e9:.2f} GB/s" if case.bulk else f"{per_second:,.0f}/s"
    total = _microseconds(median(map(total_us, rounds)))
    return f"**{total}** ({_microseconds(median(users))} + {_microseconds(median(systems))}), {told}"


def measured(data):
    """(case, {server: rounds}) of the cases that were run."""
    return [(case, data["rounds"][case.key]) for case in CASES if data["rounds"].get(case.key)]


def markdown(data):
    servers = data["servers"]
    rivals = [name for name in servers if name != "twistdpp"] if "twistdpp" in servers else []
    head = ["microseconds of CPU an answer (user + system), speed", *servers, *(f"CPU, x {name}" for name in rivals),
            *(f"speed, x {name}" for name in rivals)]
    lines = ["| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
    for case, rounds in measured(data):
        row = [case.title, *(_cell(case, rounds[name]) for name in servers)]
        row += [f"{ratio(rounds['twistdpp'], rounds[name], total_us, True):.2f}" for name in rivals]
        row += [f"{ratio(rounds['twistdpp'], rounds[name], speed, False):.2f}" for name in rivals]
        lines.append("| " + " | ".join(row) + " |")
    rest = data.get("footprint", {})
    if rest:
        lines += ["", "| at rest | " + " | ".join(servers) + " |", "|---" * (len(servers) + 1) + "|"]
        rows = (
            ("start to first answer, ms", "first_answer", lambda v: f"{median(v) * 1e3:.1f}"),
            ("memory (PSS), MiB", "resident", lambda v: f"{median(v) / 2**20:.1f}"),
            (f"memory of each of {data['idle']:,} idle connections, bytes", "idle", lambda v: f"{median(v):,.0f}"),
        )
        for title, key, told in rows:
            lines.append(f"| {title} | " + " | ".join(told(rest[key][name]) for name in servers) + " |")
    lines += ["", _conditions(data)]
    return "\n".join(lines)


def _conditions(data):
    versions = ", ".join(f"{name} ({version})" for name, version in data["versions"].items())
    ciphers = ", ".join(sorted(set(data["ciphers"].values())))
    return (f"{versions}; one worker each on one core, the client on another; {data['processor']}, Linux "
            f"{data['kernel']}; median of {data['settings']['rounds']} rounds of {data['settings']['seconds']:g} s, the "
            f"servers in turn in each round; a ratio above 1 is in favour of twistdpp"
            + (f"; TLS: {ciphers}, ECDSA P-256" if ciphers else "") + ".")
