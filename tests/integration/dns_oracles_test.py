"""NSD and Knot against each other: the rules of support/dns_rules.py explain all their differences.

Where this fails after another version of theirs came, a rule is missing or has become idle; twistdpp has no part in it.
"""
from support import dns_queries, dns_rules, dns_zones, rivals
from support.daemon import DaemonTest, run_tests

RANDOM = 700


class Oracles(DaemonTest):
    def check(self, zones, do):
        seed = dns_queries.seed()
        print(f"TWISTDPP_SEED={seed}")
        voices = {}
        for kind in (rivals.Nsd, rivals.Knot):
            rival = kind(self.folder, zones)
            self.addCleanup(rival.stop)
            voices[rival.name] = dns_queries.Voice(rival.name, rival.start().address)
            self.addCleanup(voices[rival.name].close)
        generator = dns_queries.Generator(dns_zones.sets(zones), seed)
        failures, used, number = [], {}, 0
        for case in [*generator.every(do), *(generator.one() for _ in range(RANDOM))]:
            number = (number + 1) & 0xFFFF
            replies = {name: voice.ask(case, number) for name, voice in voices.items()}
            over_tcp = dns_queries.replace_tcp(case)

            def whole():
                return {name: voice.ask(over_tcp, number) for name, voice in voices.items()}
            try:
                # With each of them in our place: one at least must pass, or the rule asks for what nobody does.
                wrong = [dns_rules.judge(case, reply, replies, whole, lambda: voices[name].ask(over_tcp, number), used)
                         for name, reply in replies.items()]
                if all(wrong) and not dns_rules.is_alone(wrong[0]):
                    failures.append(f"{case}: {wrong}\nnsd {replies['nsd']}\nknot {replies['knot']}")
            except dns_rules.Unexplained as error:
                failures.append(str(error))
        for text, times in sorted(used.items()):
            print(f"{times:5} x {text}")
        self.assertEqual(len(failures), 0, "\n\n".join(failures[:5]))

    def test_plain(self):
        self.check(dns_zones.plain(self.folder), do=False)

    def test_nsec(self):
        self.check(dns_zones.signed(self.folder, "nsec"), do=True)

    def test_nsec3(self):
        self.check(dns_zones.signed(self.folder, "nsec3"), do=True)

    def test_nsec3_opt_out(self):
        self.check(dns_zones.signed(self.folder, "optout"), do=True)


if __name__ == "__main__":
    run_tests()
