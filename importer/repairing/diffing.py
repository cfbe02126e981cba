"""A unified diff of a file and of what it is to be, made while the file is read; `patch` can apply it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from typing import Any

from importer.repairing.rewriting import Codec, Part, Rewritten

_AROUND = 3
_IN_MEMORY = 4 << 20
_NO_END = b"\\ No newline at end of file\n"


def unified_diff(name: str, parts: Iterable[Part], codec: Codec) -> Iterator[bytes]:
    """The diff, in pieces; nothing where no line changes.

    A file whose lines are not lines of bytes, as in UTF-16, is shown in UTF-8.
    """
    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as body:
        yield from _diff(name, parts, codec, body)


def _diff(name: str, parts: Iterable[Part], codec: Codec, body: Any) -> Iterator[bytes]:
    tail: list[bytes] = []
    hunk: _Hunk | None = None
    shift = 0
    began = False
    for part in parts:
        lines = _Lines(part, tail, codec)
        for one in part.changed:
            line = part.first_line + one.at
            if hunk is not None and line - hunk.stop > _AROUND + hunk.room:
                hunk.context(lines, hunk.stop + hunk.room)
                yield from hunk.text()
                shift, hunk = hunk.shift, None
            if hunk is None:
                if not began:
                    label = name.encode("utf-8", "surrogateescape")
                    yield b"--- " + label + b"\n+++ " + label + b"\n"
                    began = True
                hunk = _Hunk(max(line - _AROUND, 1), shift, body)
            hunk.context(lines, line)
            hunk.change(lines.at(line), one, codec)
        if not part.ends:  # nothing changes in it or behind it
            if hunk is not None:
                yield from _ended(hunk, _Lines(_with_ends(part, codec), tail, codec))
                hunk = None
            continue
        if hunk is not None:
            stop = part.first_line + len(part.ends)
            hunk.context(lines, min(stop, hunk.stop + hunk.room))
        tail = lines.tail()
    if hunk is not None:
        yield from hunk.text()


def _with_ends(part: Part, codec: Codec) -> Part:
    return part._replace(ends=codec.ends(part.raw).tolist() or [len(part.raw)])


def _ended(hunk: _Hunk, lines: _Lines) -> Iterator[bytes]:
    hunk.context(lines, min(hunk.stop + hunk.room, lines.stop))
    yield from hunk.text()


class _Lines:
    """The lines of a part, and the last ones of the part before it."""

    def __init__(self, part: Part, tail: list[bytes], codec: Codec) -> None:
        self._part, self._tail, self._codec = part, tail, codec
        self.stop = part.first_line + len(part.ends)

    def at(self, line: int) -> bytes:
        """One line as the diff shows it."""
        index = line - self._part.first_line
        raw = self._part.line(index) if index >= 0 else self._tail[index]
        return shown_line(raw, self._codec)

    def tail(self) -> list[bytes]:
        """The last lines, as they were."""
        count = len(self._part.ends)
        last = [self._part.line(index) for index in range(max(count - _AROUND, 0), count)]
        return (self._tail + last)[-_AROUND:]


def shown_line(raw: bytes, codec: Codec) -> bytes:
    """A line as bytes that end in LF, if it has an end."""
    return raw if codec.bytes_shown else codec.decoded(raw).encode("utf-8", "surrogateescape")


class _Hunk:
    """One stretch of the diff."""

    def __init__(self, start: int, shift: int, body: Any) -> None:
        """`body` is a file for its lines, which the hunk before has no need of any more."""
        self._start = start
        self.stop = start
        """The line of the old file behind the last one that it holds."""
        self.shift = shift
        """How many lines more the new file has up to here."""
        self.room = 0
        """Lines of context that may still follow the last change."""
        self._before = shift
        self._old = self._new = 0
        self._body = body
        body.seek(0)
        body.truncate()

    def context(self, lines: _Lines, stop: int) -> None:
        """Add the lines before this one that it does not hold yet."""
        for line in range(self.stop, stop):
            self._put(b" ", lines.at(line))
            self._old += 1
            self._new += 1
            self.room = max(self.room - 1, 0)
        self.stop = max(stop, self.stop)

    def change(self, old: bytes, one: Rewritten, codec: Codec) -> None:
        """Add the line that changes."""
        self._put(b"-", old)
        self._old += 1
        *whole, last = shown_line(one.new, codec).split(b"\n")  # a repair may part a line in two
        for new in [line + b"\n" for line in whole] + [last] * bool(last):
            self._put(b"+", new)
            self._new += 1
        self.stop += 1
        self.room = _AROUND

    def text(self) -> Iterator[bytes]:
        """All of it."""
        self.shift = self._before + self._new - self._old
        old = self._start if self._old else self._start - 1
        new = self._start + self._before - (0 if self._new else 1)
        yield f"@@ -{old},{self._old} +{new},{self._new} @@\n".encode()
        self._body.seek(0)
        while piece := self._body.read(1 << 20):
            yield piece

    def _put(self, mark: bytes, line: bytes) -> None:
        self._body.write(mark + line)
        if not line.endswith(b"\n"):
            self._body.write(b"\n" + _NO_END)
