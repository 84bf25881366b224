"""The zones of the dns tests, plain and signed. What is signed is made anew in the test's folder."""
import os
import shutil
import subprocess

from .rivals import Zone, program

HERE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "dns_zones")
RICH, SERVED = "rich.test", "served.rich.test"
# The signer writes these otherwise than Knot reads them; the zone that is not signed has them.
_NOT_SIGNED = ("PX", "NID", "L64")
FLAVOURS = {"nsec": (), "nsec3": ("-3", "-", "-H", "0"), "optout": ("-3", "-", "-H", "0", "-A")}


def plain(folder):
    """Copies of the files: rivals write beside them."""
    place = os.path.join(folder, "zones")
    shutil.copytree(HERE, place, dirs_exist_ok=True)
    return [Zone(RICH, os.path.join(place, "rich.zone")), Zone(SERVED, os.path.join(place, "served.zone"))]


def _run(*command, cwd):
    result = subprocess.run([program(command[0]), *command[1:]], cwd=cwd, capture_output=True, text=True, timeout=60)
    if result.returncode != 0:
        raise AssertionError(f"{' '.join(command)}:\n{result.stdout}{result.stderr}")
    return result.stdout.strip()


def signed(folder, flavour):
    """The rich zone signed with ECDSA P-256, and its plain child."""
    place = os.path.join(folder, f"zones-{flavour}")
    shutil.copytree(HERE, place)
    _run("named-compilezone", "-i", "none", "-k", "ignore", "-o", "flat", RICH, "rich.zone", cwd=place)
    with open(os.path.join(place, "flat"), encoding="utf-8") as file:
        lines = [line for line in file if line.split()[3] not in _NOT_SIGNED]
    # Its signatures would live no longer than they are valid, unlike the set.
    lines = [line for line in lines if not line.startswith("long-ttl.")]
    if flavour != "nsec":
        # It wants to hash the wildcard below each name, and below this one there is no room.
        lines = [line for line in lines if len(line.split()[0]) < 240]
    with open(os.path.join(place, "flat"), "w", encoding="utf-8") as file:
        file.writelines(lines)
    for kind in (("-f", "KSK"), ()):
        _run("dnssec-keygen", "-q", "-a", "ECDSAP256SHA256", *kind, RICH, cwd=place)
    _run("dnssec-signzone", "-S", "-P", "-O", "full", "-o", RICH, *FLAVOURS[flavour], "-f", "signed.zone", "flat",
         cwd=place)
    return [Zone(RICH, os.path.join(place, "signed.zone")), Zone(SERVED, os.path.join(place, "served.zone"))]


def sets(zones):
    """{owner as text: types} of all zones together."""
    out = {}
    for zone in zones:
        folder = os.path.dirname(zone.file)
        flat = os.path.join(folder, zone.origin + ".flat")
        _run("named-compilezone", "-i", "none", "-k", "ignore", "-o", flat, zone.origin, os.path.basename(zone.file),
             cwd=folder)
        with open(flat, encoding="utf-8") as file:
            for line in file:
                fields = line.split()
                if not line.startswith(";"):
                    out.setdefault(fields[0], set()).add(fields[3])
    return out
