"""Plan files read again, one request at a time: only what is exactly as it was written is a plan.

A file is a plan if it is, byte for byte, what would be written for what it says: one that was edited or cut
is refused, and the error names the line. The digest finds accidents; it cannot find a forgery, since anybody
can compute one. So bodies and hosts are held to the rules of the service here as well.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import IO, Any, NoReturn

from importer import limits
from importer.checking.threads import in_order, useful
from importer.errors import ConnectionInvalid, PlanError
from importer.language import said
from importer.planning.host_lines import first_fault, first_repeat, host_block, hosts_of
from importer.planning.plan import (
    Plan,
    PlannedRequest,
    footer_line,
    header_line,
    planned_request,
    record_line,
)
from importer.planning.plan_keeping import Store, Stretch
from importer.planning.updates import update_of_record
from importer.shown import shown
from importer.system import open_regular

_LAST_BEGINS = b'{"requests": '
_LONGEST_MIB = 16
"""MiB of one line; the longest ones name many source files."""
_LARGEST = limits.MAX_HOSTS * len(
    host_block([{"ip": "255.255.255.255", "name": "n" * limits.MAX_NAME_CHARS}])
)
"""Bytes of the hosts of one request."""
_EDITED = "a line was changed, added or removed"


def read_plan(path: str) -> Plan:
    """A plan as it was written; its hosts stay in the file. Raises PlanError for anything else."""
    try:
        file = open_regular(path)
        try:
            reading = _Reading(file, path, Store(file))
            return Plan(tuple(reading.requests()), reading.version, reading.digest)
        except BaseException:
            file.close()  # what is thrown holds the store for as long as anybody holds it
            raise
    except OSError as error:
        raise PlanError(
            said("{path}: cannot be read: {strerror}", path=path, strerror=error.strerror or error),
            hint="check the path",
        ) from None


Piece = Callable[[], PlannedRequest]
"""A request that is still to be judged, on whatever thread has time."""


class _Reading:
    """A plan file, line by line."""

    def __init__(self, file: IO[bytes], path: str, store: Store) -> None:
        self._path = path
        self._file = file
        self._store = store
        self._total = hashlib.sha256()
        self._number = 0
        """Of the last line that was read, from 1."""
        self.digest = ""
        """That of the plan; known when its end was read."""
        line = self._next()
        tool = self._object(line).get("tool")
        self.version = str(tool.get("version")) if isinstance(tool, dict) else ""
        """Of the program that made the plan."""
        if line != header_line(self.version):
            raise self.fault("is not the first line of a plan that this version can read")
        self._total.update(line)

    def requests(self) -> Iterator[PlannedRequest]:
        """Each request, once it is known to be as it was written; several are judged at a time.

        Raises PlanError behind the last one if the file as a whole is not.
        """
        return in_order(self._pieces(), useful() + 1)

    def _pieces(self) -> Iterator[Piece]:
        """The requests as they stand in the file, each to be judged; a fault is raised in its turn."""
        names: set[str] = set()
        try:
            while not (line := self._next()).startswith(_LAST_BEGINS):
                yield self._request(line, names)
            self.digest = self._total.hexdigest()
            if line != footer_line(len(names), self.digest):
                raise self.fault(said("the digest is not that of the lines above: {EDITED}", EDITED=_EDITED))
            if self._file.read(1):
                raise self.fault("this is the last line of the plan, and more lines follow")
        except PlanError as error:
            yield partial(_raise, error)

    def fault(self, text: str, *, line: int = 0) -> PlanError:
        """An error that names the line, the last one that was read if no other is given."""
        place = said("line {line}", line=line or self._number)
        return PlanError(
            f"{self._path}: {place}: {text}", hint="make it again with dli-hosts plan ... -o FILE"
        )

    def _request(self, line: bytes, names: set[str]) -> Piece:
        """The request of a line, and the lines of its hosts; its name must not be among those before."""
        from importer.planning.request import CreateRequest

        number = self._number
        record = self._object(line)
        frame, size = record.get("body"), record.get("hosts_bytes")
        sources: Any = record.get("sources")
        totals: Any = record.get("totals")
        if not (
            isinstance(frame, dict)
            and isinstance(size, int)
            and _is_list_of(str, sources)
            and (totals is None or (isinstance(totals, dict) and _is_list_of(int, [*totals.values()])))
        ):
            raise self.fault(said("is neither a request nor the end of the plan: {EDITED}", EDITED=_EDITED))
        try:
            name = CreateRequest.of_body(frame).name
        except ConnectionInvalid as error:
            raise self.fault(said("the request is not valid: {message}", message=error.message)) from None
        if name in names:
            raise self.fault(said("a second request for {name}", name=shown(name, 60)))
        names.add(name)
        if frame.get("hosts", []) != [] or not 0 <= size <= (_LARGEST if "hosts" in frame else 0):
            raise self.fault(
                said("{name}: the hosts do not stand on lines of their own", name=shown(name, 60))
            )
        at = self._file.tell()
        block = self._file.read(size)
        lines = block.count(b"\n")
        self._total.update(line)
        self._total.update(block)
        self._number += lines

        def judged() -> PlannedRequest:
            found = self._judged(block, number)
            request = planned_request(frame, block, found, tuple(sources), totals, lines=lines)
            request = replace(request, update=update_of_record(record.get("update")))
            if record_line(request) != line:
                text = said(
                    "the request {name} or one of its hosts was changed after the plan was made",
                    name=shown(name, 60),
                )
                raise self.fault(text, line=number)
            return replace(request, kept=Stretch(self._store, at, size))

        return judged

    def _judged(self, block: bytes, number: int) -> tuple[str, int]:
        """What `hosts_of` found in the hosts behind the line of this number."""
        found = hosts_of(block)
        if found is None:
            text = said("is not a host that the service takes: {EDITED}", EDITED=_EDITED)
            raise self.fault(text, line=number + 1 + first_fault(block))
        count = block.count(b"\n")
        if count > limits.MAX_HOSTS:
            text = said(
                "the request has {count:,} hosts, the service takes {MAX_HOSTS:,}",
                count=count,
                MAX_HOSTS=limits.MAX_HOSTS,
            )
            raise self.fault(text, line=number)
        if count > found[1]:
            text = said("this host stands in the request already: {EDITED}", EDITED=_EDITED)
            raise self.fault(text, line=number + 1 + first_repeat(block))
        return found

    def _next(self) -> bytes:
        line = self._file.readline(_LONGEST_MIB << 20)
        self._number += 1
        if not line:
            raise self.fault("is missing, and so is the rest of the plan")
        if not line.endswith(b"\n"):
            raise self.fault(said("is cut off, or longer than {LONGEST_MIB} MiB", LONGEST_MIB=_LONGEST_MIB))
        return line

    def _object(self, line: bytes) -> dict[str, Any]:
        try:
            data = json.loads(line.decode("ascii"))
        except (ValueError, RecursionError):
            raise self.fault("is not JSON, as each line of a plan of this version is") from None
        return data if isinstance(data, dict) else {}


def _raise(error: PlanError) -> NoReturn:
    raise error


def _is_list_of(kind: type, values: Any) -> bool:
    return isinstance(values, list) and all(type(value) is kind for value in values)
