"""A third-party header stays below the one place that owns the library; no header of ours carries it out of there."""

from tree import Finding, includes

# Start of the header -> where it may be included.
OWNERS = {
    "uv.h": ("core/reactor/uv/",),
    "uv/": ("core/reactor/uv/",),
    "openssl/": ("core/net/tls/", "core/cred/", "services/dns/wire/", "services/mail/proof/", "services/web/websocket/"),
    "libpsl.h": ("services/mail/proof/",),
    "crypt.h": ("core/cred/",),
    "spdlog/": ("core/app/",),
    "fmt/": ("core/app/",),
    "CLI/": ("daemon/cli.cpp",),
    "zlib.h": ("services/web/",),
    "brotli/": ("services/web/",),
    "zstd.h": ("services/web/",),
    "libssh/": ("services/conch/",),
    "sqlite3.h": ("services/words/sqlite/",),
    "gtest/": (),
    "gmock/": (),
    "benchmark/": (),
}
# The logger's front formats its arguments in the caller's file; fmt/core.h is the light part of fmt.
CARRIED = {("core/app/logger.h", "fmt/core.h")}
CHECKED = ("core/", "services/", "daemon/", "examples/")


def _owner(header):
    return next((start for start in OWNERS if header.startswith(start)), None)


def _carried(tree, path, seen):
    """(start of a third-party header, the header of ours that includes it) for all that `path` brings along."""
    if path in seen or path not in tree.files:
        return
    seen.add(path)
    for _, quoted, header in includes(tree.files[path]):
        layer, _, rest = header.removeprefix("twistdpp/").partition("/")
        if quoted and layer in tree.layers:
            yield from _carried(tree, f"{tree.layers[layer].folder}/{rest}", seen)
        elif _owner(header) and (path, header) not in CARRIED:
            yield _owner(header), path


def check(tree):
    spdlog = {}
    for path, text in tree.sources():
        if not path.startswith(CHECKED):
            continue
        for line, quoted, header in includes(text):
            start = _owner(header)
            if start:
                if not path.startswith(OWNERS[start] or ("\0",)):
                    where = " or ".join(OWNERS[start]) or "tests/"
                    yield Finding(path, line, "third_party", f"<{header}> belongs to {where}")
                elif start == "spdlog/":
                    spdlog.setdefault(path, line)
                continue
            layer, _, rest = header.removeprefix("twistdpp/").partition("/")
            if not quoted or layer not in tree.layers:
                continue
            for start, through in _carried(tree, f"{tree.layers[layer].folder}/{rest}", set()):
                if not path.startswith(OWNERS[start] or ("\0",)):
                    yield Finding(path, line, "third_party", f'"{header}" carries <{start}...> out of {through}')
    for path in sorted(spdlog)[1:]:
        yield Finding(path, spdlog[path], "third_party", f"spdlog is already behind {sorted(spdlog)[0]}: one file is enough")


_TLS = {"core/net/tls/CMakeLists.txt": "twistdpp_layer(tls)", "core/net/tls/handles.h": "#include <openssl/ssl.h>\n"}
GOOD = [
    {"core/reactor/uv/poller.cpp": "#include <uv.h>\n", "core/net/tls/t.cpp": "#include <openssl/ssl.h>\n"},
    {"core/app/sink.cpp": "#include <spdlog/spdlog.h>\n#include <spdlog/async.h>\n", "daemon/cli.cpp": "#include <CLI/CLI.hpp>\n"},
    {**_TLS, "core/net/tls/a.cpp": '#include "twistdpp/tls/handles.h"\n'},
]
BAD = [
    {"core/reactor/posix/p.cpp": "#include <uv.h>\n"},
    {"core/base/encoding.cpp": "#include <openssl/evp.h>\n"},
    {**_TLS, "daemon/main.cpp": '#include "twistdpp/tls/handles.h"\n'},
    {**_TLS, "core/net/tls/tls.h": '#include "twistdpp/tls/handles.h"\n', "daemon/main.cpp": '#include "twistdpp/tls/tls.h"\n'},
    {"core/app/a.cpp": "#include <spdlog/a.h>\n", "core/app/b.cpp": "#include <spdlog/b.h>\n"},
    {"daemon/main.cpp": "#include <CLI/CLI.hpp>\n"},
    {"services/dns/z.cpp": "#include <zlib.h>\n"},
    {"core/base/t.cpp": "#include <gtest/gtest.h>\n"},
]
