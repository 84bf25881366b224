"""Where NSD and Knot differ: which text we follow.

A rule applies to a case with both answers, and then says what is right: the answer of one of them, or a function that
gives what is wrong with an answer ("" when nothing is). The first rule that applies counts. A difference that no rule
explains fails the test.
"""
from dataclasses import dataclass
from typing import Callable

from . import dns_proofs as proofs
from . import dns_wire as wire
from .dns_queries import view


@dataclass(frozen=True)
class Rule:
    text: str
    applies: Callable  # (case, nsd, knot), both messages
    follow: object  # "nsd", "knot", or a function of (case, reply, {name: reply})
    alone: bool = False  # neither of the two does it

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
    own = [record for record in reply.answer if record.kind not in ("RRSIG", "CNAME") and
           (record.kind != "DNAME" or wire.lower(record.owner) == wire.lower(case.qname))]
    kinds = {record.kind for record in own}
    if reply.rcode != replies["knot"].rcode or not reply.has(wire.AA):
        return "rcode or flags"
    if reply.has(wire.TC):
        return ""
    if not reply.answer or len(kinds) > 1:
        return "not one set"
    if kinds == {"HINFO"} and any(b"RFC8482" in record.rdata for record in reply.answer):
        return ""
    # A set that neither of them chose is compared when it is asked for by its type.
    known = {record.key for record in own if record.kind in {r.kind for one in replies.values() for r in one.answer}}
    return "" if known <= whole else "records that the name has not"


_SERVED = wire.name("served.rich.test.")


def _other_zone(case, nsd, knot):
    """The chain of aliases leads from one of our zones into the other."""
    chain = [wire.lower(case.qname), *(r.target() for r in nsd.answer if r.kind == "CNAME")]
    return len(chain) > 1 and len({wire.under(name, _SERVED) for name in chain}) == 2


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


def _nothing_in_the_other_zone(case, reply, replies):
    """Knot's chain, and then the SOA of the zone that the chain ends in."""
    if reply.rcode not in (0, 3) or not reply.has(wire.AA) or view(reply).answer != view(replies["knot"]).answer:
        return "rcode, flags or answer"
    last = [record.target() for record in reply.answer if record.kind == "CNAME"][-1]
    apex = _SERVED if wire.under(last, _SERVED) else _SERVED[1:]
    right = [wire.lower(record.owner) for record in reply.authority if record.kind == "SOA"] == [apex]
    return "" if right and (case.do or len(reply.authority) == 1) else "authority"


def _beside(right):
    """As the answer of `right`, but for the proofs."""
    def wrong(reply, replies):
        what = compare(reply, replies[right]).split(", ")
        return ", ".join(set(what) - {"authority", ""})
    return wrong


def _star_below_a_hash(case, reply, replies):
    """Knot takes a literal * for the wildcard itself; it is a name below one that does not exist."""
    what = _beside("knot")(reply, replies)
    if what or not case.do:
        return what
    positive = any(record.kind != "CNAME" for record in reply.answer)
    place = next(i for i, label in enumerate(case.qname) if len(label) == 32)
    if not positive and proofs.closest_encloser(reply, case.qname) != case.qname[place + 1:]:
        return "no proof of the closest encloser"
    return "" if proofs.covered(reply, case.qname[place:]) and proofs.signed(reply) else "no proof of the wildcard"


def _star_renamed(case, reply, replies):
    """The same as _star_below_a_hash, behind a DNAME."""
    what = _beside("knot")(reply, replies)
    return what or ("" if view(reply).authority >= view(replies["knot"]).authority else "authority")


def _opted_out(case, reply, replies):
    """Knot gives up, NSD leaves out the NSEC3 record of the encloser."""
    what = _beside("nsd")(reply, replies)
    if what:
        return what
    encloser = proofs.closest_encloser(reply, case.qname)
    if encloser is None or not proofs.signed(reply):
        return "no proof of the closest encloser"
    if reply.rcode == 3 and not any(r.matches((b"*", *encloser)) or r.covers((b"*", *encloser))
                                    for r in proofs.records(reply)):
        return "no word about the wildcard of the closest encloser"
    return ""


RULES = [
    Rule("RFC 6891 section 7: who sent OPT gets OPT, whatever the opcode",
         lambda case, nsd, knot: case.opcode != 0, "knot"),
    Rule("RFC 1034 section 3.6.2: alias loops are not an error of the server; the chain is cut somewhere",
         lambda case, nsd, knot: nsd.answer and knot.answer and (_loops(nsd) or _loops(knot)), _a_bounded_loop),
    Rule("RFC 4035 section 2.5, RFC 2181 section 10.1: RRSIG and NSEC stand beside a CNAME and are not aliased",
         lambda case, nsd, knot: _alias_asked_for("RRSIG", "NSEC")(case, nsd, knot) and
         not any(r.kind == "CNAME" for r in knot.answer), "knot"),
    Rule("RFC 1034 section 4.3.2 step 3a: NSEC3 is a type like others, its query follows the alias, into each zone",
         lambda case, nsd, knot: _alias_asked_for("NSEC3")(case, nsd, knot) and _other_zone(case, knot, nsd),
         _nothing_in_the_other_zone, alone=True),
    Rule("RFC 1034 section 4.3.2 step 3a: an alias goes back to step 1, where the nearest zone is sought anew",
         _other_zone, "nsd"),
    Rule("RFC 6672 section 2.2: a name that DNAME makes too long is YXDOMAIN",
         lambda case, nsd, knot: nsd.rcode == 6 and knot.rcode != 6, "nsd"),
    Rule("RFC 1034 section 4.3.2 step 3a: NSEC3 is a type like others, its query follows the alias",
         _alias_asked_for("NSEC3"), "knot"),
    Rule("RFC 4035 section 3.1.3.4: a * that DNAME has put below a name that is not there is not the wildcard",
         lambda case, nsd, knot: case.do and case.qname[0] == b"*" and not knot.rcode and
         any(r.kind == "DNAME" for r in knot.answer), _star_renamed, alone=True),
    Rule("RFC 4035 section 3.1.3.4: the proof is about the name that DNAME has made",
         lambda case, nsd, knot: case.do and compare(nsd, knot) == "authority" and
         any(r.kind == "DNAME" for r in knot.answer), "knot"),
    Rule("RFC 5155 section 7.2.6, 7.2.5: a * below a name that is not there needs the proof that the name is not there",
         lambda case, nsd, knot: case.do and case.qname[0] == b"*" and _below_a_hash(case, nsd, knot) and
         not knot.rcode, _star_below_a_hash, alone=True),
    Rule("RFC 8482 section 4: a query for ANY gets one set, no matter which",
         lambda case, nsd, knot: case.qtype == "ANY" and nsd.answer and knot.answer, _one_set),
    Rule("RFC 8482 section 4 in spirit: a query for RRSIG gets some signatures of the name",
         lambda case, nsd, knot: case.qtype == "RRSIG" and nsd.answer and knot.answer, _signatures),
    Rule("RFC 5155 section 7.2.8: the owner of an NSEC3 record does not exist, nor does it stop a wildcard",
         _below_a_hash, "knot"),
    Rule("RFC 5155 section 7.2.1: the closest provable encloser, where opt-out left no NSEC3 at an empty non-terminal",
         lambda case, nsd, knot: case.do and not nsd.has(wire.TC) and not knot.authority and not knot.answer,
         _opted_out, alone=True),
    Rule("RFC 5155 section 7.2.3: no data at a name that exists needs the NSEC3 of the name alone; so does a literal *",
         lambda case, nsd, knot: case.do and case.qname[0] == b"*" and not knot.answer, "knot"),
    Rule("RFC 5155 section 7.2.4: no DS in an opted out span needs the record that covers the next closer name",
         lambda case, nsd, knot: case.do and case.qtype == "DS" and not knot.answer and
         compare(nsd, knot) == "authority", "knot"),
    Rule("RFC 9471 section 3.1: a referral has all glue of servers below the cut",
         lambda case, nsd, knot: compare(nsd, knot) == "glue" and knot.edns == nsd.edns, "knot"),
    Rule("RFC 4035 section 3.1.3.3: what comes from a wildcard comes with the proof, NSEC records too",
         lambda case, nsd, knot: case.do and case.qtype == "NSEC" and nsd.answer, "nsd"),
]


def rule_for(case, nsd, knot):
    return next((rule for rule in RULES if rule.applies(case, nsd, knot)), None)


class Unexplained(Exception):
    """NSD and Knot differ, and no rule says why."""


def _truncated(case, reply, replies):
    """RFC 2181 section 9, RFC 9471 section 3.1: what does not fit is told, and only that."""
    differences = [compare(reply, one) for one in replies.values() if one.has(wire.TC)]
    return min(differences, key=len)


def judge(case, reply, replies, whole, again, used=None):
    """"" or what is wrong with `reply`. `replies` are NSD's and Knot's; whole() gives those over TCP, again() ours."""
    if reply.has(wire.TC):
        if any(one.has(wire.TC) for one in replies.values()):
            return _truncated(case, reply, replies)
        # A longer answer than theirs; then it must be right where there is room.
        reply = again()
        if reply.size <= case.room:
            return "truncated, and there is room for it"
    if any(one.has(wire.TC) for one in replies.values()):
        # It found room, or it left out what it must not.
        replies = whole()
    nsd, knot = replies["nsd"], replies["knot"]
    if not compare(nsd, knot) and (case.qtype != "ANY" or not knot.answer):
        return compare(reply, knot)
    rule = rule_for(case, nsd, knot)
    if rule is None:
        raise Unexplained(f"{case}: {compare(nsd, knot)}\nnsd {nsd}\nknot {knot}")
    if used is not None:
        used[rule.text] = used.get(rule.text, 0) + 1
    what = rule.wrong(case, reply, replies)
    return f"{what} ({rule.text})" if what else ""


def is_alone(what):
    """Whether `what`, that judge() gave, comes from a rule that neither NSD nor Knot follows."""
    return any(rule.alone and what.endswith(f"({rule.text})") for rule in RULES)
