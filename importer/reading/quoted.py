"""Delimited text one row at a time: RFC 4180, and what real files have besides.

Used for blocks with quotes, and to look at the first rows of a file. `plain.py` finds the same rows in
blocks without quotes, a whole block at once; a property test holds the two equal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

BLANKS = b" \t\v\f\r"
_QUOTE = ord('"')
_CR, _LF = 13, 10


class Cell(NamedTuple):
    """One cell: where its stripped value stands in the text, and the value."""

    at: int
    value: bytes


class Row(NamedTuple):
    """One row with the text it came from: `text[start:end]` without its line end."""

    start: int
    end: int
    following: int
    """Where the next row starts."""
    cells: tuple[Cell, ...]
    broken_at: int = -1
    """Position of an opening quote whose cell is not closed as it should be; -1 in a good row."""
    whole_lines: bool = True
    """Whether the row starts and ends with physical lines (a lone CR can end a row inside one)."""
    comment: bool = False
    """Whether the row begins with `#`."""

    def is_blank(self) -> bool:
        """Whether all cells are empty."""
        return self.broken_at < 0 and not any(cell.value for cell in self.cells)


class _Syntax(NamedTuple):
    delimiter: bytes
    blanks: bytes
    """The bytes that are stripped from cells; without the tab where it is the delimiter."""
    skip: re.Pattern[bytes]
    """A run of blanks."""

    @staticmethod
    def of(delimiter: int) -> _Syntax:
        mark = bytes([delimiter])
        blanks = BLANKS.replace(mark, b"")
        return _Syntax(mark, blanks, re.compile(b"[" + re.escape(blanks) + b"]*"))

    def after_blanks(self, text: bytes, at: int, end: int) -> int:
        found = self.skip.match(text, at, end)
        return found.end() if found else at


def read_rows(
    text: bytes, delimiter: int, *, ended: bool, max_cell: int, at_line_start: bool = True
) -> Iterator[Row]:
    """All rows of a text that begins with a row.

    Where the text goes on later (`ended` is False), a last row is left out whose quoted cell is still open
    and may be closed within `max_cell` bytes: the next text then begins where the row before it ended.
    """
    at = 0
    syntax = _Syntax.of(delimiter)
    while at < len(text):
        row = _read_row(text, at, syntax, ended=ended, max_cell=max_cell)
        if row is None:
            return
        ends_line = row.following >= len(text) or text[row.following - 1] == _LF
        yield row._replace(whole_lines=at_line_start and ends_line)
        at, at_line_start = row.following, ends_line


def content_rows(text: bytes, delimiter: int, *, max_cell: int, cells: int = -1) -> Iterator[Row]:
    """The rows that are neither blank nor comments, for a look at a beginning of any kind.

    Long runs of other lines are passed over at once. With `cells`, whatever is behind so many cells of a row
    without quotes is read as one more.
    """
    syntax, content, at = _Syntax.of(delimiter), content_line(delimiter), 0
    while at < len(text):
        if at == 0 or text[at - 1] == _LF:  # else a lone CR has ended a row inside a line
            found = content.search(text, at)
            if found is None:
                return
            at = found.start()
        row = _read_row(text, at, syntax, ended=True, max_cell=max_cell, most=cells)
        if row is None:
            return
        if not (row.comment or row.is_blank()):
            yield row
        at = row.following


def comments_above(text: bytes, delimiter: int, most: int) -> list[Row]:
    """The last comments above the first row with content, `most` of them: one may be the header."""
    found = content_line(delimiter).search(text)
    above = text[: found.start()] if found else text
    syntax = _Syntax.of(delimiter)
    rows: list[Row] = []
    start = len(above)
    for line in reversed(above[-_ABOVE:].split(b"\n")[-most - 1 : -1]):
        start -= len(line) + 1
        row = _read_row(text, start, syntax, ended=True, max_cell=0)
        if row is not None and row.comment:
            rows.append(row)
    return rows[::-1]


_ABOVE = 1 << 16
"""Bytes above the first row with content in which a header is looked for."""


@cache
def content_line(delimiter: int) -> re.Pattern[bytes]:
    """Where a line begins that is neither blank, nor of empty cells alone, nor a comment."""
    mark = re.escape(bytes([delimiter]))
    blank = re.escape(BLANKS.replace(bytes([delimiter]), b""))
    other = b"[^%b%b\n]" % (blank, mark)
    first = b"[^#%b%b\n]" % (blank, mark)
    return re.compile(b"^[%b]*(?:%b|%b[%b%b]*%b)" % (blank, first, mark, blank, mark, other), re.MULTILINE)


def _read_row(
    text: bytes, start: int, syntax: _Syntax, *, ended: bool, max_cell: int, most: int = -1
) -> Row | None:
    end, following = _row_end(text, start)
    first = syntax.after_blanks(text, start, end)
    comment = text[first : first + 1] == b"#"
    if comment or text.find(b'"', start, end) < 0:
        return Row(start, end, following, _plain_cells(text[start:end], start, syntax, most), comment=comment)
    cells: list[Cell] = []
    at = start
    while True:
        first = syntax.after_blanks(text, at, end)
        if first >= end or text[first] != _QUOTE:
            mark = text.find(syntax.delimiter, at, end)
            stop = end if mark < 0 else mark
            cells.append(_cell(text[at:stop], at, syntax.blanks))
            if mark < 0:
                return Row(start, end, following, tuple(cells))
            at = mark + 1
            continue
        close = _closing_quote(text, first, max_cell)
        if close < 0:
            if not ended and len(text) - first <= max_cell:
                return None
            return _broken(text, start, first)
        if close >= end:  # the cell holds a line end, so the row goes on too
            end, following = _row_end(text, close)
        cells.append(_cell(text[first + 1 : close].replace(b'""', b'"'), first + 1, syntax.blanks))
        after = syntax.after_blanks(text, close + 1, end)
        if after >= end:
            return Row(start, end, following, tuple(cells))
        if text[after] != syntax.delimiter[0]:
            return _broken(text, start, first)
        at = after + 1


def _plain_cells(line: bytes, start: int, syntax: _Syntax, most: int) -> tuple[Cell, ...]:
    cells, at = [], start
    for raw in line.split(syntax.delimiter, most):
        cells.append(_cell(raw, at, syntax.blanks))
        at += len(raw) + 1
    if len(cells) == most + 1:  # the rest of the row, which may be of empty cells
        cells[-1] = cells[-1]._replace(value=cells[-1].value.strip(syntax.blanks + syntax.delimiter))
    return tuple(cells)


def _cell(raw: bytes, at: int, blanks: bytes) -> Cell:
    value = raw.lstrip(blanks)
    if not value:
        return Cell(at, b"")
    return Cell(at + len(raw) - len(value), value.rstrip(blanks))


def _row_end(text: bytes, at: int) -> tuple[int, int]:
    """Where the row ends that goes on here, outside quotes, and where the next row starts.

    An LF ends it, and so does a lone CR; CRs right before an LF belong to the line end.
    """
    line_end = text.find(b"\n", at)
    stop = len(text) if line_end < 0 else line_end
    end = stop
    while end > at and text[end - 1] == _CR:
        end -= 1
    lone = text.find(b"\r", at, end)
    if lone >= 0:
        return lone, lone + 1
    return end, min(stop + 1, len(text))


def _closing_quote(text: bytes, opening: int, max_cell: int) -> int:
    """Position of the quote that closes a cell; doubled quotes do not. -1 if there is none."""
    at = opening + 1
    limit = min(len(text), opening + max_cell + 1)
    while True:
        at = text.find(b'"', at, limit)
        if at < 0:
            return -1
        if text[at + 1 : at + 2] != b'"':
            return at
        at += 2


def _broken(text: bytes, start: int, opening: int) -> Row:
    """A broken row ends with the physical line of its opening quote; reading goes on behind that line."""
    line_end = text.find(b"\n", opening)
    end = len(text) if line_end < 0 else line_end
    return Row(start, end, min(end + 1, len(text)), (), broken_at=opening)
