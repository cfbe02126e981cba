"""What is to be done to the lines of a file, kept outside of memory until all of the list is known."""

from __future__ import annotations

import marshal
import tempfile
from array import array
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

from importer.checking.changes import Change

_IN_MEMORY = 8 << 20
_TOGETHER = 256


class Changes:
    """Changes of one file in the order of its lines; those beyond some megabytes wait in a temporary file."""

    def __init__(self, closing: ExitStack) -> None:
        """`closing` ends the life of the temporary file."""
        self._file = closing.enter_context(tempfile.SpooledTemporaryFile(_IN_MEMORY))  # noqa: SIM115
        self._waiting: list[tuple[Any, ...]] = []
        self._parts: list[int] = []
        """Bytes of each part of the file."""
        self.number = 0

    def add(self, change: Change) -> None:
        """Add one, behind all others; not while they are read."""
        self._waiting.append(tuple(change))
        self.number += 1
        if len(self._waiting) == _TOGETHER:
            part = marshal.dumps(self._waiting)
            self._file.write(part)
            self._parts.append(len(part))
            self._waiting.clear()

    def __iter__(self) -> Iterator[Change]:
        """All of them, in order."""
        self._file.seek(0)
        for size in self._parts:
            for change in marshal.loads(self._file.read(size)):
                yield Change(*change)
        for change in self._waiting:
            yield Change(*change)


class FilePlan:
    """What is known of one file after it was read."""

    def __init__(self, name: str, number: int, closing: ExitStack) -> None:
        self.name, self.number = name, number
        self.encoding = "utf-8"
        self.format = ""
        self.delimiter = -1
        self.found = Changes(closing)
        """What may be done."""
        self.decided = Changes(closing)
        """What is done."""
        self.compared = array("Q")
        """Lines that others may repeat, ascending once they are decided."""
