"""The C++ files stand as clang-format writes them."""

import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor

from cache import Cache
from tree import ROOT, Finding

_STYLE = (ROOT / ".clang-format").read_text()


def _run(path, text):
    run = subprocess.run(
        ["clang-format", "--dry-run", "-Werror", f"--assume-filename={ROOT / path}"], input=text, capture_output=True, text=True
    )
    if run.returncode == 0:
        return None
    where = re.search(r":(\d+):\d+: (?:error|warning): (.*)", run.stderr)
    said = where.group(2) if where else run.stderr.strip()
    return Finding(path, int(where.group(1)) if where else 1, "format", f"{said}; run: clang-format -i {path}")


def check(tree):
    if not shutil.which("clang-format"):
        yield Finding(".clang-format", 1, "format", "clang-format is not installed")
        return
    version = subprocess.run(["clang-format", "--version"], capture_output=True, text=True).stdout
    cache = Cache(ROOT / "build/lint/format" if tree.root == ROOT else None)
    todo = []
    for path, text in tree.sources():
        key = Cache.key(version, _STYLE, path, text)
        if not cache.clean(key):
            todo.append((path, text, key))
    with ThreadPoolExecutor(2) as pool:
        for (_, _, key), finding in zip(todo, pool.map(lambda item: _run(*item[:2]), todo)):
            if finding:
                yield finding
            else:
                cache.remember(key)


GOOD = [{"a.cpp": "int a = f(1, 2);\n"}]
BAD = [{"a.cpp": "int  a = f( 1,2 );\n"}]
