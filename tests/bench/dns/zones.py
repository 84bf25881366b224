"""What is served, and what is asked: zones of many names, the same names as a hosts file, and lists of queries."""
import os
import random

ORIGIN = "bench.test"
SMALL, LARGE = 10_000, 1_000_000
A, SOA = 1, 6
_HITS = 0.8


def address(number):
    """In 10.0.0.0/8, so that a wrong answer shows."""
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def name(number):
    return f"h{number:07d}.{ORIGIN}"


class Zones:
    def __init__(self, folder):
        self.folder = folder
        self.queries = {}

    def _path(self, what):
        return os.path.join(self.folder, what)

    def zone(self, count, serial=1):
        """The master file of `count` names."""
        path = self._path(f"{count}-{serial}.zone")
        if not os.path.exists(path):
            with open(path, "w", encoding="ascii") as file:
                file.write(f"$ORIGIN {ORIGIN}.\n$TTL 3600\n@ SOA ns host {serial} 3600 600 86400 300\n@ NS ns\n"
                           "ns A 10.255.255.1\n")
                file.writelines(f"h{number:07d} A {address(number)}\n" for number in range(count))
        return path

    def hosts(self, count):
        path = self._path(f"{count}.hosts")
        if not os.path.exists(path):
            with open(path, "w", encoding="ascii") as file:
                file.writelines(f"{address(number)} {name(number)}\n" for number in range(count))
        return path

    def asked(self, count, misses):
        """A file of queries about `count` names in a random order that is the same in each run."""
        key = (count, misses)
        if key not in self.queries:
            rand = random.Random(1)
            path = self._path(f"{count}-{'mixed' if misses else 'hits'}.queries")
            with open(path, "w", encoding="ascii") as file:
                for _ in range(50_000):
                    number = rand.randrange(count)
                    if misses and rand.random() >= _HITS:
                        file.write(f"x{number:07d}.{ORIGIN} {A} 3\n")
                    else:
                        file.write(f"{name(number)} {A} 0\n")
            self.queries[key] = path
        return self.queries[key]

    def for_dnsperf(self, path):
        """The same queries as dnsperf reads them."""
        out = path + ".dnsperf"
        if not os.path.exists(out):
            with open(path, encoding="ascii") as file, open(out, "w", encoding="ascii") as to:
                to.writelines(f"{line.split()[0]} A\n" for line in file)
        return out
