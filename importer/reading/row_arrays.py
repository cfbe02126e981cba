"""Rows of delimited text as arrays of numbers."""

from __future__ import annotations

from typing import NamedTuple

from importer.columns.arrays import BoolArray, IntArray
from importer.columns.text import TextColumn


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
