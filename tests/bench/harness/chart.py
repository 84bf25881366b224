"""The bar chart: CPU an answer, each case on a scale of its own."""
from html import escape
from statistics import median

from .report import cpu_us, measured, total_us

_LEFT, _BAR, _STEP, _GAP, _SCALE, _WIDTH = 210, 14, 17, 16, 430, 820
_TOP = 74


def _told(value):
    return f"{value:,.0f} us" if value >= 100 else f"{value:.1f} us"


def svg(data, told):
    servers = data["servers"]
    cases = measured(data, told)
    # A server need not take part in every case.
    heights = [sum(name in rounds for name in servers) * _STEP + _GAP for _, rounds in cases]
    height = _TOP + sum(heights) + 8
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}" viewBox="0 0 {_WIDTH} {height}" '
        'font-family="Helvetica, Arial, sans-serif" role="img">',
        "<title>Microseconds of CPU an answer; shorter is better</title>",
        f'<rect width="{_WIDTH}" height="{height}" rx="8" fill="#ffffff"/>',
        '<text x="20" y="28" font-size="16" font-weight="bold" fill="#1c2128">CPU an answer: shorter is better</text>',
    ]
    x = 20
    for name in servers:
        dark, light = told.colours[name]
        out.append(f'<rect x="{x}" y="42" width="10" height="12" fill="{dark}"/>'
                   f'<rect x="{x + 10}" y="42" width="10" height="12" fill="{light}"/>'
                   f'<text x="{x + 26}" y="52" font-size="12" fill="#1c2128">{name}</text>')
        x += 105
    out.append(f'<text x="{x}" y="52" font-size="12" fill="#57606a">dark: in the server; light: in the kernel</text>')

    for number, (case, rounds) in enumerate(cases):
        top = _TOP + sum(heights[:number])
        totals = {name: median(map(total_us, rounds[name])) for name in servers if name in rounds}
        longest = max(totals.values()) or 1
        middle = top + (len(totals) * _STEP) / 2 + 4
        out.append(f'<text x="{_LEFT - 12}" y="{middle:.0f}" font-size="13" text-anchor="end" fill="#1c2128">'
                   f"{escape(case.title)}</text>")
        for row, name in enumerate(totals):
            y = top + row * _STEP
            dark, light = told.colours[name]
            whole = totals[name] / longest * _SCALE
            share = median(cpu_us(one)[0] / (total_us(one) or 1) for one in rounds[name])
            weight = ' font-weight="bold"' if name == "twistdpp" else ""
            out.append(
                f'<rect x="{_LEFT}" y="{y}" width="{whole:.1f}" height="{_BAR}" fill="{light}"/>'
                f'<rect x="{_LEFT}" y="{y}" width="{whole * share:.1f}" height="{_BAR}" fill="{dark}"/>'
                f'<text x="{_LEFT + whole + 6:.1f}" y="{y + 11}" font-size="11"{weight} fill="#1c2128">'
                f"{_told(totals[name])}</text>")
    out.append("</svg>")
    return "\n".join(out) + "\n"
