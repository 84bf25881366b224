"""No path of one person's machine in a tracked file."""

import re

from tree import Finding

# People in examples have homes; nobody else has.
_PATTERN = re.compile(r"(?<![\w.$}>*-])(?<!\+ \")/(?:work|Users|home/(?!(?:alice|bob|carol|user)\b)\w+|root/\w+)(?=/|\b)/?")


def check(tree):
    for path, text in sorted(tree.files.items()):
        for number, line in enumerate(text.split("\n"), 1):
            match = _PATTERN.search(line)
            if match and path != "tests/lint/rules/paths.py":
                yield Finding(path, number, "paths", f"{match.group(0)}: a folder of one machine")


GOOD = [{"a": "/var/www services/home/dev/x $root/root/tree /home/alice/public_html ./home/dev"}, {"a": 'folder + "/home/keys"'}]
BAD = [{"a": "cd /Users/dev/tree"}, {"a": 'x = "/home/dev/x"'}, {"a": "/root/tree"}]
