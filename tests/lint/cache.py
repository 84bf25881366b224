"""Remembers, by a hash of what was looked at, that a file was found clean; a repeat is then quick."""

import hashlib
from pathlib import Path


class Cache:
    def __init__(self, folder):
        self.folder = Path(folder) if folder else None
        if self.folder:
            self.folder.mkdir(parents=True, exist_ok=True)

    @staticmethod
    def key(*parts):
        digest = hashlib.sha256()
        for part in parts:
            data = part.encode()
            digest.update(b"%d:" % len(data) + data)
        return digest.hexdigest()

    def clean(self, key):
        return bool(self.folder) and (self.folder / key).exists()

    def remember(self, key):
        if self.folder:
            (self.folder / key).touch()
