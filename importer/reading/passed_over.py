"""Rows of delimited text that are not records, and what each of them tells so that no host is lost unseen.

Rows above the header (R104, R115) and the header that was assumed (R113), headers that come again (R116),
and comments that hold hosts (R117).
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import numpy as np

from importer.columns.arrays import BoolArray, IntArray
from importer.columns.batch import Block, Note, Notes
from importer.columns.forms import is_form_of_address
from importer.columns.ipv4 import parse_ipv4
from importer.columns.kernels import all_bytes, positions_of
from importer.columns.text import TextColumn, byte_class
from importer.language import Text
from importer.limits import LETTERS, MAX_NAME_CHARS
from importer.reading.layout import FileLayout
from importer.reading.quoted import BLANKS, Row, read_rows
from importer.reading.row_arrays import Rows
from importer.reading.tables import texts_of
from importer.reading.trim import trimmed


class AboveHeader(NamedTuple):
    """Rows above the header that hold a form of address, and where it stands."""

    start: IntArray
    """First byte of the row, ascending."""
    at: IntArray
    width: IntArray

    @staticmethod
    def nothing() -> AboveHeader:
        """No such row."""
        return AboveHeader(*np.empty((3, 0), np.int64))


def rows_above(
    block: Block, rows: Rows, layout: FileLayout, keep: BoolArray, notes: list[Note]
) -> tuple[AboveHeader, BoolArray]:
    """Leave out the header and the rows above it, but those that hold a form of address."""
    offset = rows.start - block.start + block.at
    header = offset == layout.header_at
    found: list[tuple[int, int, int]] = []
    broken = rows.broken_at >= 0  # a fault of its own, above the header too
    for i in positions_of((offset < layout.header_end) & ~header & keep & ~broken).tolist():
        cell = _address_cell(_parsed(block, rows, i, layout))
        if cell is None:
            notes.append(Note("R104", int(rows.start[i]), {}))
            continue
        found.append((int(rows.start[i]), cell[0], cell[1]))
    above = AboveHeader(*np.array(found, np.int64).reshape(-1, 3).T)
    keep = keep & ((offset >= layout.header_end) | broken)
    if header.any():
        at = int(rows.start[header][0])
        notes += layout.choice(at)
        if layout.assumed:
            notes.append(Note("R113", at, {"found": Text(layout.headings[layout.ip])}))
    return above, keep | np.isin(rows.start, above.start)


def _address_cell(row: Row | None) -> tuple[int, int] | None:
    """Where the first form of address stands in a row, and its bytes."""
    for cell in row.cells if row is not None else ():
        if is_form_of_address(cell.value.decode("utf-8", "replace")):
            return cell.at, len(cell.value)
    return None


def _text(block: Block, rows: Rows, i: int) -> bytes:
    high = int(rows.start[i + 1]) if i + 1 < len(rows.start) else block.stop
    return block.data[int(rows.start[i]) : high].tobytes()


def _parsed(block: Block, rows: Rows, i: int, layout: FileLayout) -> Row | None:
    """All cells of one row, at their positions in the block."""
    low, text = int(rows.start[i]), _text(block, rows, i)
    row = next(read_rows(text, layout.delimiter, ended=True, max_cell=len(text)), None)
    if row is None:
        return None
    return row._replace(cells=tuple(cell._replace(at=cell.at + low) for cell in row.cells))


def repeated_headers(block: Block, rows: Rows, layout: FileLayout, keep: BoolArray) -> BoolArray:
    """(n,) which rows below the header have its very cells."""
    found = np.zeros(len(rows.start), np.bool_)
    if layout.header_at < 0:
        return found
    perhaps = positions_of(perhaps_headers(rows.ip, layout) & keep & (rows.cells == layout.width))
    name = layout.headings[layout.name].encode("utf-8", "surrogateescape")
    perhaps = perhaps[rows.name.where(perhaps).equals(name)]
    end = np.append(rows.start[1:], block.stop)
    spelled = TextColumn(block.data, rows.start[perhaps], end[perhaps])
    alike = _without_blanks(spelled, layout).equals(_bare_header(layout))
    perhaps, spelled = perhaps[alike], spelled.where(alike)
    for _ in range(_SPELLINGS):
        if not len(perhaps):
            return found
        same = spelled.equals(spelled.value(0))
        found[perhaps[same]] = _is_header(block, rows, int(perhaps[0]), layout)
        perhaps, spelled = perhaps[~same], spelled.where(~same)
    for i in perhaps.tolist():
        found[i] = _is_header(block, rows, i, layout)
    return found


_SPELLINGS = 4
"""Ways to write the header again; hardly any file has two, as with one line end or another."""


def _is_header(block: Block, rows: Rows, i: int, layout: FileLayout) -> bool:
    row = _parsed(block, rows, i, layout)
    return row is not None and tuple(texts_of(row)) == layout.headings


def _without_blanks(rows: TextColumn, layout: FileLayout) -> TextColumn:
    """The rows without blanks, quotes and line ends: what all spellings of a row have in common."""
    length = rows.lengths()
    _, at = all_bytes(rows.start, length)
    byte = rows.data.take(at)
    keep = ~byte_class(_passed_over_in(layout)).take(byte)
    row = np.repeat(np.arange(len(rows)), length)[keep]
    end = np.cumsum(np.bincount(row, minlength=len(rows)))
    return TextColumn(byte[keep], np.append(0, end)[:-1], end)


def _bare_header(layout: FileLayout) -> bytes:
    cells = (heading.encode("utf-8", "surrogateescape") for heading in layout.headings)
    return bytes([layout.delimiter]).join(cells).translate(None, _passed_over_in(layout))


def _passed_over_in(layout: FileLayout) -> bytes:
    return (BLANKS + b'"\n').replace(bytes([layout.delimiter]), b"")


def perhaps_headers(ip: TextColumn, layout: FileLayout) -> BoolArray:
    """(n,) which address cells are the heading of their column."""
    if layout.header_at < 0:
        return np.zeros(len(ip), np.bool_)
    return ip.equals(layout.headings[layout.ip].encode("utf-8", "surrogateescape"))


def hosts_in_comments(block: Block, rows: Rows, layout: FileLayout, comments: IntArray) -> tuple[Notes, ...]:
    """A note for each comment that is a host once its `#` is taken off.

    It is a warning unless the first heading has a `#` too: an id such as #4711 makes a row a comment by
    accident.
    """
    lengths = rows.ip.lengths().take(comments), rows.name.lengths().take(comments)
    comments = comments[(lengths[0] >= _SHORTEST) & (lengths[1] > 0)]
    if not len(comments):
        return ()
    ip, name = (_bare(column.where(comments)) for column in (rows.ip, rows.name))
    _, valid = parse_ipv4(ip.data, ip.start, ip.end)
    valid &= _are_names(name)
    if not valid.any():
        return ()
    raised = not layout.hash_heading
    ip, name, at = ip.where(valid), name.where(valid), rows.start[comments[valid]]
    return (Notes("R117", at, partial(_host_in_comment, block, ip, name, at, raised), raised),)


_SHORTEST = len("0.0.0.0")


def _host_in_comment(
    block: Block, ip: TextColumn, name: TextColumn, at: IntArray, raised: bool, i: int
) -> Note:
    facts = {"ip": ip.value(i).decode("ascii"), "name": Text(name.value(i).decode("ascii"))}
    keep = tuple((int(c.start[i]), int(c.end[i])) for c in (ip, name) if c.data is block.data)
    return Note("R117", int(at[i]), facts, keep=keep, raised=raised)


def _are_names(column: TextColumn) -> BoolArray:
    """(n,) which texts are names by the service's own rule, the last dot aside."""
    core = TextColumn(column.data, column.start, column.end - (column.last_byte() == _DOT))
    length = core.lengths()
    fits: BoolArray = (length > 0) & (length <= MAX_NAME_CHARS)
    return fits & _LETTERS.take(core.first_byte()) & (core.first_odd() < 0)


_DOT, _LETTERS = ord("."), byte_class(LETTERS)


def _bare(column: TextColumn) -> TextColumn:
    """The cells without a `#` at their beginning, and without the blanks and quotes around it."""
    start, end = trimmed(column.data, column.start, column.end, _BLANK_OR_HASH)
    return TextColumn(column.data, start, end)


_BLANK_OR_HASH = byte_class(BLANKS + b'#"')
