"""What moves from reading to checking: a block of a source, and the records found in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np

from importer.columns.arrays import BoolArray, ByteArray, IntArray
from importer.columns.excerpts import WINDOW, Excerpt, Span, addresses_in, excerpt_of, masked
from importer.columns.kernels import positions_of, starts_of_runs
from importer.columns.shape import LineShape
from importer.columns.text import TextColumn
from importer.columns.understood import Understood


class Source(NamedTuple):
    """One input as the user named it."""

    name: str
    format: str
    """`hosts`, `csv`, `xlsx`, `parquet`, `feather` or `frame`."""
    encoding: str
    number: int
    """0-based place in the order of the inputs."""
    understood: Understood = Understood()
    block_list: bool = False
    """Whether most of its lines put a name on a local address, to block it."""
    labels: Callable[[int], int | str] | None = None
    """Turns a row number into an index label; None where lines are lines."""


class Places(Protocol):
    """Turns the position of a finding into what a person looks for."""

    def place(self, at: int) -> tuple[int | str, int | None]:
        """Line (or index label) and 1-based column of a position."""

    def line_of(self, at: IntArray) -> IntArray:
        """Physical line (or 0-based row of a frame) of each position."""

    def excerpt(self, at: int, width: int, keep: Sequence[Span]) -> Excerpt | None:
        """The line with the finding marked, and all but it and `keep` masked; None where there is no line."""

    def text_at(self, at: int, width: int) -> bytes:
        """What stands there; empty where nothing is known of it."""


@dataclass(frozen=True, eq=False, repr=False)
class Block:
    """Whole lines of one source: `data[start:stop]`, ending in LF, in a buffer with free bytes around.

    Where the last line of the source lacks its LF, one is added, so that all lines are alike.
    """

    data: ByteArray
    start: int
    stop: int
    first_line: int
    """1-based physical line number of the first line."""
    at: int
    """Offset of the first byte in the (decoded) source."""
    last: bool
    """Whether the source ends with this block."""
    share: float = 0.0
    """Which part of all inputs was read up to here; 0 where that is not known."""
    before: int = 0
    """Characters of the first line that stand before the block, where a lone CR ended a row in it."""
    delimiter: int = -1
    """The byte that delimits cells; -1 in hosts syntax."""

    @property
    def text(self) -> ByteArray:
        """The lines themselves, a view."""
        return self.data[self.start : self.stop]

    @cached_property
    def ascii(self) -> bool:
        """Whether every byte is ASCII, so that bytes and characters are the same."""
        return not len(self.text) or bool(self.text.max() < 128)

    @cached_property
    def utf8(self) -> bool:
        """Whether the lines are UTF-8 throughout."""
        if self.ascii:
            return True
        try:
            self.text.tobytes().decode("utf-8")
        except UnicodeDecodeError:
            return False
        return True

    @cached_property
    def line_count(self) -> int:
        """Number of lines."""
        return int(np.count_nonzero(self.text == 10))

    @cached_property
    def line_ends(self) -> IntArray:
        """Sorted positions of all LF."""
        return positions_of(self.text == 10) + self.start

    @cached_property
    def characters(self) -> tuple[IntArray, BoolArray]:
        """(m,) position of every character, and (m,) whether it is a byte that is no UTF-8."""
        text = self.text.tobytes().decode("utf-8", "surrogateescape")
        points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")
        broken = (points >= 0xDC80) & (points <= 0xDCFF)
        width = 1 + (points >= 0x80) + (points >= 0x800) + (points >= 0x10000).astype(np.int64)
        width[broken] = 1
        return np.cumsum(width) - width + self.start, broken

    def line_of(self, at: IntArray) -> IntArray:
        """Physical line of each position."""
        return np.searchsorted(self.line_ends, at) + self.first_line

    def line_start(self, at: int) -> int:
        """Position of the first byte of the line that holds a position."""
        return self.line_span(at)[0]

    def line_span(self, at: int) -> tuple[int, int]:
        """Where the line of a position begins and ends; a block that was cut at a lone CR ends inside it."""
        number = int((ends := self.line_ends).searchsorted(at))
        low = int(ends[number - 1]) + 1 if number else self.start
        return low, int(ends[number]) if number < len(ends) else self.stop

    def count_characters(self, low: int, high: int) -> int:
        """Number of characters in `data[low:high]`; a byte that is no UTF-8 counts as one."""
        if self.ascii:
            return high - low
        if high - low < _SHORT:
            return len(self.data[low:high].tobytes().decode("utf-8", "surrogateescape"))
        starts, _ = self.characters
        return int(np.searchsorted(starts, high) - np.searchsorted(starts, low))

    def place(self, at: int) -> tuple[int | str, int | None]:
        """The same as `line_and_column`."""
        return self.line_and_column(at)

    def line_and_column(self, at: int) -> tuple[int, int]:
        """The same, known to be numbers."""
        number, (low, _) = int(self.line_ends.searchsorted(at)), self.line_span(at)
        before = 0 if number else self.before
        return number + self.first_line, before + self.count_characters(low, at) + 1

    def text_at(self, at: int, width: int) -> bytes:
        """The bytes at a position."""
        return self.data[at : at + width].tobytes()

    def row(self, at: int) -> bytes:
        """The physical line of a position, at most the usual bytes around it."""
        low, high = self.line_span(at)
        return self.data[max(low, at - WINDOW) : min(high, at + WINDOW)].tobytes()

    def excerpt(self, at: int, width: int, keep: Sequence[Span]) -> Excerpt | None:
        """At most 160 characters of the line around a position; what was not judged is masked."""
        low, high = self.line_span(at)
        if self.delimiter >= 0:  # a lone CR ends a row inside a line: what is shown is that row
            low += self.data[low:at].tobytes().rfind(b"\r") + 1
            end = self.data[at:high].tobytes().find(b"\r")
            high = high if end < 0 else at + end
        first = self.data[at : at + 4].tobytes().decode("utf-8", "surrogateescape")[:1]
        width = max(width, len(first.encode("utf-8", "surrogateescape")))
        cut, end = max(low, at - WINDOW), min(high, at + width + WINDOW)
        line = self.data[cut:end].tobytes()
        plain = b" \t\v\f\r#" if self.delimiter < 0 else b'" \t\v\f\r' + bytes([self.delimiter])
        if self.delimiter < 0 and not keep:
            keep = addresses_in(line, cut)
        line = masked(line, cut, [*keep, (at, at + width)], plain)
        return excerpt_of(line, at - cut, width, begins=cut == low, ends=end == high)


_SHORT = 4096
"""Bytes up to which counting anew is cheaper than knowing where every character stands."""

ROW_CODES = ("R102", "R103", "R107", "R108", "R109", "R110", "R111", "R112", "R115")
"""The rules about whole rows that readers find; `RowFaults.rule` holds positions in this."""
(
    RAGGED,
    BAD_QUOTE,
    TOO_SHORT,
    LONE_CR,
    NO_HOST,
    TOO_LONG,
    LOST_LINE_END,
    FOREIGN_COMMENT,
    ABOVE_HEADER,
) = range(9)


class Note(NamedTuple):
    """A finding of the reader that is about no record: a banner line, a stray byte, a choice made."""

    code: str
    at: int
    """Position in the block; -1 where there is no place."""
    facts: Mapping[str, Any]
    """What the message of the rule names, see `importer.language`."""
    keep: Sequence[Span] = ()
    """Stretches of the line that its excerpt shows."""
    cause: str = ""
    """Which of the rule's messages and hints fits; empty: the usual ones."""
    raised: bool = False
    """Whether it is a warning here, where the rule is an info."""


class Notes(NamedTuple):
    """Notes of one rule about any number of lines; only those are made that somebody will see."""

    code: str
    at: IntArray
    """(n,) positions in the block, ascending."""
    note: Callable[[int], Note]
    """Makes one of them, by number."""
    raised: bool = False
    """Whether they are warnings here, where the rule is an info."""


def found_at(offset: IntArray, width: IntArray) -> IntArray:
    """One number for the bytes that a finding is about: how far behind its place they begin, and how many."""
    return offset << _FOUND_BITS | width


def found_of(detail: int) -> tuple[int, int]:
    """Offset and width of `found_at`."""
    return detail >> _FOUND_BITS, detail & ((1 << _FOUND_BITS) - 1)


_FOUND_BITS = 31


TEXT, NUMBER, DATE, BOOLEAN, ERROR, FORMULA = range(6)
CELL_KINDS = ("", "number", "date", "boolean", "error", "formula")
"""What a table of cells can hold a cell as; `CellKinds` holds positions in this."""


class CellKinds(NamedTuple):
    """What the cells of n records are held as, where the source is not text."""

    name: ByteArray
    """(n,) one of `CELL_KINDS`."""
    ip: ByteArray


class RowFaults(NamedTuple):
    """What is wrong with whole rows of a batch of n records."""

    rule: IntArray
    """(n,) which of `ROW_CODES` each row breaks, -1 for none."""
    at: IntArray
    """(n,) where a finding about the row points."""
    detail: IntArray
    """(n,) number of cells of each row; for rules that name what was found, see `found_at`."""


@dataclass(frozen=True, eq=False, repr=False)
class RecordBatch:
    """n records of one source in input order, each one name and one address as written.

    Addresses are held once however many names share them: `owner[i]` is the number of record i's
    address. Positions are offsets in the block and differ from the columns' own only where a
    quoted cell had to be unescaped.
    """

    source: Source
    places: Places
    name: TextColumn
    """(n,) empty where there is none."""
    name_at: IntArray
    """(n,) where each name stands, or would stand."""
    ip: TextColumn
    """(m,) addresses."""
    ip_at: IntArray
    """(m,)"""
    owner: IntArray | None = None
    """(n,) number of each record's address, ascending; None where record i has address i."""
    line: IntArray | None = None
    """(n,) physical line of each name, where the reader knows it; None: ask `places`."""
    row_at: IntArray | None = None
    """(n,) where each row starts; None where rows are lines."""
    faults: RowFaults | None = None
    """Rows that cannot be read as they should; None where there is none."""
    width: int = 0
    """Number of cells a row should have; 0 in hosts syntax."""
    notes: tuple[Note, ...] = ()
    many: tuple[Notes, ...] = ()
    kinds: CellKinds | None = None
    """None where all cells are text."""
    lines: int = 0
    """Physical lines."""
    blank: int = 0
    """Blank and comment lines among them."""
    share: float = 0.0
    """Which part of all inputs was read with this batch; 0 where that is not known."""
    shape: LineShape | None = None
    """What its lines look like, in hosts syntax; None elsewhere, and without content lines."""

    def __len__(self) -> int:
        return len(self.name)

    def pick(self, records: IntArray) -> RecordBatch:
        """Some of the records, ascending, copied with their addresses; notes and line counts stay behind."""
        if self.owner is None:
            addresses, owner = records, None
        else:
            owners = self.owner[records]
            changes = starts_of_runs(owners)
            addresses, owner = owners[changes], np.cumsum(changes) - 1
        return RecordBatch(
            source=self.source,
            places=self.places,
            name=self.name.copied(records),
            name_at=self.name_at[records],
            ip=self.ip.copied(addresses),
            ip_at=self.ip_at[addresses],
            owner=owner,
            faults=None if self.faults is None else RowFaults(*(column[records] for column in self.faults)),
            width=self.width,
        )

    def lines_of(self, records: IntArray) -> IntArray:
        """Physical line of the name of each of these records, or its row in a frame."""
        return self.places.line_of(self.name_at[records]) if self.line is None else self.line[records]


Piece = Callable[[], RecordBatch]
"""A part of an input whose records are still to be found: a pure function, for whatever thread has time."""


def at_hand(batch: RecordBatch) -> Piece:
    """A piece whose records were found already."""
    return partial(_itself, batch)


def _itself(batch: RecordBatch) -> RecordBatch:
    return batch


@runtime_checkable
class Pieced(Protocol):
    """An input whose batches can be had as pieces, and the number of threads that may find their records."""

    workers: int
    """0 stands for as many as are useful."""

    def pieces(self) -> Iterator[Piece]:
        """Every batch of the input in order, each as a function that finds its records."""
