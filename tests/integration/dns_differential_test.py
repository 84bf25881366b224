"""The rich zone, plain and signed, served by twistdpp, NSD and Knot: thousands of generated queries, one answer.

Where NSD and Knot agree, twistdpp agrees with them: rcode, flags, answer and authority sets, and the glue that a referral
needs. Where they differ, support/dns_rules.py says which text is followed. TWISTDPP_SEED=N repeats a run.
"""
import re

from support import dns_queries, dns_rules, dns_wire as wire, dns_zones, rivals
from support.daemon import DaemonTest, run_tests

RANDOM = 1500
# The differences of one run that are shown in full.
SHOWN = 8


class Differential(DaemonTest):
    def voices(self, zones):
        out = {}
        for kind in (rivals.Nsd, rivals.Knot):
            rival = kind(self.folder, zones)
            self.addCleanup(rival.stop)
            out[rival.name] = dns_queries.Voice(rival.name, rival.start().address)
        options = [word for zone in zones for word in ("--bindzone", f"{zone.origin}={zone.file}")]
        daemon = self.foreground("dns", "-p", "0", "-i", "127.0.0.1", *options)
        port = int(re.search(r"udp 127\.0\.0\.1:(\d+)", daemon.log).group(1))
        out["twistdpp"] = dns_queries.Voice("twistdpp", ("127.0.0.1", port))
        for voice in out.values():
            self.addCleanup(voice.close)
        return out

    def whole(self, voices, case, number):
        over_tcp = dns_queries.replace_tcp(case)
        return {name: voices[name].ask(over_tcp, number) for name in ("nsd", "knot")}

    def compare(self, zones, do):
        seed = dns_queries.seed()
        print(f"TWISTDPP_SEED={seed}")
        generator = dns_queries.Generator(dns_zones.sets(zones), seed)
        voices = self.voices(zones)
        wrong, unexplained, used, count = [], [], {}, 0
        for case in [*generator.every(do), *(generator.one() for _ in range(RANDOM))]:
            count += 1
            number = count & 0xFFFF
            replies = {name: voice.ask(case, number) for name, voice in voices.items()}
            ours = replies.pop("twistdpp")
            try:
                what = self.strict(case, number, ours) or dns_rules.judge(
                    case, ours, replies, lambda: self.whole(voices, case, number),
                    lambda: voices["twistdpp"].ask(dns_queries.replace_tcp(case), number), used)
            except dns_rules.Unexplained as error:
                unexplained.append(str(error))
                continue
            if what:
                wrong.append(f"{case}: {what}\ntwistdpp {ours}\n" +
                             "\n".join(f"{name} {reply}" for name, reply in replies.items()))
        for text, times in sorted(used.items()):
            print(f"{times:5} x {text}")
        self.assertEqual(unexplained, [], "NSD and Knot differ without a rule")
        if wrong:
            self.fail(f"{len(wrong)} of {count} answers differ, TWISTDPP_SEED={seed}:\n" + "\n\n".join(wrong[:SHOWN]))

    @staticmethod
    def strict(case, number, reply):
        """What no other server need be asked about."""
        if reply is None:
            return "no answer"
        if reply.ident != number or not reply.has(wire.QR) or reply.opcode != case.opcode:
            return "not the answer to this query"
        if reply.problems:
            return "; ".join(reply.problems)
        # Byte for byte, so that a client that sends letters in a random case knows its answer.
        if reply.questions != [(case.qname, wire.type_number(case.qtype), case.cls)]:
            return "not the same question"
        if reply.size > case.room:
            return f"longer than {case.room} bytes"
        if (reply.edns is None) != (case.edns is None):
            return "OPT, or none, against what was asked"
        for section in (reply.answer, reply.authority, reply.additional):
            keys = [record.key for record in section]
            if len(keys) != len(set(keys)):
                return "a record twice"
        return ""

    def test_plain(self):
        self.compare(dns_zones.plain(self.folder), do=False)

    def test_nsec(self):
        self.compare(dns_zones.signed(self.folder, "nsec"), do=True)

    def test_nsec3(self):
        self.compare(dns_zones.signed(self.folder, "nsec3"), do=True)

    def test_nsec3_opt_out(self):
        self.compare(dns_zones.signed(self.folder, "optout"), do=True)


if __name__ == "__main__":
    run_tests()
