"""What a journal's lines say: the records of each connection name, and what follows from them.

A line is a record: `LENGTH CHECKSUM JSON`, the length in bytes of the JSON, the checksum 16 hex digits of
a SHA-256 over the checksum of the line before and the JSON, so that a line that was changed, lost or
moved is seen. The first line says of which endpoint and project the journal is.

    intent      a create call is about to be made      -> open
    unknown     it is not known what became of it      -> stays open
    created     the service made it, here is its id    -> done
    adopted     it was there already, and is the same  -> done
    rejected, not-sent, absent, conflict, gone         -> closed: nothing of ours is there
    put         its hosts are about to be overwritten  -> open
    put-unknown it is not known what became of that    -> stays open
    updated     it has the hosts of the update         -> done
    not-updated it is there, and the update was not made, or not by us -> done
    seen        what was found of one that is done     -> changes nothing
    run         a run begins, with its command
    end         it has come to its end, with so many requests left that were not sent

An intent that is followed by nothing is open too: the program ended while the call was under way.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from importer.errors import JournalError
from importer.language import said
from importer.sending.records import BEGUN, DONE, OPEN, PUT_OPEN, SEEN, UNSEEN, means_something
from importer.shown import shown
from importer.system import open_regular

FORMAT = "dli-hosts journal"
VERSION = 1
_DOUBTFUL = frozenset({"unknown", "absent"})
"""Records behind an intent that leave open whether its call was carried out, now or later."""
_UNCLEAR = frozenset({"conflict"})
"""The same where they follow at once, which they do not do where the service refused the name as taken."""

_ROOT = "0" * 16
NO_JOURNAL = "is not a journal that this version can read"


@dataclass
class Entry:
    """All that the journal knows of one connection name."""

    name: str
    records: list[dict[str, Any]] = field(default_factory=list)
    command: str = ""
    """The command whose run wrote the last record."""
    folder: str = ""
    """Where that command was given; empty if unknown."""

    @property
    def last(self) -> dict[str, Any]:
        """The last record of something that was done, not merely seen; empty if there is none."""
        return next((record for record in reversed(self.records) if record["type"] != SEEN), {})

    @property
    def seen(self) -> dict[str, Any]:
        """What was found since then, when it was last looked at; empty if it was not."""
        last = self.records[-1] if self.records else {}
        return last if last.get("type") == SEEN else {}

    @property
    def state(self) -> str:
        """Type of the last record of something done; empty if there is none."""
        return str(self.last.get("type", ""))

    @property
    def is_open(self) -> bool:
        """Whether a call may have been carried out, and this was not settled."""
        return self.state in OPEN

    @property
    def is_open_update(self) -> bool:
        """Whether that call is an update."""
        return self.state in PUT_OPEN

    @property
    def is_done(self) -> bool:
        """Whether the connection was there when it was last seen."""
        return self.state in DONE

    @property
    def id(self) -> str:
        """Id of the connection that is done; empty if there is none."""
        return str(self.last["id"]) if self.is_done else ""

    @property
    def intent(self) -> dict[str, Any]:
        """The last intent."""
        return self._last_of("intent")

    @property
    def put(self) -> dict[str, Any]:
        """The last intent to update."""
        return self._last_of("put")

    def _last_of(self, kind: str) -> dict[str, Any]:
        return next(record for record in reversed(self.records) if record["type"] == kind)

    def left_of(self, settle: float, now: float, boot: tuple[str, float]) -> float:
        """Seconds that are left of a settle window which began with the last record.

        Since the same start of the machine they are told by the clock that nobody can set.
        """
        mark = self.last.get("boot")
        passed = boot[1] - mark[1] if mark and mark[0] and mark[0] == boot[0] else now - self.last["time"]
        return min(settle, max(0.0, settle - passed)) if passed >= 0 else settle

    def left_to_settle(self, settle: float, now: float, boot: tuple[str, float]) -> float:
        """Seconds that are left of the settle window of the open create call.

        Where the machine was started since, or does not tell when it was: the whole window, for the clock
        may have been set meanwhile.
        """
        mark = self.last.get("boot")
        if mark is None:  # a record of an earlier version
            return max(0.0, self.sent_before(now) + settle - now)
        return max(0.0, self.ended_at(boot) + settle - boot[1])

    def ended_at(self, boot: tuple[str, float]) -> float:
        """Seconds since the start of the machine, before which the last byte of the open call was sent."""
        last = self.last
        key, at = last.get("boot", ("", 0.0))
        if not key or key != boot[0]:
            return boot[1]
        return float(min(at + (last["deadline"] if last["type"] in BEGUN else 0.0), boot[1]))

    @property
    def may_be_twice(self) -> bool:
        """Whether a create call followed another one whose outcome was not known.

        That one may have been carried out all the same, later than anybody looked for it.
        """
        under_way = doubt = False
        for record in self.records:
            kind = record["type"]
            if kind == "intent":
                if doubt or under_way:
                    return True
                under_way = True
            elif kind != SEEN:
                doubt = kind != "created" and (
                    doubt
                    or kind in _DOUBTFUL
                    or (under_way and kind in _UNCLEAR)
                    or record.get("proof") == UNSEEN
                )
                under_way = False
        return False

    def sent_before(self, now: float) -> float:
        """A time, seconds since the epoch, before which the last byte of the open create call was sent.

        The end of the call where it is known; else the call's own deadline, but no later than now. A
        clock that went backwards is not trusted.
        """
        last = self.last
        if last["time"] > now:
            return now
        until = last["time"] + last["deadline"] if last["type"] in BEGUN else last.get("ended", last["time"])
        return float(min(until, now))


@dataclass
class History:
    """What a journal's bytes say."""

    head: dict[str, Any] = field(default_factory=dict)
    entries: dict[str, Entry] = field(default_factory=dict)
    command: str = ""
    """The command of the last run."""
    folder: str = ""
    """Where it was given; empty if unknown."""
    left: int | None = 0
    """How many of its requests were not sent; None where it has not come to its end."""
    checksum: str = _ROOT
    """Of the last whole line."""
    end: int = 0
    """Bytes up to the end of that line."""

    def add(self, record: dict[str, Any]) -> None:
        """Take note of a record; the first one is the head."""
        if not self.head:
            self.head = record
        elif record["type"] == "run":
            self.command, self.left = record["command"], None
            self.folder = str(record.get("folder", ""))
        elif record["type"] == "end":
            self.left = record["left"]
        else:
            entry = self.entries.setdefault(record["name"], Entry(record["name"]))
            entry.records.append(record)
            entry.command, entry.folder = self.command, self.folder


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
    try:
        record = json.loads(parts[2])
    except (ValueError, RecursionError):
        record = None
    if not history.head:
        check_head(record if isinstance(record, dict) else {}, {}, path)
    elif not means_something(record):
        raise JournalError("has a record that this version cannot read", path=path)
    history.add(record)
    history.checksum, history.end = checksum, end
    return True


def _damaged(history: History, data: bytes, path: object) -> JournalError:
    number = data.count(b"\n", 0, history.end) + 1
    first = data.partition(b"\n")[0].strip(b"\0")
    if first and not re.match(rb"[0-9]+ [0-9a-f]{16} ", first):
        return JournalError(NO_JOURNAL, path=path, hint="check the path")
    return JournalError(
        said("line {number} is damaged", number=number),
        path=path,
        hint="restore it from a copy; without it, compare the service's list by hand before you send again",
    )


def _checksum(previous: str, text: bytes) -> str:
    return hashlib.sha256(previous.encode("ascii") + text).hexdigest()[:16]


def encode(record: Mapping[str, Any], previous: str = _ROOT) -> tuple[bytes, str]:
    """A record's line, and its checksum."""
    text = json.dumps(record, separators=(",", ":"), allow_nan=False).encode("ascii")
    checksum = _checksum(previous, text)
    return b"%d %s %s\n" % (len(text), checksum.encode("ascii"), text), checksum


def check_head(head: Mapping[str, Any], wanted: Mapping[str, Any], path: object) -> None:
    """Raise JournalError unless the journal is of the wanted format, endpoint and project."""
    ours = head.get("format") == FORMAT and head.get("schema_version") == VERSION
    if not (ours and all(isinstance(head.get(key), str) for key in ("endpoint", "project_id"))):
        raise JournalError(NO_JOURNAL, path=path)
    for key, value in wanted.items():
        if head.get(key) != value:
            raise JournalError(
                said(
                    "belongs to {key} {head}, and this run is for {value}",
                    key=key,
                    head=shown(head[key], 120),
                    value=shown(value, 120),
                ),
                path=path,
                hint="name another one with --journal, or leave that out",
            )


def read_journal(path: Path, wanted: Mapping[str, Any] | None = None) -> History:
    """What a journal holds, for reading only: nothing is repaired, and no other run is kept out.

    `wanted`: what its head must say of endpoint and project. Raises JournalError.
    """
    try:
        with open_regular(path) as file:
            data = file.read()
    except OSError as error:
        raise JournalError(
            said("cannot be read: {strerror}", strerror=error.strerror or error),
            path=path,
            hint="check the path",
        ) from None
    history, _ = replay(data, path)
    check_head(history.head, wanted or {}, path)
    return history
