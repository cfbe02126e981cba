"""The rows behind the last record that hold no host, such as a sum or a remark (R114).

Only the end of a text shows them, so rows at the end of a block that may be a footer are read together with
the next block, as a quoted cell that is still open is.
"""

from __future__ import annotations

from importer.columns.batch import Block
from importer.columns.forms import is_address_like
from importer.limits import NAME_BYTES
from importer.reading.layout import FileLayout
from importer.reading.quoted import BLANKS, Row, read_rows

_MOST = 10
"""Rows that a footer has at the most."""
_NEAR = 256
"""Bytes in which the start of a line is looked for at first."""
_HELD = 1 << 20
"""Bytes at the end of a block that are looked at."""


def footer_start(block: Block, layout: FileLayout) -> int:
    """Position of the first row of what may be a footer at the end of a block; its end if nothing may be."""
    start = block.stop
    found = 0
    end = block.stop
    floor = max(block.start, block.stop - _HELD)
    while end > floor and found < _MOST:
        low = _line_start(block, end, floor)
        line = block.data[low:end].tobytes()
        if line.strip(BLANKS + b"\n"):
            if not _may_be_footer(line, layout):
                break
            start, found = low, found + 1
        end = low
    return start


def _line_start(block: Block, end: int, floor: int) -> int:
    """First byte of the line that ends before `end`."""
    size = _NEAR
    while True:
        low = max(floor, end - size)
        found = block.data[low : end - 1].tobytes().rfind(b"\n")
        if found >= 0 or low == floor:
            return low + found + 1 if found >= 0 else floor
        size *= 8


def _may_be_footer(line: bytes, layout: FileLayout) -> bool:
    """Whether a line is one row with exactly one filled cell, which is neither a name nor an address."""
    if line.rstrip(b"\r\n").find(b"\r") >= 0 or line.count(b'"') % 2:
        return False
    row: Row | None = next(read_rows(line, layout.delimiter, ended=True, max_cell=len(line)), None)
    if row is None or row.comment or row.broken_at >= 0:
        return False
    filled = [cell.value for cell in row.cells if cell.value]
    if len(filled) != 1:
        return False
    return bool(filled[0].translate(None, NAME_BYTES)) and not is_address_like(
        filled[0].decode("utf-8", "replace")
    )
