"""Tables of cells: from rows of workbooks, column files and DataFrames to batches of records.

A position is the number of a cell, counted row by row, so that its row and column follow from it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np

from importer.columns.arrays import IntArray
from importer.columns.batch import ABOVE_HEADER, NO_HOST, CellKinds, Note, RecordBatch, RowFaults, Source
from importer.columns.excerpts import Excerpt, Span
from importer.columns.text import TextColumn, byte_class
from importer.errors import InputError
from importer.language import said
from importer.reading.quoted import BLANKS, Cell, Row
from importer.reading.trim import trimmed

_BLANK = byte_class(BLANKS)


class CellPlaces(NamedTuple):
    """Cells of a table of `width` columns: cell c of row r has the position r * width + c."""

    width: int
    label: Callable[[int], int | str] | None = None
    """Turns the number of a row into its label; None where people see the number itself."""

    def place(self, at: int) -> tuple[int | str, int | None]:
        """Row, or its label, and the number of the column from 1."""
        row, column = divmod(at, self.width)
        return row if self.label is None else self.label(row), column + 1

    def line_of(self, at: IntArray) -> IntArray:
        """Number of the row of each position."""
        return at // self.width

    def excerpt(self, at: int, width: int, keep: Sequence[Span]) -> Excerpt | None:
        """None: a row of a table may hold anything, and is not shown."""
        return None

    def text_at(self, at: int, width: int) -> bytes:
        """Empty: cells that are not judged are not kept."""
        return b""


def cell_batch(
    source: Source,
    places: CellPlaces,
    row: IntArray,
    columns: tuple[int, int],
    ip: TextColumn,
    name: TextColumn,
    *,
    lines: int,
    blank: int = 0,
    notes: tuple[Note, ...] = (),
    kinds: CellKinds | None = None,
    above: IntArray | None = None,
    share: float = 0.0,
) -> RecordBatch:
    """The records of n rows with these numbers, (n,); `columns` are those of addresses and names, from 0.

    Outer blanks are taken off. A row with neither address nor name is R109; `above` are the numbers, from 0,
    of those that stand above the header, which are R115.
    """
    first = row * places.width
    ip, name = _trimmed(ip), _trimmed(name)
    nothing = (ip.end == ip.start) & (name.end == name.start)
    faults = None
    if nothing.any() or (above is not None and len(above)):
        rule, detail = np.where(nothing, NO_HOST, -1), np.full(len(row), places.width)
        if above is not None:
            rule[above], detail[above] = ABOVE_HEADER, 0
        faults = RowFaults(rule, first, detail)
    return RecordBatch(
        source=source,
        places=places,
        name=name,
        name_at=first + columns[1],
        ip=ip,
        ip_at=first + columns[0],
        line=row,
        row_at=first,
        faults=faults,
        width=places.width,
        notes=notes,
        kinds=kinds,
        lines=lines,
        blank=blank,
        share=share,
    )


def _trimmed(column: TextColumn) -> TextColumn:
    """The same strings without their outer blanks, over the same buffer."""
    low, high = trimmed(column.data, column.start, column.end, _BLANK)
    return column if low is column.start and high is column.end else TextColumn(column.data, low, high)


def refuse_long_cells(column: TextColumn, row: IntArray, most: int) -> None:
    """Raise InputError where a cell is longer than `most` bytes, as a line of text would be."""
    long = np.flatnonzero(column.lengths() > most)
    if len(long):
        raise InputError(
            said("row {row} has a cell of more than {most:,} bytes", row=row[long[0]], most=most),
            hint="it is probably not a host list; if it is one, raise --max-line",
        )


# --- the first rows, and what they show -----------------------------------------------------------

_SAMPLE_BYTES = 1 << 10
"""Bytes of a cell that are looked at to find out what its column holds."""


def sampled(value: bytes) -> bytes:
    """As much of a cell as detection looks at, without outer blanks."""
    return value[:_SAMPLE_BYTES].strip(BLANKS)


def sample_row(number: int, samples: Iterable[bytes]) -> Row:
    """A row as detection looks at it; its offsets are the numbers of rows."""
    return Row(number, number, number + 1, tuple(Cell(number, sample) for sample in samples))
