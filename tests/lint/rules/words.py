"""Nothing half-done: no notes to do it later, no tests that are switched off."""

import re

from tree import Finding

_PATTERN = re.compile(r"\b(TODO|FIXME|XXX|GTEST_SKIP)\b|\bDISABLED_")
_HERE = "tests/lint/rules/words.py"


def check(tree):
    for path, text in sorted(tree.files.items()):
        if path == _HERE:
            continue
        for number, line in enumerate(text.split("\n"), 1):
            match = _PATTERN.search(line)
            if match:
                yield Finding(path, number, "words", f"{match.group(0)}: finish it or leave it out")


GOOD = [{"a": "mktemp /tmp/x.XXXXXX"}]
BAD = [{"a": f"// {word} later"} for word in ("TODO", "FIXME", "XXX")] + [
    {"a": "TEST(A, DISABLED_b)"},
    {"a": "GTEST_SKIP();"},
]
