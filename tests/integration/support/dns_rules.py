"""Where NSD and Knot differ: which text we follow.

A rule applies to a case with both answers, and then says what is right: the answer of one of them, or a function that
gives what is wrong with an answer ("" when nothing is). The first rule that applies counts. A difference that no rule
explains fails the test.
"""
from dataclasses import dataclass
from typing import Callable

from . import dns_wire as wire
from .dns_queries import view


@dataclass(frozen=True)
class Rule:
    text: str
    applies: Callable  # (case, nsd, knot), both messages
    follow: object  # "nsd", "knot", or a function of (case, reply, {name: reply})

    def wrong(self, case, reply, replies):
        if callable(self.follow):
            return self.follow(case, reply, replies)
        return compare(reply, replies[self.follow])


def compare(reply, right):
    """"" or what differs."""
    ours, theirs = view(reply), view(right)
    differing = ours.differences(theirs)
    # RFC 4035 section 3.1.6 wants CD clear in an authoritative answer; of others it says nothing.
    if differing == ("flags",) and not right.has(wire.AA) and ours.flags ^ theirs.flags == wire.CD:
        return ""
    return ", ".join(differing)


def _names(reply):
    return [wire.lower(record.owner) for record in reply.answer if record.kind in ("CNAME", "DNAME")]


def _loops(reply):
    """Whether the chain of aliases comes back to a DNAME or an alias that it has passed."""
    targets = [record.target() for record in reply.answer if record.kind == "CNAME"]
    return bool(targets) and (len(reply.answer) > 12 or targets[-1] in _names(reply))


def _a_bounded_loop(case, reply, replies):
    shortest = min(replies.values(), key=lambda one: len(one.answer)).answer
    if reply.rcode not in (0, 2) or not reply.has(wire.AA):
        return "rcode or flags"
    if len(reply.answer) > 128:
        return f"{len(reply.answer)} records"
    first = {record.key for record in reply.answer}
    return "" if reply.has(wire.TC) or shortest[0].key in first else "answer"


def _one_set(case, reply, replies):
    """RFC 8482 section 4.1: one RRset of the name, or 4.2: a HINFO record."""
    whole = {record.key for one in replies.values() for record in one.answer}
    kinds = {record.kind for record in reply.answer if record.kind not in ("RRSIG", "CNAME")}
    if reply.rcode != replies["knot"].rcode or not reply.has(wire.AA):
        return "rcode or flags"
    if reply.has(wire.TC):
        return ""
    if not reply.answer or len(kinds) > 1:
        return "not one set"
    if kinds == {"HINFO"} and any(b"RFC8482" in record.rdata for record in reply.answer):
        return ""
    return "" if {record.key for record in reply.answer} <= whole else "records that the name has not"


def _other_zone(case, nsd, knot):
    """The chain of aliases leads from one of our zones into the other."""
    served = wire.name("served.rich.test.")
    chain = [wire.lower(case.qname), *(r.target() for r in nsd.answer if r.kind == "CNAME")]
    return len(chain) > 1 and len({wire.under(name, served) for name in chain}) == 2


def _alias_asked_for(*kinds):
    def applies(case, nsd, knot):
        answers = nsd.answer + knot.answer
        return case.qtype in kinds and any(r.kind == "CNAME" for r in answers) and not case.opcode
    return applies


def _signatures(case, reply, replies):
    if reply.rcode or not reply.has(wire.AA) or not reply.answer:
        return "rcode, flags or no answer"
    return "" if {r.key for r in reply.answer} <= {r.key for r in replies["nsd"].answer} else "answer"


def _below_a_hash(case, nsd, knot):
    """Names of 32 digits in base 32 are owners of NSEC3 records, or as good as those."""
    return any(len(label) == 32 and label.isalnum() for label in case.qname)


RULES = [
    Rule("RFC 6891 section 7: who sent OPT gets OPT, whatever the opcode",
         lambda case, nsd, knot: case.opcode != 0, "knot"),
    Rule("RFC 1034 section 4.3.2 step 3a: an alias goes back to step 1, where the nearest zone is sought anew",
         _other_zone, "nsd"),
    Rule("RFC 6672 section 2.2: a name that DNAME makes too long is YXDOMAIN",
         lambda case, nsd, knot: nsd.rcode == 6 and knot.rcode != 6, "nsd"),
    Rule("RFC 4035 section 2.5, RFC 2181 section 10.1: RRSIG and NSEC stand beside a CNAME and are not aliased",
         _alias_asked_for("RRSIG", "NSEC"), "knot"),
    Rule("RFC 1034 section 4.3.2 step 3a: NSEC3 is a type like others, its query follows the alias",
         _alias_asked_for("NSEC3"), "knot"),
    Rule("RFC 1034 section 3.6.2: alias loops are not an error of the server; the chain is cut somewhere",
         lambda case, nsd, knot: nsd.answer and knot.answer and (_loops(nsd) or _loops(knot)), _a_bounded_loop),
    Rule("RFC 8482 section 4: a query for ANY gets one set, no matter which",
         lambda case, nsd, knot: case.qtype == "ANY" and nsd.answer and knot.answer, _one_set),
    Rule("RFC 8482 section 4 in spirit: a query for RRSIG gets some signatures of the name",
         lambda case, nsd, knot: case.qtype == "RRSIG" and nsd.answer and knot.answer, _signatures),
    Rule("RFC 5155 section 7.2.8: the owner of an NSEC3 record does not exist, nor does it stop a wildcard",
         _below_a_hash, "knot"),
    Rule("RFC 5155 section 7.2.3: no data at a name that exists needs the NSEC3 of the name alone; so does a literal *",
         lambda case, nsd, knot: case.do and case.qname[0] == b"*" and not knot.answer, "knot"),
    Rule("RFC 9471 section 3.1: a referral has all glue of servers below the cut",
         lambda case, nsd, knot: compare(nsd, knot) == "glue" and knot.edns == nsd.edns, "knot"),
    Rule("RFC 5155 section 7.2.1: the closest provable encloser, where opt-out left no NSEC3 at an empty non-terminal",
         lambda case, nsd, knot: case.do and not nsd.has(wire.TC) and not knot.authority and not knot.answer, "nsd"),
    Rule("RFC 4035 section 3.1.3.4: the proof is about the name that DNAME has made",
         lambda case, nsd, knot: case.do and compare(nsd, knot) == "authority" and
         any(r.kind == "DNAME" for r in knot.answer), "knot"),
    Rule("RFC 4035 section 3.1.3.3: what comes from a wildcard comes with the proof, NSEC records too",
         lambda case, nsd, knot: case.do and case.qtype == "NSEC" and nsd.answer, "nsd"),
]


def rule_for(case, nsd, knot):
    return next((rule for rule in RULES if rule.applies(case, nsd, knot)), None)


class Unexplained(Exception):
    """NSD and Knot differ, and no rule says why."""


def _truncated(case, reply, replies):
    """RFC 2181 section 9, RFC 9471 section 3.1: what does not fit is told, and only that."""
    if not any(one.has(wire.TC) for one in replies.values()):
        return "truncated, and the others are not"
    right = next(one for one in replies.values() if one.has(wire.TC))
    return ", ".join(set(compare(reply, right).split(", ")) - {""})


def judge(case, reply, replies, whole, used=None):
    """"" or what is wrong with `reply`. `replies` are NSD's and Knot's; whole() gives those over TCP."""
    if reply.has(wire.TC):
        return _truncated(case, reply, replies)
    if any(one.has(wire.TC) for one in replies.values()):
        # It found room, or it left out what it must not.
        replies = whole()
    nsd, knot = replies["nsd"], replies["knot"]
    if not compare(nsd, knot):
        return compare(reply, knot)
    rule = rule_for(case, nsd, knot)
    if rule is None:
        raise Unexplained(f"{case}: {compare(nsd, knot)}\nnsd {nsd}\nknot {knot}")
    if used is not None:
        used[rule.text] = used.get(rule.text, 0) + 1
    what = rule.wrong(case, reply, replies)
    return f"{what} ({rule.text})" if what else ""
