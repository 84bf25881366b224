"""No coroutine is a lambda with captures: the closure is gone while the coroutine still runs."""

import re

from tree import Finding, code_only

_LAMBDA = re.compile(r"(?<![\w\])>])\[(?!\[)([^\[\]]*)\]\s*(?:\((?:[^(){};]|\([^(){};]*\))*\)\s*)?(?:mutable\s*|noexcept\s*)*(?:->[^{};]+)?\{")
# Calls that keep the closure as long as the coroutine runs, as their headers promise.
_KEEPS = re.compile(r"\bserve\w*\(\s*$")
_SUSPENDS = re.compile(r"\bco_(?:await|return|yield)\b")


def _end(code, at):
    """The position behind the brace that closes the one at `at`."""
    depth = 0
    for position in range(at, len(code)):
        depth += {"{": 1, "}": -1}.get(code[position], 0)
        if depth == 0:
            return position + 1
    return len(code)


def _own_body(code, begin, end):
    """The body without those of the lambdas inside it."""
    own = code[begin:end]
    for inner in reversed(list(_LAMBDA.finditer(own))):
        own = own[: inner.end()] + own[_end(own, inner.end() - 1) :]
    return own


def check(tree):
    for path, text in tree.sources():
        code = code_only(text)
        if not _SUSPENDS.search(code):
            continue
        for found in _LAMBDA.finditer(code):
            if not found.group(1).strip() or _KEEPS.search(code[: found.start()][-80:]):
                continue
            if _SUSPENDS.search(_own_body(code, found.end(), _end(code, found.end() - 1))):
                line = code.count("\n", 0, found.start()) + 1
                yield Finding(path, line, "lambda_coroutine", f"[{found.group(1).strip()}] dies first: pass it as an argument, or write a function")


def _file(body):
    return {"core/a.cpp": body}


GOOD = [
    _file("auto f = [](int x) -> Deferred<int> { co_return x; };"),
    _file("auto f = [x] { return x; }; Deferred<void> g() { co_await h(); }"),
    _file("call([x] { start([](int y) -> Deferred<int> { co_return y; }, x); });"),
    _file("serve([x](Stream s) -> Deferred<void> { co_await s.read(x); });"),
    _file("[[nodiscard]] Deferred<void> g() { a[i] = 1; co_await h(); }"),
]
BAD = [
    _file("auto f = [x]() -> Deferred<int> { co_return x; };"),
    _file("call([this, n](std::function<void(int)> done) mutable -> Deferred<void> { if (n) { co_await go(); } });"),
    _file("call([&] { run([=]() -> Deferred<void> { co_await go(); }); });"),
]
