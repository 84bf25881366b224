"""Twisted's own parser cuts the descriptions of tests/unit/endpoints/twisted_corpus.h as ours does: the unit test
endpoint_string_test.cpp holds ours against the same lines. Needs Debian's python3-twisted."""

import ast
import os
import re
import sys
from pathlib import Path

SYSTEM_PYTHON = "/usr/bin/python3"

try:
    from twisted.internet import endpoints
except ImportError:
    if os.path.realpath(sys.executable) == os.path.realpath(SYSTEM_PYTHON):
        sys.exit("python3-twisted is not installed: see packaging/packages.sh")
    os.execv(SYSTEM_PYTHON, [SYSTEM_PYTHON, *sys.argv])

CORPUS = Path(__file__).resolve().parent.parent / "unit/endpoints/twisted_corpus.h"
LINE = re.compile(r"^\s*\{(\"(?:[^\"\\]|\\.)*\"), (\"(?:[^\"\\]|\\.)*\")\},$")


def shown(description):
    positional, keywords = endpoints._parse(description)
    return "|".join([*positional, *(f"{name}={value}" for name, value in keywords.items())])


def main():
    cases = [LINE.match(line) for line in CORPUS.read_text().split("\n")]
    cases = [(ast.literal_eval(found[1]), ast.literal_eval(found[2])) for found in cases if found]
    if len(cases) < 30:
        sys.exit(f"only {len(cases)} lines of {CORPUS.name} could be read")
    wrong = [(text, want, shown(text)) for text, want in cases if shown(text) != want]
    for text, want, got in wrong:
        print(f"{text!r}: ours {want!r}, Twisted {got!r}")
    print(f"{len(cases)} descriptions, {len(wrong)} cut in another way")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
