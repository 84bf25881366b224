"""A file includes its own layer and those below it, as its CMakeLists.txt says; nothing else of ours."""

from tree import Finding, includes


def check(tree):
    for path, text in tree.sources():
        layer = tree.layer_of(path)
        allowed = tree.closure(layer.name) if layer else None
        for line, quoted, header in includes(text):
            if not quoted:
                continue
            if not header.startswith("twistdpp/"):
                if layer:
                    yield Finding(path, line, "layers", f'"{header}": write "twistdpp/{layer.name}/..."')
                continue
            name, _, rest = header.removeprefix("twistdpp/").partition("/")
            target = tree.layers.get(name)
            if not target:
                yield Finding(path, line, "layers", f'"{header}": no layer is called {name}')
            elif allowed is not None and name not in allowed:
                yield Finding(
                    path, line, "layers",
                    f'"{header}": {layer.name} does not depend on {name} (it may use {" ".join(allowed)})',
                )
            elif f"{target.folder}/{rest}" not in tree.files and not (tree.root / target.folder / rest).is_file():
                yield Finding(path, line, "layers", f'"{header}": {target.folder}/{rest} does not exist')


_TREE = {
    "core/base/CMakeLists.txt": "twistdpp_layer(base)",
    "core/net/CMakeLists.txt": "twistdpp_layer(net DEPENDS base LIBRARIES a)\ntwistdpp_layer(ftp DIR core/ftp)",
    "core/base/a.h": "",
}
GOOD = [{**_TREE, "core/net/n.cpp": '#include "twistdpp/base/a.h"\n'}]
BAD = [
    {**_TREE, "core/base/b.h": '#include "twistdpp/net/n.h"\n', "core/net/n.h": ""},
    {**_TREE, "core/net/n.cpp": '#include "twistdpp/base/none.h"\n'},
    {**_TREE, "core/net/n.cpp": '#include "twistdpp/nowhere/a.h"\n'},
    {**_TREE, "core/net/n.cpp": '#include "n.h"\n'},
    {**_TREE, "tests/unit/net/n_test.cpp": '#include "twistdpp/nowhere/a.h"\n'},
]
