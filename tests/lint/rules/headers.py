"""Each header compiles alone, with no more in reach than its layer may include."""

import os
import re
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from cache import Cache
from tree import ROOT, Finding, includes

COMPILER = os.environ.get("CXX", "g++")
FLAGS = ["-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", "-Wpedantic", "-x", "c++", "-"]


def _reach(tree, header, seen):
    """The project's headers that `header` includes, itself among them."""
    if header in seen or header not in tree.files:
        return seen
    seen.add(header)
    for _, quoted, name in includes(tree.files[header]):
        layer, _, rest = name.removeprefix("twistdpp/").partition("/")
        if quoted and layer in tree.layers:
            _reach(tree, f"{tree.layers[layer].folder}/{rest}", seen)
    return seen


def _folders(tree, root, into):
    """Include folders, one a layer, that hold a link to it: as packaging/cmake/Layers.cmake makes them."""
    for layer in tree.layers.values():
        link = into / layer.name / "twistdpp" / layer.name
        link.parent.mkdir(parents=True)
        link.symlink_to(root / layer.folder, target_is_directory=True)


def _compile(tree, path, roots):
    layer = tree.layer_of(path)
    name = path.removeprefix(layer.folder + "/")
    flags = [f"-I{roots / below}" for below in tree.closure(layer.name)]
    run = subprocess.run(
        [COMPILER, *flags, *FLAGS], input=f'#include "twistdpp/{layer.name}/{name}"\n', capture_output=True, text=True
    )
    if run.returncode == 0 and not run.stderr:
        return None
    where = re.search(r"^(\S+?):(\d+):\d+: (?:fatal )?(?:error|warning): (.*)$", run.stderr, re.MULTILINE)
    said = where.group(3) if where else (run.stderr.strip().split("\n") or ["?"])[-1]
    inside = re.search(rf"{re.escape(name)}:(\d+)", where.group(0)) if where else None
    return Finding(path, int(inside.group(1)) if inside else 1, "headers", f"not self-contained: {said}")


def check(tree):
    version = subprocess.run([COMPILER, "--version"], capture_output=True, text=True).stdout
    on_disk = tree.root == ROOT
    cache = Cache(ROOT / "build/lint/headers" if on_disk else None)
    with tempfile.TemporaryDirectory(prefix="lint.") as scratch:
        root = tree.root
        if not on_disk:
            root = Path(scratch) / "tree"
            for path, text in tree.files.items():
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                (root / path).write_text(text)
        roots = Path(scratch) / "include"
        _folders(tree, root, roots)
        todo = []
        for path, _ in tree.sources(".h"):
            layer = tree.layer_of(path)
            if not layer:
                continue
            reach = sorted(_reach(tree, path, set()))
            parts = [part for name in reach for part in (name, tree.files[name])]
            key = Cache.key(version, *FLAGS, path, *tree.closure(layer.name), *parts)
            if not cache.clean(key):
                todo.append((path, key))
        with ThreadPoolExecutor(2) as pool:
            results = pool.map(lambda item: _compile(tree, item[0], roots), todo)
            for (_, key), finding in zip(todo, results):
                if finding:
                    yield finding
                else:
                    cache.remember(key)


_CMAKE = {"core/base/CMakeLists.txt": "twistdpp_layer(base)"}
GOOD = [{**_CMAKE, "core/base/a.h": "#pragma once\n#include <string>\ninline std::string a;\n"}]
BAD = [{**_CMAKE, "core/base/a.h": "#pragma once\ninline std::string a;\n"}]
