"""What was tried and what came of it: a file that is only ever appended to, and synced at each step.

What its lines say is in `history`. One run has a journal at a time.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from importer.errors import JournalError
from importer.language import said
from importer.sending.history import FORMAT, NO_JOURNAL, VERSION, Entry, Tail, check_head, encode, replay
from importer.sending.records import DONE, FINE, OPEN, SEEN
from importer.system import NO_FOLLOW, PRIVATE, home_folder, lock_file, sync_folder

_NO_LOCKS = (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS)
_LOCKS = "its file system has no locks: move it to one that has them, and name it there with --journal"
_OWN = "make it readable and writable for you; a new journal would not know what was sent"
_HINTS = {errno.EACCES: _OWN, errno.EPERM: _OWN, errno.EROFS: _OWN}
"""What to do about an error, so that nobody begins a second journal beside the first."""

Boot = Callable[[], tuple[str, float]]


class Journal:
    """An open journal, this process's alone; safe to use from several threads. See `open_journal`."""

    def __init__(
        self, path: Path, handle: int, head: dict[str, Any], now: Callable[[], float], boot: Boot | None
    ) -> None:
        self.path = path
        self.healed = ""
        """What was repaired when the journal was opened; empty if nothing was."""
        self._handle = handle
        self._now = now
        self._boot = boot
        self._broken = self._advice = ""
        self._lock = threading.Lock()
        data = _read_all(handle)
        self._size = len(data)
        self._history, tail = replay(data, path)
        if not self._history.head and not encode(head)[0].startswith(data.rstrip(b"\0")):
            raise JournalError(NO_JOURNAL, path=path)  # some other file: not one byte of it is cut off
        self._heal(tail, len(data))
        if self._history.head:
            check_head(self._history.head, head, path)
        else:
            self._write(head)
            sync_folder(path.parent)

    def entry(self, name: str) -> Entry:
        """What is known of a connection name."""
        return self._history.entries.get(name) or Entry(name)

    def has(self, connection_id: str) -> bool:
        """Whether this is the id of a connection that is done, whatever its name."""
        return any(entry.id == connection_id for entry in list(self._history.entries.values()))

    def note_run(self, command: str, folder: str) -> None:
        """A run begins; `command` is what to run again. Raises JournalError."""
        with self._lock:
            self._write({"type": "run", "time": round(self._now(), 3), "command": command, "folder": folder})

    def note_end(self, left: int) -> None:
        """The run has come to its end, and `left` of its requests were not sent. Raises JournalError."""
        with self._lock:
            self._write({"type": "end", "time": round(self._now(), 3), "left": left})

    def append(self, kind: str, name: str, **facts: Any) -> None:
        """Write a record and have it synced. Raises JournalError; then nothing more may be done."""
        if self._boot is not None and kind in OPEN | DONE and "boot" not in facts:
            facts["boot"] = self._boot()
        with self._lock:
            self._write({"type": kind, "name": name, "time": round(self._now(), 3), **facts})

    def note(self, name: str, state: str, evidence: str, **facts: Any) -> None:
        """Record what was found of a connection that is done, unless the journal says so already.

        That nothing is wrong is told only where something was, or was to be looked for. Raises JournalError.
        """
        entry = self.entry(name)
        told = (entry.seen.get("state"), entry.seen.get("evidence"))
        if told == (state, evidence) or (state == FINE and not entry.seen and not entry.may_be_twice):
            return
        self.append(SEEN, name, state=state, evidence=evidence, **facts)

    def _write(self, record: dict[str, Any]) -> None:
        if self._broken:
            raise self._unwritable()
        line, checksum = encode(record, self._history.checksum)
        try:
            self._only_ours()
            rest = line
            while rest:
                rest = rest[os.write(self._handle, rest) :]
            os.fsync(self._handle)
            self._size += len(line)
            self._only_ours()
        except OSError as error:
            # After a failed sync it is not known what is on the disk, and trying again proves nothing.
            self._broken = said("cannot be written: {strerror}", strerror=error.strerror or error)
            self._advice = "make room, then run the same command again"
            raise self._unwritable() from None
        self._history.add(record)
        self._history.checksum = checksum

    def _only_ours(self) -> None:
        """Stop where somebody else writes too, as may be where a lock does not keep others out.

        Looked at behind each write as well: of two that write at one time, neither goes on to a call.
        """
        size = os.fstat(self._handle).st_size
        if size != self._size:
            self._broken = said(
                "was written by somebody else meanwhile ({size:,} bytes became {size_2:,})",
                size=self._size,
                size_2=size,
            )
            self._advice = "keep it on a file system with locks, and let one run use it at a time"
            raise self._unwritable()

    def _unwritable(self) -> JournalError:
        return JournalError(self._broken, path=self.path, hint=self._advice)

    def _heal(self, tail: Tail, size: int) -> None:
        if tail.torn:
            os.ftruncate(self._handle, size - tail.torn)
            self.healed = said("its last line was torn: {torn} bytes were cut off", torn=tail.torn)
        if tail.keep:
            os.write(self._handle, b"\n")
            self.healed = "the end of its last line was missing and was put back"
        if self.healed:
            os.fsync(self._handle)
            self._size = os.fstat(self._handle).st_size


@contextlib.contextmanager
def open_journal(
    path: Path,
    *,
    endpoint: str,
    project_id: str,
    now: Callable[[], float],
    boot: Boot | None = None,
    patience: float = 0.0,
) -> Iterator[Journal]:
    """The journal of one endpoint and project for one run; no other run has it meanwhile.

    `now`, `boot`: as in `Clock`; without the latter, times are told by the clock on the wall alone.
    `patience`: seconds to wait for a run that has it. Raises JournalError.
    """
    head = {"format": FORMAT, "schema_version": VERSION, "endpoint": endpoint, "project_id": project_id}
    with contextlib.ExitStack() as stack:
        try:
            if not path.name or (path.exists() and not path.is_file()):
                raise JournalError("is not a regular file", path=path, hint="name another with --journal")
            _refuse_foreign(path)
            _make_folder(path.parent)
            lock = _open(path.with_name(path.name + ".lock"), stack)
            _take(lock, path, patience, lambda: f" ({_holder(lock)})")
            os.ftruncate(lock, 0)
            os.write(lock, b"process %d\n" % os.getpid())
            stack.callback(os.ftruncate, lock, 0)
            handle = _open(path, stack, os.O_APPEND)
            # It may be reached by two names, each with a lock file of its own.
            _take(handle, path, patience, lambda: ", which opened it by another name", read_by_others=True)
            journal = Journal(path, handle, head, now, boot)
        except OSError as error:
            hint = _LOCKS if error.errno in _NO_LOCKS else _HINTS.get(error.errno or 0, "check its path")
            raise JournalError(
                said("cannot be opened: {strerror}", strerror=error.strerror or error), path=path, hint=hint
            ) from None
        yield journal


def _refuse_foreign(path: Path) -> None:
    """Stop at a file that is not a journal, before a lock file is made beside it: JournalError, OSError."""
    with contextlib.suppress(FileNotFoundError):
        handle = os.open(path, os.O_RDONLY | NO_FOLLOW)
        try:
            head = os.read(handle, 80).rstrip(b"\0")
        finally:
            os.close(handle)
        if not re.match(rb"(?:[0-9]{1,9}(?: |\Z)|\Z)", head):
            raise JournalError(NO_JOURNAL, path=path, hint="check the path")


def _make_folder(folder: Path) -> None:
    """Make a folder and those above it that are missing, each for its owner alone."""
    if not folder.is_dir():
        _make_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


def _open(path: Path, stack: contextlib.ExitStack, flags: int = 0) -> int:
    handle = os.open(path, os.O_RDWR | os.O_CREAT | NO_FOLLOW | flags, PRIVATE)
    stack.callback(os.close, handle)
    return handle


def _take(
    handle: int, path: Path, patience: float, holder: Callable[[], str], *, read_by_others: bool = False
) -> None:
    """Take a lock, and wait so many seconds for it; `holder` says who has it. Raises JournalError."""
    end = time.monotonic() + patience
    while not lock_file(handle, read_by_others=read_by_others):
        if time.monotonic() >= end:
            text = said("is in use by another run{holder}", holder=holder())
            raise JournalError(text, path=path, hint="wait until that run has ended")
        time.sleep(0.05)


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


def state_folder() -> Path:
    """Where journals are kept: the user's folder for state, never one that is cleaned like a cache.

    Raises JournalError where the user has no home folder: no journal is begun in the working folder.
    """
    from platformdirs import user_state_path

    path = user_state_path("dli-hosts", appauthor=False) / "journals"
    given = os.path.isabs(os.environ.get("XDG_STATE_HOME", ""))
    if not path.is_absolute() or (home_folder() is None and not given):
        raise JournalError(
            "there is no home folder to keep it in",
            path="(without a name)",
            hint="say --journal FILE on a lasting disk, or set HOME or XDG_STATE_HOME to an absolute path",
        )
    return path


def journal_path(endpoint: str, project_id: str) -> Path:
    """The journal of an endpoint and project; always the same one, so that every run finds it again."""
    key = hashlib.sha256(f"{endpoint} {project_id}".encode()).hexdigest()[:8]
    name = "".join(
        c if (c.isascii() and c.isalnum()) or c in ".-" else "_" for c in endpoint.partition("//")[2]
    )
    return state_folder() / f"{name[:80]}-{key}.journal"
