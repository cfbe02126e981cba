"""A plan that is written while its requests are made, so that no more than one of them is held in memory.

What stays in memory of a request is what it is called, compared by and told of: some kilobytes. Its hosts are
read again when they are wanted, and are held to the digest that they had.
"""

from __future__ import annotations

import contextlib
import hashlib
import tempfile
import threading
import weakref
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import IO

from importer.errors import ConnectionInvalid, UsageError
from importer.language import said
from importer.planning.plan import Plan, PlannedRequest, footer_line, header_line, record_line
from importer.shown import visible
from importer.version import __version__

_IN_MEMORY = 4 << 20
"""Bytes that wait in memory; more of them wait in a file."""
_PART = 1 << 20


class Store:
    """An open file that several threads read from; it is closed when nobody can read from it any more."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._lock = threading.Lock()
        weakref.finalize(self, _close, file)

    def read(self, at: int, size: int) -> bytes:
        """So many bytes from a place; fewer where the file was cut. Raises UsageError."""
        try:
            with self._lock:
                self._file.seek(at)
                return self._file.read(size)
        except OSError as error:
            raise UsageError(
                said("the plan cannot be read again: {strerror}", strerror=error.strerror or error),
                hint="run the same command again",
            ) from None


def _close(file: IO[bytes]) -> None:
    with contextlib.suppress(OSError):  # a full disk was told when it was written to
        file.close()


@dataclass(frozen=True)
class Stretch:
    """A part of a file."""

    store: Store
    at: int
    size: int

    def read(self) -> bytes:
        """Its bytes. Raises UsageError."""
        return self.store.read(self.at, self.size)

    def parts(self) -> Iterator[bytes]:
        """The same, part by part."""
        for at in range(self.at, self.at + self.size, _PART):
            yield self.store.read(at, min(_PART, self.at + self.size - at))


class PlanKeeper:
    """Writes requests as they come to a file without a name, as they stand in a plan."""

    def __init__(self) -> None:
        self._file: IO[bytes] = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115
        self._store = Store(self._file)
        self._at = 0
        self._total = hashlib.sha256()
        self._requests: list[PlannedRequest] = []
        self._names: set[str] = set()
        self._twice = ""
        self._write(header_line(__version__))

    def add(self, request: PlannedRequest) -> None:
        """Keep a request; its hosts are not held in memory from here on. Raises UsageError."""
        if request.name in self._names:
            self._twice = self._twice or request.name
        self._names.add(request.name)
        self._write(record_line(request))
        hosts = Stretch(self._store, self._at, request.kept.size)
        self._write(request.hosts)
        self._requests.append(replace(request, kept=hosts))

    def plan(self) -> Plan:
        """The plan of all requests. Raises ConnectionInvalid where two of them have the same name."""
        if self._twice:
            raise ConnectionInvalid(
                said("two connections would be named {twice}", twice=visible(self._twice)),
                hint="a list that is split makes NAME_1, NAME_2 ...; choose another name for the other one",
            )
        digest = self._total.hexdigest()
        self._write(footer_line(len(self._requests), digest))
        file = Stretch(self._store, 0, self._at)
        return Plan(tuple(self._requests), known_digest=digest, file=file)

    def _write(self, part: bytes) -> None:
        try:
            self._file.write(part)
            self._file.flush()  # a full disk is told here, and not when it is read
        except OSError as error:
            raise UsageError(
                said("the requests cannot be kept: {strerror}", strerror=error.strerror or error),
                hint="set TMPDIR to a folder with room",
            ) from None
        self._total.update(part)
        self._at += len(part)
