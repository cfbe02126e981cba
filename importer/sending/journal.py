"""What was tried and what came of it: a file that is only ever appended to, and synced at each step.

A line is a record: `LENGTH CHECKSUM JSON`, the length in bytes of the JSON, the checksum 16 hex digits of
a SHA-256 over the checksum of the line before and the JSON, so that a line that was changed, lost or
moved is seen. The first line says of which endpoint and project the journal is.

    intent      a create call is about to be made      -> open
    unknown     nobody can tell what became of it      -> stays open
    created     the service made it, here is its id    -> done
    adopted     it was there already, and is the same  -> done
    rejected, not-sent, absent, conflict, gone         -> closed: nothing of ours is there
    run         a run begins, with its command

An intent that is followed by nothing is open too: the program ended while the call was under way.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from importer.errors import JournalError
from importer.system import NO_FOLLOW, PRIVATE, lock_file, sync_folder

FORMAT = "dli-hosts journal"
VERSION = 1
OPEN = frozenset({"intent", "unknown"})
DONE = frozenset({"created", "adopted"})
CLOSED = frozenset({"rejected", "not-sent", "absent", "conflict", "gone"})

_ROOT = "0" * 16
_NO_JOURNAL = "is no journal that this version can read"


@dataclass
class Entry:
    """All that the journal knows of one connection name."""

    name: str
    records: list[dict[str, Any]] = field(default_factory=list)
    command: str = ""
    """The command whose run wrote the last record."""

    @property
    def state(self) -> str:
        """Type of the last record; empty if there is none."""
        return str(self.records[-1]["type"]) if self.records else ""

    @property
    def is_open(self) -> bool:
        """Whether a create call may have been carried out, and nobody has made sure."""
        return self.state in OPEN

    @property
    def is_done(self) -> bool:
        """Whether the connection was there, as asked for, when it was last seen."""
        return self.state in DONE

    @property
    def intent(self) -> dict[str, Any]:
        """The last intent."""
        return next(record for record in reversed(self.records) if record["type"] == "intent")

    def sent_before(self, now: float) -> float:
        """A time, seconds since the epoch, before which the last byte of the open create call was sent.

        The end of the call where it is known; else the call's own deadline, but no later than now. A
        clock that went backwards is not trusted.
        """
        last = self.records[-1]
        if last["time"] > now:
            return now
        until = (
            last.get("ended", last["time"]) if last["type"] == "unknown" else last["time"] + last["deadline"]
        )
        return float(min(until, now))


@dataclass
class History:
    """What a journal's bytes say."""

    head: dict[str, Any] = field(default_factory=dict)
    entries: dict[str, Entry] = field(default_factory=dict)
    command: str = ""
    """The command of the last run."""
    checksum: str = _ROOT
    """Of the last whole line."""
    end: int = 0
    """Bytes up to the end of that line."""

    def add(self, record: dict[str, Any]) -> None:
        """Take note of a record; the first one is the head."""
        if not self.head:
            self.head = record
        elif record["type"] == "run":
            self.command = record["command"]
        else:
            entry = self.entries.setdefault(record["name"], Entry(record["name"]))
            entry.records.append(record)
            entry.command = self.command


class Tail(NamedTuple):
    """What stands behind the last whole line, where the program or the machine was stopped in a write."""

    keep: int
    """Bytes that stay: those of a line that lacks nothing but its LF."""
    torn: int
    """Bytes to cut off."""


def replay(data: bytes, path: object) -> tuple[History, Tail]:
    """The records of a journal. Raises JournalError for damage that no interrupted write can leave.

    An interrupted write leaves a beginning of a line, perhaps with NULs behind it, at the very end. All
    else would mean that records are lost, and that something might be sent twice.
    """
    history = History()
    while (end := data.find(b"\n", history.end)) >= 0:
        if not _take_in(history, data[history.end : end], end + 1, path):
            raise _damaged(history, data, path)
    rest = data[history.end :]
    start = rest.rstrip(b"\0")
    if _take_in(history, start, history.end + len(start), path):
        return history, Tail(len(start), len(rest) - len(start))
    length, _, body = start.partition(b" ")
    if length.isdigit() and len(body) > 17 + int(length[:9]):
        raise _damaged(history, data, path)  # longer than it says: a changed line, not a torn one
    return history, Tail(0, len(rest))


def _take_in(history: History, line: bytes, end: int, path: object) -> bool:
    """Add a line, given without its LF; False unless it is exactly as it was written.

    What the lines behind the first one mean is for its version to say, so that one is checked first.
    """
    parts = line.split(b" ", 2)
    if len(parts) != 3 or parts[0] != b"%d" % len(parts[2]):
        return False
    checksum = _checksum(history.checksum, parts[2])
    if parts[1] != checksum.encode("ascii"):
        return False
    record = json.loads(parts[2])
    if not history.head:
        check_head(record, {}, path)
    history.add(record)
    history.checksum, history.end = checksum, end
    return True


def _damaged(history: History, data: bytes, path: object) -> JournalError:
    number = data.count(b"\n", 0, history.end) + 1
    return JournalError(
        f"line {number} is damaged",
        path=path,
        hint="restore it from a copy; without it, compare the service's list by hand before sending anew",
    )


def _checksum(previous: str, text: bytes) -> str:
    return hashlib.sha256(previous.encode("ascii") + text).hexdigest()[:16]


def encode(record: Mapping[str, Any], previous: str) -> tuple[bytes, str]:
    """A record's line, and its checksum."""
    text = json.dumps(record, separators=(",", ":"), allow_nan=False).encode("ascii")
    checksum = _checksum(previous, text)
    return b"%d %s %s\n" % (len(text), checksum.encode("ascii"), text), checksum


class Journal:
    """An open journal, this process's alone; safe to use from several threads. See `open_journal`."""

    def __init__(self, path: Path, handle: int, head: dict[str, Any], now: Callable[[], float]) -> None:
        self.path = path
        self.healed = ""
        """What was mended when the journal was opened; empty if nothing was."""
        self._handle = handle
        self._now = now
        self._broken = ""
        self._lock = threading.Lock()
        data = _read_all(handle)
        self._history, tail = replay(data, path)
        if not self._history.head and not encode(head, _ROOT)[0].startswith(data.rstrip(b"\0")):
            raise JournalError(_NO_JOURNAL, path=path)  # some other file: not one byte of it is cut off
        self._heal(tail, len(data))
        if self._history.head:
            check_head(self._history.head, head, path)
        else:
            self._write(head)
            sync_folder(path.parent)

    def entry(self, name: str) -> Entry:
        """What is known of a connection name."""
        return self._history.entries.get(name) or Entry(name)

    def note_run(self, command: str, folder: str) -> None:
        """A run begins; `command` is what to run again. Raises JournalError."""
        with self._lock:
            self._write({"type": "run", "time": round(self._now(), 3), "command": command, "folder": folder})

    def append(self, kind: str, name: str, **facts: Any) -> None:
        """Write a record and have it synced. Raises JournalError; then nothing more may be done."""
        with self._lock:
            self._write({"type": kind, "name": name, "time": round(self._now(), 3), **facts})

    def _write(self, record: dict[str, Any]) -> None:
        if self._broken:
            raise JournalError(self._broken, path=self.path)
        line, checksum = encode(record, self._history.checksum)
        try:
            rest = line
            while rest:
                rest = rest[os.write(self._handle, rest) :]
            os.fsync(self._handle)
        except OSError as error:
            # After a failed sync nobody can say what is on the disk, and trying again proves nothing.
            self._broken = f"cannot be written: {error.strerror or error}"
            raise JournalError(
                self._broken, path=self.path, hint="make room, then run the same command again"
            ) from None
        self._history.add(record)
        self._history.checksum = checksum

    def _heal(self, tail: Tail, size: int) -> None:
        if tail.torn:
            os.ftruncate(self._handle, size - tail.torn)
            self.healed = f"its last line was torn: {tail.torn} bytes were cut off"
        if tail.keep:
            os.write(self._handle, b"\n")
            self.healed = "the end of its last line was missing and was put back"
        if self.healed:
            os.fsync(self._handle)


def check_head(head: Mapping[str, Any], wanted: Mapping[str, Any], path: object) -> None:
    """Raise JournalError unless the journal is of the wanted format, endpoint and project."""
    if head.get("format") != FORMAT or head.get("schema_version") != VERSION:
        raise JournalError(_NO_JOURNAL, path=path)
    for key, value in wanted.items():
        if head.get(key) != value:
            raise JournalError(
                f"belongs to {key} {head.get(key)!r}, and this run is for {value!r}",
                path=path,
                hint="name another one with --journal, or leave that out",
            )


@contextlib.contextmanager
def open_journal(
    path: Path, *, endpoint: str, project_id: str, now: Callable[[], float], patience: float = 0.0
) -> Iterator[Journal]:
    """The journal of one endpoint and project for one run; no other run has it meanwhile.

    `patience`: seconds to wait for a run that has it. Raises JournalError.
    """
    head = {"format": FORMAT, "schema_version": VERSION, "endpoint": endpoint, "project_id": project_id}
    with contextlib.ExitStack() as stack:
        try:
            _make_folder(path.parent)
            lock = _open(path.with_name(path.name + ".lock"), stack)
            _take(lock, path, patience)
            stack.callback(os.ftruncate, lock, 0)
            journal = Journal(path, _open(path, stack, os.O_APPEND), head, now)
        except OSError as error:
            raise JournalError(
                f"cannot be opened: {error.strerror or error}", path=path, hint="name another with --journal"
            ) from None
        yield journal


def _make_folder(folder: Path) -> None:
    """Make a folder and those above it that are missing, each for its owner alone."""
    if not folder.is_dir():
        _make_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


def _open(path: Path, stack: contextlib.ExitStack, flags: int = 0) -> int:
    handle = os.open(path, os.O_RDWR | os.O_CREAT | NO_FOLLOW | flags, PRIVATE)
    stack.callback(os.close, handle)
    return handle


def _take(handle: int, path: Path, patience: float) -> None:
    """Take the lock and say in it who has it."""
    end = time.monotonic() + patience
    while not lock_file(handle):
        if time.monotonic() >= end:
            text = f"is in use by another run ({_holder(handle)})"
            raise JournalError(text, path=path, hint="wait until that run has ended")
        time.sleep(0.05)
    os.ftruncate(handle, 0)
    os.write(handle, b"process %d\n" % os.getpid())


def _holder(handle: int) -> str:
    """Who has the lock, which says so a moment after it has taken it."""
    for _ in range(20):
        os.lseek(handle, 0, os.SEEK_SET)
        if text := os.read(handle, 100).decode("ascii", "replace").strip():
            return text
        time.sleep(0.05)
    return "which does not say its name"


def _read_all(handle: int) -> bytes:
    parts = []
    os.lseek(handle, 0, os.SEEK_SET)
    while part := os.read(handle, 1 << 20):
        parts.append(part)
    return b"".join(parts)


def read_journal(path: Path) -> History:
    """What a journal holds, for reading only: nothing is mended, nobody is kept out. Raises JournalError."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise JournalError(
            f"cannot be read: {error.strerror or error}", path=path, hint="check the path"
        ) from None
    history, _ = replay(data, path)
    check_head(history.head, {}, path)
    return history


def state_folder() -> Path:
    """Where journals are kept: the user's folder for state, never one that is cleaned like a cache."""
    from platformdirs import user_state_path

    return user_state_path("dli-hosts", appauthor=False) / "journals"


def journal_path(endpoint: str, project_id: str) -> Path:
    """The journal of an endpoint and project; always the same one, so that every run finds it again."""
    key = hashlib.sha256(f"{endpoint} {project_id}".encode()).hexdigest()[:8]
    name = "".join(
        c if (c.isascii() and c.isalnum()) or c in ".-" else "_" for c in endpoint.partition("//")[2]
    )
    return state_folder() / f"{name[:80]}-{key}.journal"
