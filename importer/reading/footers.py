"""The rows behind the last record that hold no host, such as a sum or a remark (R114).

Only the end of a text shows them, so rows at the end of a block that may be a footer are read together with
the next block, as a quoted cell that is still open is.
"""

from __future__ import annotations

from collections.abc import Iterator

from importer.columns.arrays import IntArray
from importer.columns.batch import Block
from importer.columns.forms import is_form_of_address
from importer.limits import NAME_BYTES
from importer.reading.layout import FileLayout
from importer.reading.quoted import BLANKS, Row, read_rows

FOOTER_ROWS = 10
"""Rows that a footer has at the most."""
_ROWS = 10_000
"""Rows in which a record is looked for; behind so many it does not matter any more."""
_NEAR = 256
"""Bytes in which the start of a line is looked for at first."""
_HELD = 1 << 18
"""Bytes at the end of a block that are looked at."""


class Footers:
    """Finds, block by block, where a footer may begin."""

    def __init__(self, layout: FileLayout) -> None:
        self._layout = layout
        self._nothing = BLANKS + b"\n" + bytes([layout.delimiter])
        self._looked_at = 0
        self._too_long = False
        """The rows so far end in more rows than a footer has, each of which could be in one."""
        self._after_a_record = False
        """Some row so far has both cells."""

    def start(self, block: Block, rows: IntArray | None) -> int:
        """Position of the first row of what may be a footer at the end of a block; its end if none is.

        `rows` has the starts of the rows; None where no row goes on in the next line.
        """
        start, found = block.stop, 0
        for at, row in self._backwards(block, rows):
            if not is_footer(row):
                self._too_long = False
                break
            start, found = at, found + 1
            if found > FOOTER_ROWS:
                self._too_long = True
                break
        self._look_for_a_record(block, block.start, start)
        return block.stop if self._too_long or not self._after_a_record else start

    def _backwards(self, block: Block, starts: IntArray | None) -> Iterator[tuple[int, Row]]:
        """The rows that say something, from the last one on, with their places."""
        end, floor = block.stop, max(block.start, block.stop - _HELD)
        for low in _lines_backwards(block, floor) if starts is None else starts[::-1].tolist():
            text = block.data[low:end].tobytes()
            if text.strip(self._nothing):
                rows = read_rows(text, self._layout.delimiter, ended=True, max_cell=len(text))
                for row in reversed(list(rows)):  # a lone CR ends a row inside a line
                    if not (row.comment or row.is_blank()):
                        yield low + row.start, row
            end = low
            if end <= floor:
                break

    def _look_for_a_record(self, block: Block, low: int, high: int) -> None:
        """Whether a row with both cells stands there; nearly always the first one is."""
        layout = self._layout
        while not self._after_a_record and low < high:
            text = block.data[low : min(high, low + _HELD)].tobytes()
            for row in read_rows(text, layout.delimiter, ended=True, max_cell=len(text)):
                offset = low + row.start - block.start + block.at
                cells = [row.cells[c].value if c < len(row.cells) else b"" for c in (layout.ip, layout.name)]
                self._looked_at += 1
                good = all(cells) and not row.comment and offset >= layout.header_end
                if good or self._looked_at > _ROWS:
                    self._after_a_record = True
                    return
            low += len(text)


def is_footer(row: Row) -> bool:
    """Whether a row has exactly one filled cell, which is neither a name nor an address."""
    filled = [cell.value for cell in row.cells if cell.value]
    return row.broken_at < 0 and is_footer_cell(filled)


def is_footer_cell(filled: list[bytes]) -> bool:
    """Whether these filled cells of a row are one, which is neither a name nor an address."""
    if len(filled) != 1 or not filled[0].translate(None, NAME_BYTES):
        return False
    return not is_form_of_address(filled[0].decode("utf-8", "replace"))


def _lines_backwards(block: Block, floor: int) -> Iterator[int]:
    """Where the lines of a block begin, the last one first, as far as `floor`."""
    end = block.stop
    while end > floor:
        end = _line_start(block, end, floor)
        yield end


def _line_start(block: Block, end: int, floor: int) -> int:
    """First byte of the line that ends before `end`."""
    size = _NEAR
    while True:
        low = max(floor, end - size)
        found = block.data[low : end - 1].tobytes().rfind(b"\n")
        if found >= 0 or low == floor:
            return low + found + 1 if found >= 0 else floor
        size *= 8
