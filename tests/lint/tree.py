"""What the rules look at: the tracked files, and the layers that the CMakeLists.txt files declare."""

import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Finding:
    path: str
    line: int
    rule: str
    text: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.rule}: {self.text}"


@dataclass
class Layer:
    name: str
    folder: str
    depends: list = field(default_factory=list)


class Tree:
    """Files by their path below the root. The self-tests make one from a dict, so no rule reads the disk itself."""

    def __init__(self, files, root=ROOT):
        self.root = root
        self.files = files
        self._layers = None

    @classmethod
    def tracked(cls, root=ROOT):
        listed = subprocess.run(
            ["git", "-c", f"safe.directory={root}", "-C", str(root), "ls-files", "-z"],
            check=True, capture_output=True, text=True,
        ).stdout
        files = {}
        for name in listed.split("\0"):
            path = root / name
            if not name or path.is_symlink() or not path.is_file():
                continue
            data = path.read_bytes()
            if b"\0" not in data:
                files[name] = data.decode("utf-8", errors="replace")
        return cls(files, root)

    def sources(self, *suffixes):
        """(path, text) of the C++ files, or of those with the given suffixes."""
        wanted = suffixes or (".h", ".cpp")
        return [(path, text) for path, text in sorted(self.files.items()) if path.endswith(wanted)]

    @property
    def layers(self):
        """name -> Layer, as twistdpp_layer(NAME DIR d DEPENDS a b ...) declares them."""
        if self._layers is None:
            self._layers = {}
            for path, text in self.files.items():
                if path.endswith("CMakeLists.txt"):
                    self._read(path, re.sub(r"#.*", "", text))
        return self._layers

    def _read(self, path, text):
        here = path.rpartition("/")[0]
        for call in re.finditer(r"\btwistdpp_layer\(([^()]*)\)", text):
            words = call.group(1).split()
            if not words or "$" in words[0]:
                continue
            layer = Layer(words[0], here)
            keyword = ""
            for word in words[1:]:
                if word in ("DIR", "DEPENDS", "LIBRARIES", "SOURCES", "EXCLUDE"):
                    keyword = word
                elif keyword == "DEPENDS":
                    layer.depends.append(word)
                elif keyword == "DIR":
                    layer.folder = self._folder(word, here)
            self._layers[layer.name] = layer

    @staticmethod
    def _folder(word, here):
        word = word.replace("${CMAKE_CURRENT_SOURCE_DIR}", here)
        word = word.replace("${CMAKE_SOURCE_DIR}/", "").replace("${PROJECT_SOURCE_DIR}/", "")
        return word.strip('"/')

    def layer_of(self, path):
        """The layer whose folder is nearest above the file; None outside all of them."""
        best = None
        for layer in self.layers.values():
            if path.startswith(layer.folder + "/") and (not best or len(layer.folder) > len(best.folder)):
                best = layer
        return best

    def closure(self, name):
        """The layer and all that it may include."""
        seen = []
        todo = [name]
        while todo:
            at = todo.pop(0)
            if at not in seen and at in self.layers:
                seen.append(at)
                todo += self.layers[at].depends
        return seen


def includes(text):
    """(line number, whether quoted, header) of each #include line."""
    for number, line in enumerate(text.split("\n"), 1):
        match = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
        if match:
            yield number, match.group(1) == '"', match.group(2)


_LITERAL = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"([^(\s]*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', re.DOTALL
)


def code_only(text):
    """The text with comments and the insides of literals blanked, every position and line as before."""

    def blank(match):
        found = match.group(0)
        if found[0] == "'" and match.start() and text[match.start() - 1].isalnum():
            return found  # a digit separator
        return re.sub(r"[^\n]", " ", found)

    return _LITERAL.sub(blank, text)
