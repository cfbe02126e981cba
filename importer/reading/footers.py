"""The rows behind the last record that hold no host, such as a sum or a remark (R114).

Only the end of a text shows them, so rows at the end of a block that may be a footer are read together with
the next block, as a quoted cell that is still open is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

import numpy as np

from importer.columns.batch import Block
from importer.columns.forms import is_form_of_address
from importer.columns.kernels import positions_of
from importer.limits import NAME_BYTES
from importer.reading.layout import FileLayout
from importer.reading.quoted import Row, content_line, read_rows
from importer.reading.row_arrays import Rows

FOOTER_ROWS = 10
"""Rows that a footer has at the most."""
_ROWS = 10_000
"""Rows in which a record is looked for; behind so many it does not matter any more."""
_NEAR = 256
"""Bytes that are looked at first."""
_HELD = 1 << 18
"""Bytes at the end of a block that are looked at."""


class Footers:
    """Finds, block by block, where a footer may begin."""

    def __init__(self, layout: FileLayout) -> None:
        self._layout = layout
        self._looked_at = 0
        self._too_long = False
        """The rows so far end in more rows than a footer has, each of which could be in one."""
        self._after_a_record = False
        """Some row so far has both cells."""

    def start(self, block: Block, rows: Rows | None) -> int:
        """Position of the first row of what may be a footer at the end of a block; its end if none is.

        `rows` are those of the block; None where no row goes on in the next line.
        """
        start, found = block.stop, 0
        for at, row in self._backwards(block) if rows is None else self._rows_backwards(block, rows):
            if not is_footer(row):
                self._too_long = False
                break
            start, found = at, found + 1
            if found > FOOTER_ROWS:
                self._too_long = True
                break
        if not self._after_a_record:
            if rows is None:
                self._look_for_a_record(block, block.start, start)
            else:
                self._look_for_a_record_in(block, rows, start)
        return block.stop if self._too_long or not self._after_a_record else start

    def _backwards(self, block: Block) -> Iterator[tuple[int, Row]]:
        """The rows that say something, from the last one on, with their places."""
        floor, high, size = max(block.start, block.stop - _HELD), block.stop, _NEAR
        while high > floor:
            low = _line_start(block, high - size, floor)
            text = block.data[low:high].tobytes()
            for line in reversed(list(_lines_with_rows(self._layout.delimiter).finditer(text))):
                for row in reversed(list(self._rows_of(line))):
                    yield low + line.start() + row.start, row
            high, size = low, 8 * size

    def _rows_of(self, line: re.Match[bytes]) -> Iterator[Row]:
        """The rows of a line that are neither blank nor comments; a lone CR ends a row inside it."""
        for row in read_rows(line[0], self._layout.delimiter, ended=True, max_cell=len(line[0])):
            if not (row.comment or row.is_blank()):
                yield row

    def _rows_backwards(self, block: Block, rows: Rows) -> Iterator[tuple[int, Row]]:
        """The same, where the rows of the block are known."""
        floor = max(block.start, block.stop - _HELD)
        end = np.append(rows.start[1:], block.stop)
        for i in positions_of(~(rows.blank | rows.comment) & (end > floor))[: -FOOTER_ROWS - 2 : -1].tolist():
            low = int(rows.start[i])
            text = block.data[low : end[i]].tobytes()
            for row in read_rows(text, self._layout.delimiter, ended=True, max_cell=len(text)):
                yield low + row.start, row

    def _look_for_a_record(self, block: Block, low: int, high: int) -> None:
        """Whether a row with both cells stands there; nearly always the first one is."""
        layout = self._layout
        while not self._after_a_record and low < high:
            text = block.data[low : min(high, low + _HELD)].tobytes()
            for line in _lines_with_rows(layout.delimiter).finditer(text):
                for row in self._rows_of(line):
                    offset = low + line.start() + row.start - block.start + block.at
                    cells = [
                        row.cells[c].value if c < len(row.cells) else b"" for c in (layout.ip, layout.name)
                    ]
                    self._looked_at += 1
                    good = all(cells) and offset >= layout.header_end
                    if good or self._looked_at > _ROWS:
                        self._after_a_record = True
                        return
            low += len(text)
            self._looked_at += text.count(b"\n")
            self._after_a_record = self._looked_at > _ROWS

    def _look_for_a_record_in(self, block: Block, rows: Rows, stop: int) -> None:
        """The same, where the rows of the block are known."""
        near = rows.start < stop
        both = (rows.ip.end > rows.ip.start) & (rows.name.end > rows.name.start) & ~rows.comment
        below = rows.start - block.start + block.at >= self._layout.header_end
        self._looked_at += int(np.count_nonzero(near))
        self._after_a_record = bool((both & below & near).any()) or self._looked_at > _ROWS


@cache
def _lines_with_rows(delimiter: int) -> re.Pattern[bytes]:
    """Lines that may hold a row which is neither blank nor a comment; it can stand behind a lone CR."""
    return re.compile(b"^(?:(?=%b)|[^\r\n]*+\r++[^\n])[^\n]*" % content_line(delimiter).pattern, re.MULTILINE)


def is_footer(row: Row) -> bool:
    """Whether a row has exactly one filled cell, which is neither a name nor an address."""
    filled = [cell.value for cell in row.cells if cell.value]
    return row.broken_at < 0 and is_footer_cell(filled)


def is_footer_cell(filled: list[bytes]) -> bool:
    """Whether these filled cells of a row are one, which is neither a name nor an address."""
    if len(filled) != 1 or not filled[0].translate(None, NAME_BYTES):
        return False
    return not is_form_of_address(filled[0].decode("utf-8", "replace"))


def _line_start(block: Block, at: int, floor: int) -> int:
    """The last start of a line up to a position that is not below `floor`; `floor` if there is none."""
    size = _NEAR
    while at > floor:
        low = max(floor, at - size)
        found = block.data[low:at].tobytes().rfind(b"\n")
        if found >= 0:
            return low + found + 1
        at, size = low, 8 * size
    return floor
