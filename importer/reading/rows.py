"""Rows of delimited text as arrays of numbers, and the records in them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from importer.columns.arrays import BoolArray, IntArray
from importer.columns.batch import (
    BAD_QUOTE,
    NO_HOST,
    RAGGED,
    TOO_LONG,
    TOO_SHORT,
    Block,
    Note,
    RecordBatch,
    RowFaults,
    Source,
)
from importer.columns.text import TextColumn
from importer.reading.layout import FileLayout


class Rows(NamedTuple):
    """n rows of a block; positions are offsets in its buffer."""

    start: IntArray
    """(n,) first byte of the row."""
    cells: IntArray
    """(n,) number of cells."""
    ip: TextColumn
    """(n,) the cell without outer blanks; empty where it is missing."""
    ip_at: IntArray
    """(n,) where it stands."""
    name: TextColumn
    name_at: IntArray
    blank: BoolArray
    """(n,) all cells are empty."""
    comment: BoolArray
    surplus: BoolArray
    """(n,) some cell beyond the width is not empty."""
    broken_at: IntArray
    """(n,) the opening quote of a cell that is not closed as it should be; -1 in a good row."""
    whole: BoolArray
    """(n,) the row starts and ends with physical lines."""
    line: IntArray | None = None
    """(n,) the physical line, where each row is exactly one line; else None."""

    def where(self, keep: BoolArray) -> Rows:
        """The rows that `keep` selects."""
        return Rows(
            start=self.start[keep],
            cells=self.cells[keep],
            ip=self.ip.where(keep),
            ip_at=self.ip_at[keep],
            name=self.name.where(keep),
            name_at=self.name_at[keep],
            blank=self.blank[keep],
            comment=self.comment[keep],
            surplus=self.surplus[keep],
            broken_at=self.broken_at[keep],
            whole=self.whole[keep],
            line=None if self.line is None else self.line[keep],
        )


def batch_of_rows(block: Block, rows: Rows, layout: FileLayout, source: Source) -> RecordBatch:
    """The records in the rows, and notes about the rows that are not records."""
    blank_lines = int(((rows.blank | rows.comment) & rows.whole).sum())
    notes: list[Note] = []
    keep = ~(rows.blank | rows.comment)
    if block.at < layout.header_end:
        keep, blank_lines = _without_header(block, rows, layout, keep, blank_lines, notes)
    if not keep.all():
        rows = rows.where(keep)
    return RecordBatch(
        source=source,
        places=block,
        name=rows.name,
        name_at=rows.name_at,
        ip=rows.ip,
        ip_at=rows.ip_at,
        line=rows.line,
        row_at=rows.start,
        faults=_faults(rows, layout),
        width=layout.width,
        notes=tuple(notes),
        lines=block.line_count,
        blank=blank_lines,
        share=block.share,
    )


def _without_header(
    block: Block, rows: Rows, layout: FileLayout, keep: BoolArray, blank_lines: int, notes: list[Note]
) -> tuple[BoolArray, int]:
    """Leave out the header, and the rows above it, each of which gets the note R104."""
    offset = rows.start - block.start + block.at
    header = offset == layout.header_at
    banner = (offset < layout.header_at) & keep
    notes.extend(Note("R104", at, {}) for at in rows.start[banner].tolist())
    if layout.others and header.any():
        words = {"taken": layout.taken, "others": "\n".join(layout.others)}
        notes.append(Note("R105", int(rows.start[header][0]), words))
    blank_lines -= int((header & (rows.blank | rows.comment) & rows.whole).sum())
    return keep & ~header & (offset >= layout.header_end), blank_lines


def _faults(rows: Rows, layout: FileLayout) -> RowFaults | None:
    """Which rule about whole rows each row breaks; of several, the gravest."""
    nothing = (rows.ip.end == rows.ip.start) & (rows.name.end == rows.name.start)
    if not nothing.any() and bool((rows.cells == layout.width).all()):
        return None
    rule = np.full(len(rows.start), -1, np.int64)
    rule[rows.cells < layout.width] = RAGGED
    rule[rows.surplus] = TOO_LONG
    rule[nothing] = NO_HOST
    rule[rows.cells < max(layout.ip, layout.name) + 1] = TOO_SHORT
    rule[rows.broken_at >= 0] = BAD_QUOTE
    if not (rule >= 0).any():
        return None
    return RowFaults(rule, np.where(rows.broken_at >= 0, rows.broken_at, rows.start), rows.cells)
