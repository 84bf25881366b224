"""No braces, and no lambda that owns what it captures, among the arguments of an awaited call: g++ 12 destroys such a
temporary twice. Captures of references and of `this` have nothing to destroy."""

import re

from tree import Finding, code_only

_OPEN = {"(": ")", "[": "]", "{": "}"}


def _skip(code, at):
    """The position behind the bracket that closes the one at `at`."""
    depth = 0
    while at < len(code):
        if code[at] in _OPEN:
            depth += 1
        elif code[at] in _OPEN.values():
            depth -= 1
            if depth == 0:
                return at + 1
        at += 1
    return at


def _is_lambda_body(before):
    """Whether the brace that follows `before` opens a lambda's body, and not a value."""
    before = re.sub(r"->\s*[\w:<>,&*\s]+$", "", before.rstrip()).rstrip()
    before = re.sub(r"\b(mutable|noexcept)$", "", before).rstrip()
    return before.endswith((")", "]"))


def _braces(code, start):
    """Positions of braced values in the awaited expression that begins at `start`."""
    depth = 0
    at = start
    while at < len(code):
        char = code[at]
        if char == "{":
            if not _is_lambda_body(code[start:at]):
                if depth == 0:
                    return  # `co_await x` as the condition of a block
                yield at
            at = _skip(code, at)
            continue
        if char in "([":
            depth += 1
        elif char in ")]":
            depth -= 1
            if depth < 0:
                return
        elif char in ";}":
            return
        at += 1


_CAPTURES = re.compile(r"[(,]\s*\[([^\[\]]+)\]\s*[({]")


def _owning_lambdas(code, start):
    """Positions of lambdas in the awaited expression that capture something by value."""
    depth, end = 0, start
    while end < len(code) and (code[end] != ";" or depth > 0):
        depth += {"(": 1, "{": 1, ")": -1, "}": -1}.get(code[end], 0)
        if depth < 0:
            break
        end += 1
    for found in _CAPTURES.finditer(code, start, end):
        captures = [each.strip() for each in found.group(1).split(",")]
        if any(not each.startswith("&") and each not in ("this", "*this") for each in captures):
            yield found.start(1)


def check(tree):
    for path, text in tree.sources():
        code = code_only(text)
        for await_ in re.finditer(r"\bco_await\b", code):
            for at in _braces(code, await_.end()):
                line = code.count("\n", 0, at) + 1
                yield Finding(path, line, "co_await", "a braced value in an awaited call: name it first, or give its type a constructor")
            for at in _owning_lambdas(code, await_.end()):
                line = code.count("\n", 0, at) + 1
                yield Finding(path, line, "co_await", "a lambda with captures in an awaited call: name it first")


def _file(body):
    return {"core/a.cpp": body}


GOOD = [
    _file("co_await connect(spec, std::move(protocol));"),
    _file("co_await run(pool, [&x] { work(x); });"),
    _file("auto work = [x] { f(x); }; co_await run(std::move(work));"),
    _file("co_await run([this](int y) mutable -> std::vector<int> { return {y}; });"),
    _file("if (co_await ready()) { go({1}); }"),
    _file("// co_await f({1})\nco_await f(\"{\", '{');"),
    _file("auto n = 1'000; co_await f(n); g({n});"),
]
BAD = [
    _file("co_await f({s, 2});"),
    _file("auto x = co_await f(\n    Options{s, 2});"),
    _file("co_await object.call(a, std::pair{1, 2}).then();"),
    _file("use(co_await f(1, {}));"),
    _file("co_await run(pool, [x] { work(x); });"),
]
