"""A third-party header is included in .cpp files only, and below the one place that owns the library."""

from tree import Finding, includes

# Start of the header -> where it may be included.
OWNERS = {
    "uv.h": ("core/reactor/uv/",),
    "uv/": ("core/reactor/uv/",),
    "openssl/": ("core/net/tls/", "core/cred/"),
    "crypt.h": ("core/cred/",),
    "spdlog/": ("core/app/",),
    "fmt/": ("core/app/",),
    "CLI/": ("daemon/cli.cpp",),
    "zlib.h": ("services/web/",),
    "brotli/": ("services/web/",),
    "zstd.h": ("services/web/",),
    "libssh/": ("services/conch/",),
    "gtest/": (),
    "gmock/": (),
    "benchmark/": (),
}
# The logger's front formats its arguments in the caller's file; fmt/core.h is the light part of fmt.
IN_HEADERS = {("core/app/logger.h", "fmt/core.h")}
CHECKED = ("core/", "services/", "daemon/", "examples/")


def check(tree):
    spdlog = {}
    for path, text in tree.sources():
        if not path.startswith(CHECKED):
            continue
        for line, _, header in includes(text):
            start = next((start for start in OWNERS if header.startswith(start)), None)
            if not start:
                continue
            places = OWNERS[start]
            if not path.startswith(places or ("\0",)):
                where = " or ".join(places) or "tests/"
                yield Finding(path, line, "third_party", f"<{header}> belongs to {where}")
            elif path.endswith(".h") and (path, header) not in IN_HEADERS:
                yield Finding(path, line, "third_party", f"<{header}> in a header: include it in the .cpp")
            elif start == "spdlog/":
                spdlog.setdefault(path, line)
    for path in sorted(spdlog)[1:]:
        yield Finding(path, spdlog[path], "third_party", f"spdlog is already behind {sorted(spdlog)[0]}: one file is enough")


GOOD = [
    {"core/reactor/uv/poller.cpp": "#include <uv.h>\n", "core/net/tls/t.cpp": "#include <openssl/ssl.h>\n"},
    {"core/app/sink.cpp": "#include <spdlog/spdlog.h>\n#include <spdlog/async.h>\n", "daemon/cli.cpp": "#include <CLI/CLI.hpp>\n"},
]
BAD = [
    {"core/reactor/posix/p.cpp": "#include <uv.h>\n"},
    {"core/base/encoding.cpp": "#include <openssl/evp.h>\n"},
    {"core/net/tls/t.h": "#include <openssl/ssl.h>\n"},
    {"core/app/metrics.h": "#include <fmt/core.h>\n"},
    {"core/app/a.cpp": "#include <spdlog/a.h>\n", "core/app/b.cpp": "#include <spdlog/b.h>\n"},
    {"daemon/main.cpp": "#include <CLI/CLI.hpp>\n"},
    {"services/dns/z.cpp": "#include <zlib.h>\n"},
    {"core/base/t.cpp": "#include <gtest/gtest.h>\n"},
]
