"""The second reading: the lines of a file as they are, and as they are to be, in its own encoding.

Bytes that are not changed are never decoded: what is written of them are the bytes that were read.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import IO, Any, NamedTuple

import numpy as np

from importer.checking.changes import Change, Told
from importer.columns.kernels import positions_of
from importer.errors import InputError
from importer.reading.encodings import utf16_without_bom
from importer.reading.quoted import read_rows
from importer.repairing.files import FilePlan

_PART = 1 << 20
_MARK = "\ufeff"


class Codec(NamedTuple):
    """How the lines of a file are decoded one by one, and encoded again."""

    name: str
    line_end: bytes
    """LF in this encoding."""

    @staticmethod
    def of(head: bytes, encoding: str) -> Codec:
        """`encoding` as the report names it; the first bytes of the file tell the order of bytes."""
        name = encoding.partition(" ")[0]
        if name == "utf-16":
            little = head[:2] == codecs.BOM_UTF16_LE
            big = head[:2] == codecs.BOM_UTF16_BE
            name = "utf-16-le" if little else "utf-16-be" if big else utf16_without_bom(head) or "utf-16-le"
        if name == "utf-32":
            name = "utf-32-be" if head[:4] == codecs.BOM_UTF32_BE else "utf-32-le"
        name = "utf-8" if name == "utf-8-sig" else name
        return Codec(name, "\n".encode(name))

    @property
    def bytes_shown(self) -> bool:
        """Whether lines are lines of bytes, so that other programs can read and patch them."""
        return len(self.line_end) == 1

    def ends(self, raw: bytes) -> Any:
        """(n,) offsets behind each line end in some whole lines."""
        width = len(self.line_end)
        kind = {1: "u1", 2: "u2", 4: "u4"}[width]
        order = ">" if self.line_end[-1] == 10 and width > 1 else "<"
        units = np.frombuffer(raw, order + kind, len(raw) // width)
        return (positions_of(units == self.line_end[0 if order == "<" else -1]) + 1) * width

    def decoded(self, raw: bytes) -> str:
        """A line as text; a byte that is broken is a surrogate."""
        return raw.decode(self.name, "surrogateescape" if self.name == "utf-8" else "dli-hosts-keep")

    def encoded(self, text: str) -> bytes:
        """The text in the encoding of the file. Raises UnicodeError."""
        return text.encode(self.name, "surrogateescape")


class Rewritten(NamedTuple):
    """One line that is to change."""

    at: int
    """0-based number of the line in its part."""
    new: bytes
    """With its line end; empty where the line goes."""
    told: tuple[Told, ...]


class Part(NamedTuple):
    """Some whole lines of a file."""

    first_line: int
    """1-based."""
    raw: bytes
    ends: list[int]
    """Offset behind each line."""
    changed: list[Rewritten]

    def line(self, index: int) -> bytes:
        """One line with its end, as it was."""
        return self.raw[self.ends[index - 1] if index else 0 : self.ends[index]]

    def written(self) -> Iterator[bytes]:
        """What is to be written in the place of these lines."""
        done = 0
        for one in self.changed:
            yield self.raw[done : self.ends[one.at - 1] if one.at else 0]
            yield one.new
            done = self.ends[one.at]
        yield self.raw[done:]


class Rewriter:
    """Reads a file once more, line by line, and changes what was decided."""

    def __init__(self, plan: FilePlan, file: IO[bytes]) -> None:
        self._plan, self._file = plan, file
        head = file.read(4096)
        file.seek(0)
        self.codec = Codec.of(head, plan.encoding)
        self._seen: dict[bytes, bool] = {}
        """Lines that others may repeat; and whether all records of each are ready, or merged."""
        self.unwritable = 0
        """Lines that cannot be written in the encoding of the file, and stay."""
        self.repeats = 0
        """Lines that go, because they are there already."""

    def parts(self) -> Iterator[Part]:
        """All lines of the file. Raises InputError where it is not as it was."""
        changes = iter(self._plan.decided)
        change = next(changes, None)
        compared = iter(self._plan.compared)
        same = next(compared, 0)
        first_line, rest = 1, b""
        while True:
            read = self._file.read(_PART)
            raw = rest + read
            ends = self.codec.ends(raw)
            if read:
                cut = int(ends[-1]) if len(ends) else 0
                raw, rest = raw[:cut], raw[cut:]
            elif len(raw) > (int(ends[-1]) if len(ends) else 0):
                ends = np.append(ends, len(raw))
            if len(ends):
                stop = first_line + len(ends)
                part = Part(first_line, raw, ends.tolist() if change or same else [], [])
                while (change is not None and change.line < stop) or 0 < same < stop:
                    line = min(one for one in (change.line if change else stop, same or stop))
                    mine: list[Change] = []
                    while change is not None and change.line == line:
                        mine.append(change)
                        change = next(changes, None)
                    if same == line:
                        same = next(compared, 0)
                    new = self._rewritten(part.line(line - first_line), line, mine)
                    if new is not None:
                        part.changed.append(Rewritten(line - first_line, *new))
                yield part
                first_line = stop
            if not read:
                break
        if change is not None:
            raise changed_meanwhile()

    def _rewritten(
        self, raw: bytes, line: int, changes: list[Change]
    ) -> tuple[bytes, tuple[Told, ...]] | None:
        """What becomes of a line, and what is told of it; None where it stays."""
        new, told = raw, tuple[Told, ...]()
        edits = [edit for change in changes for edit in change.edits]
        if edits:
            told = tuple(one for change in changes for one in change.told)
            written = self._edited(raw, line, edits, told)
            if written is None:
                self.unwritable += 1
                told = ()
            else:
                new = written
        key = new.removesuffix(self.codec.line_end)
        clean = bool(changes) and all(change.repeat or change.clean for change in changes)
        before = self._seen.get(key)
        if before is None:
            self._seen[key] = clean
        elif (before or clean) and self._is_row(key):
            self.repeats += 1
            return b"", (*told, ("D301", 0, "", "", "repeat", True, ()))
        return (new, told) if new != raw else None

    def _is_row(self, key: bytes) -> bool:
        """Whether a line is a row by itself, or a line of hosts syntax."""
        return self._plan.delimiter < 0 or stands_alone(key, self.codec, self._plan.delimiter)

    def _edited(
        self, raw: bytes, line: int, edits: list[tuple[int, int, str]], told: tuple[Told, ...]
    ) -> bytes | None:
        text = self.codec.decoded(raw)
        marks = len(text) - len(text.lstrip(_MARK)) if line == 1 else 0
        parts, done = [text[:marks]], marks
        for start, end, written in sorted(edits):
            parts += [text[done : marks + start], written]
            done = marks + end
        for _, at, old, *_ in told:
            if not text.startswith((old, old.replace('"', '""')), marks + at):
                raise changed_meanwhile()
        try:
            if self.codec.name != "utf-8" and self.codec.encoded(text) != raw:
                return None
            return self.codec.encoded("".join([*parts, text[done:]]))
        except UnicodeError:
            return None


def stands_alone(line: bytes, codec: Codec, delimiter: int, *, broken: bool = False) -> bool:
    """Whether a line, without its end, is one whole row of delimited text; `broken`: or has a bad quote."""
    text = codec.decoded(line).rstrip("\r").encode("utf-8", "surrogateescape")
    if b"\r" in text:
        return False
    rows = list(read_rows(text + b"\n", delimiter, ended=True, max_cell=len(text)))
    return len(rows) == 1 and (broken or rows[0].broken_at < 0)


def changed_meanwhile() -> InputError:
    """The error for a file that is not as it was when it was read first."""
    return InputError("was changed while it was read", hint="run the command again; nothing was written")
