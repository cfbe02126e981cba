"""Tables of cells: what workbooks, column files and DataFrames have in common.

A position is the number of a cell, counted row by row, so that it tells its row and its column.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from importer.columns.arrays import IntArray
from importer.columns.batch import NO_HOST, Note, RecordBatch, RowFaults, Source
from importer.columns.excerpts import Excerpt
from importer.columns.text import TextColumn, byte_class
from importer.errors import InputError
from importer.reading.quoted import BLANKS

_BLANK = byte_class(BLANKS)
_BLANK_ROUNDS = 8


class CellPlaces(NamedTuple):
    """Cells of a table of `width` columns: cell c of row r has the position r * width + c."""

    width: int
    label: Callable[[int], int | str] | None = None
    """Turns the number of a row into what people see; None where they see the number."""

    def place(self, at: int) -> tuple[int | str, int | None]:
        """Row, or its label, and the number of the column from 1."""
        row, column = divmod(at, self.width)
        return row if self.label is None else self.label(row), column + 1

    def line_of(self, at: IntArray) -> IntArray:
        """Number of the row of each position."""
        return at // self.width

    def excerpt(self, at: int, width: int) -> Excerpt | None:
        """None: a row of a table may hold anything, and is not shown."""
        return None


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
    share: float = 0.0,
) -> RecordBatch:
    """The records of (n,) rows with these numbers; `columns` are those of addresses and names, from 0.

    Outer blanks are taken off. A row without address and name is R109.
    """
    first = row * places.width
    ip, name = stripped(ip), stripped(name)
    nothing = (ip.end == ip.start) & (name.end == name.start)
    faults = None
    if nothing.any():
        faults = RowFaults(np.where(nothing, NO_HOST, -1), first, np.full(len(row), places.width))
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
        lines=lines,
        blank=blank,
        share=share,
    )


def stripped(column: TextColumn) -> TextColumn:
    """The same strings without their outer blanks, over the same buffer; blanks are those of a file."""
    low, high = column.start, column.end
    for step in (1, -1):
        rest = np.flatnonzero(high > low)
        rest = rest[_BLANK[column.data.take(low[rest] if step > 0 else high[rest] - 1)]]
        if not len(rest):
            continue
        low, high = low.copy(), high.copy()
        side = low if step > 0 else high
        for _ in range(_BLANK_ROUNDS):  # one blank a round, in all cells at once
            side[rest] += step
            rest = rest[low[rest] < high[rest]]
            rest = rest[_BLANK[column.data.take(side[rest] if step > 0 else side[rest] - 1)]]
        for i in rest.tolist():  # long runs are rare, and are taken off one cell at a time
            cell = column.data[low[i] : high[i]].tobytes()
            bare = cell.lstrip(BLANKS) if step > 0 else cell.rstrip(BLANKS)
            side[i] += step * (len(cell) - len(bare))
    return column if low is column.start and high is column.end else TextColumn(column.data, low, high)


def refuse_long_cells(column: TextColumn, row: IntArray, most: int, display: str) -> None:
    """Raise InputError where a cell is longer than `most` bytes, as a line of text would be."""
    long = np.flatnonzero(column.lengths() > most)
    if len(long):
        raise InputError(
            f"row {row[long[0]]} has a cell of more than {most:,} bytes",
            source=display,
            hint="this is hardly a host list; if it is, raise --max-line",
        )
