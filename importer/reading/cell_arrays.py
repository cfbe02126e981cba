"""Rows of delimited text, whatever their quotes are like: whole blocks by whole-array arithmetic.

    10.0.0.1,kafka01,"a, b"\\n
    |       ||      ||  |  ||
    cell 0   cell 1  |  |   mark 3
                     |  mark 2, which the quotes of cell 2 hide
                     cell 2

Marks are the bytes that end a cell outside of quotes: delimiters and row ends. Behind each mark a cell may
begin. Where such a cell would end, and which one would be next, is worked out for all of them at once. Nearly
always the next one begins behind the next mark. Where it does not, because quotes hide marks, the cells are
followed from the first one on, and what they pass over was not a cell.
`quoted.py` finds the same rows one by one; a property test holds the two equal.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from importer.columns.arrays import BoolArray, ByteArray, IntArray
from importer.columns.batch import Block
from importer.columns.kernels import all_bytes, is_member, not_name_byte, positions_of
from importer.columns.text import TextColumn
from importer.reading.layout import FileLayout
from importer.reading.row_arrays import Rows
from importer.reading.signs import Signs

_LF, _HASH, _QUOTE = 10, 35, 34


def rows_of(block: Block, layout: FileLayout, max_cell: int, *, ended: bool) -> tuple[Rows, int]:
    """The rows of a block, and the position where the last of them ends.

    Where the text goes on later (`ended` is False), a last row is left out whose quoted cell is still open
    and may be closed within `max_cell` bytes.
    """
    text = np.append(block.text, np.uint8(_LF))
    signs = Signs.of(text[:-1], layout.delimiter)
    cells = _Cells.of(text, signs, max_cell, ended=ended)
    start, first = cells.start[cells.first], cells.first
    count = np.diff(first, append=len(cells.start))
    broken = np.zeros(len(first), np.bool_)
    broken_at = np.full(len(first), -1, np.int64)
    hit = np.searchsorted(first, cells.broken, side="right") - 1
    broken[hit], broken_at[hit] = True, cells.broken_at + block.start
    count[broken] = 0
    filled = cells.high > cells.low
    blank = np.zeros(len(first), np.bool_)
    if len(first):
        blank = ~(np.logical_or.reduceat(filled, first) | broken)
    surplus = np.zeros(len(first), np.bool_)
    if (count > layout.width).any():
        row = np.repeat(np.arange(len(first)), np.diff(first, append=len(filled)))
        beyond = filled & (np.arange(len(filled)) - first[row] >= layout.width)
        surplus[row[beyond]] = True
        surplus &= ~broken
    whole = cells.ends_line.copy()
    whole[1:] &= cells.ends_line[:-1]
    whole[:1] &= block.before == 0
    odd = positions_of(not_name_byte(block.text)) + block.start
    ip, ip_at = _column(block, cells, start, count, layout.ip, odd)
    name, name_at = _column(block, cells, start, count, layout.name, odd)
    one_each = len(first) == block.line_count and bool(whole.all() and (block.text[-1:] == _LF).all())
    rows = Rows(
        start=start + block.start,
        cells=count,
        ip=ip,
        ip_at=ip_at,
        name=name,
        name_at=name_at,
        blank=blank,
        comment=cells.comment,
        surplus=surplus,
        broken_at=broken_at,
        whole=whole,
        line=np.arange(block.first_line, block.first_line + len(first)) if one_each else None,
    )
    return rows, cells.stop + block.start


def _column(
    block: Block, cells: _Cells, start: IntArray, count: IntArray, column: int, odd: IntArray
) -> tuple[TextColumn, IntArray]:
    """One column of the rows, and where its cells stand; a row without it has an empty cell at its start."""
    there = count > column
    number = cells.first + column
    if there.all():
        low, high, at = (part.take(number) for part in (cells.low, cells.high, cells.at))
        doubled = cells.doubled.take(number)
    else:
        low, high, at = (
            np.where(there, part.take(number, mode="clip"), start)
            for part in (cells.low, cells.high, cells.at)
        )
        doubled = cells.doubled.take(number, mode="clip") & there
    text = TextColumn(block.data, low + block.start, high + block.start, odd)
    return (_undoubled(text, doubled) if doubled.any() else text), at + block.start


def _undoubled(column: TextColumn, doubled: BoolArray) -> TextColumn:
    """The column in a buffer of its own, in which the quotes of these cells are written once."""
    length = column.lengths()
    _, at = all_bytes(column.start, length)
    data = column.data.take(at)
    cell = np.repeat(np.arange(len(length)), length)
    second = positions_of((data == _QUOTE) & doubled[cell])[1::2]  # each cell has an even number of them
    kept = np.ones(len(data), np.bool_)
    kept[second] = False
    length = length - np.bincount(cell[second], minlength=len(length))
    end = np.cumsum(length)
    return TextColumn(data[kept], end - length, end)


class _Cells(NamedTuple):
    """The c cells of a text, and the r rows that they stand in; positions are offsets in the text."""

    start: IntArray
    """(c,) first byte."""
    low: IntArray
    """(c,) first byte of the value, without quotes and outer blanks."""
    high: IntArray
    at: IntArray
    """(c,) where the value stands, or would stand."""
    doubled: BoolArray
    """(c,) whether quotes are written twice in the value."""
    first: IntArray
    """(r,) number of the first cell of each row."""
    comment: BoolArray
    """(r,)"""
    ends_line: BoolArray
    """(r,) whether an LF ends the row, or the text."""
    broken: IntArray
    """Cells that are not closed as they should be, by number, and where each of them opens."""
    broken_at: IntArray
    stop: int
    """Where the rows end."""

    @staticmethod
    def of(text: ByteArray, signs: Signs, max_cell: int, *, ended: bool) -> _Cells:
        """Find them. `text` has an LF more than `signs` know of."""
        start, sign = _behind_marks(signs)
        low = signs.outside.behind(start, sign)
        byte = text.take(low)
        starts_row = np.ones(len(start), np.bool_)
        starts_row[1:] = signs.ends_row[:-1]
        comment = starts_row & (byte == _HASH)
        quoted = _Quoted.of(text, signs, positions_of(byte == _QUOTE), low, max_cell)
        passed = _Passed.of(signs, quoted, positions_of(comment), len(text) - 1, max_cell, ended=ended)
        stop, stop_at = len(start), len(text) - 1
        if passed.held >= 0:
            stop = int(positions_of(starts_row[: passed.held + 1] & ~passed.over[: passed.held + 1])[-1])
            stop_at = int(start[stop])
        cell = positions_of(~passed.over[:stop])
        high = signs.outside.before(signs.mark_at, signs.mark - 1)
        at = np.where(low < high, low, start)
        doubled = np.zeros(len(start), np.bool_)
        real = quoted.where((quoted.close >= 0) & ~passed.plain[quoted.cell])
        inner_low = signs.inside.behind(real.open + 1, signs.quote[real.number] + 1)
        inner_high = signs.inside.before(real.close, signs.quote[real.until] - 1)
        low[real.cell], high[real.cell] = inner_low, inner_high
        at[real.cell] = np.where(inner_low < inner_high, inner_low, real.open + 1)
        doubled[real.cell] = real.until > real.number + 1
        first = positions_of(starts_row[cell])
        last = np.append(cell[first], stop)[1:] - 1
        low, high, at = low[cell], high[cell], at[cell]
        empty = low >= high
        return _Cells(
            start[cell],
            np.where(empty, at, low),
            np.where(empty, at, high),
            at,
            doubled[cell],
            first,
            comment[cell][first],
            signs.ends_line[last],
            np.searchsorted(cell, passed.broken),
            passed.broken_at,
            stop_at,
        )


def _behind_marks(signs: Signs) -> tuple[IntArray, IntArray]:
    """Where a cell may begin: at the beginning, and behind each mark; and the first sign from there on."""
    start, sign = np.zeros((2, len(signs.mark)), np.int64)
    start[1:], sign[1:] = signs.mark_at[:-1] + 1, signs.mark[:-1] + 1
    return start, sign


class _Quoted(NamedTuple):
    """Cells that would begin with a quote, if they were cells."""

    cell: IntArray
    """By number of the cell that may begin there, ascending."""
    number: IntArray
    """Its opening quote, by number among the quotes."""
    open: IntArray
    """Where that stands."""
    until: IntArray
    """Its closing quote, by number among the quotes; -1 where there is none that is near enough."""
    close: IntArray
    following: IntArray
    """The cell behind it; -1 where something else stands behind its closing quote."""

    def where(self, keep: BoolArray) -> _Quoted:
        """Those that `keep` selects."""
        return _Quoted(*(column[keep] for column in self))

    @staticmethod
    def of(text: ByteArray, signs: Signs, cell: IntArray, low: IntArray, max_cell: int) -> _Quoted:
        """Follow each of them to its end."""
        place, opening = signs.at[signs.quote], low[cell]
        number = np.searchsorted(place, opening)
        until = _closing(place)[number]
        close = np.where(until >= 0, place.take(until, mode="clip"), -1)
        far = close - opening > max_cell
        until[far], close[far] = -1, -1
        following = np.full(len(cell), -1, np.int64)
        there = positions_of(close >= 0)
        after = signs.outside.behind(close[there] + 1, signs.quote[until[there]] + 1)
        mark = np.searchsorted(signs.mark_at, after)
        good = signs.mark_at.take(mark, mode="clip") == after
        following[there[good]] = mark[good] + 1
        return _Quoted(cell, number, opening, until, close, following)


def _closing(place: IntArray) -> IntArray:
    """(q,) the quote that closes the cell that each quote would open; -1 for none.

    Behind the opening quote, a run of adjacent quotes is read by twos, so that one of them is over in the
    first run of an odd number: it is the last one of that run.
    """
    ends = np.ones(len(place), np.bool_)
    ends[:-1] = place[1:] != place[:-1] + 1
    last = positions_of(ends)
    run: IntArray = np.cumsum(ends) - ends
    odd = np.diff(last, prepend=-1) % 2 == 1
    nearest = np.full(len(last) + 1, -1, np.int64)
    later = positions_of(odd)
    nearest[:-1] = np.append(later, -1).take(np.searchsorted(later, np.arange(len(last))))
    own = (last[run] - np.arange(len(place))) % 2 == 1
    far = nearest[run + 1]
    return np.where(own, last[run], np.where(far >= 0, np.append(last, -1).take(far), -1))


class _Passed(NamedTuple):
    """What is no cell of its own after all."""

    over: BoolArray
    """(m,) the mark before it is hidden by quotes, or is in what remains of a broken row."""
    plain: BoolArray
    """(m,) it is in a comment, where quotes mean nothing."""
    broken: IntArray
    broken_at: IntArray
    held: int
    """The cell that may be closed later on; -1 for none."""

    @staticmethod
    def of(
        signs: Signs, quoted: _Quoted, comment: IntArray, size: int, max_cell: int, *, ended: bool
    ) -> _Passed:
        """Follow the cells from the first one on."""
        line_ends, row_ends = positions_of(signs.ends_line), positions_of(signs.ends_row)
        broken = quoted.following < 0
        held = (quoted.close < 0) & (size - quoted.open <= max_cell) & (not ended)
        following = quoted.following.copy()
        behind = np.searchsorted(signs.mark_at[line_ends], quoted.open[broken])
        following[broken] = line_ends[behind] + 1
        leaps = broken | (following != quoted.cell + 1)
        behind = row_ends[np.searchsorted(row_ends, comment)] + 1
        cell = np.concatenate([quoted.cell[leaps], comment])
        order = np.argsort(cell, kind="stable")
        cell = cell[order]
        to = np.concatenate([following[leaps], behind])[order]
        kind = np.concatenate([broken[leaps] + 2 * held[leaps], np.full(len(comment), 4)])[order]
        opening = np.concatenate([quoted.open[leaps], comment])[order]
        path = _path(np.searchsorted(cell, to), positions_of(kind == 3))
        stop = int(cell[path[-1]]) if len(path) and kind[path[-1]] == 3 else -1
        if stop >= 0:
            path = path[:-1]
        cell, to, kind, opening = cell[path], to[path], kind[path], opening[path]
        hides = kind < 4
        m = len(signs.mark)
        return _Passed(
            _covered(cell[hides] + 1, to[hides], m),
            _covered(cell[~hides], to[~hides], m),
            cell[kind == 1],
            opening[kind == 1],
            stop,
        )


def _path(following: IntArray, stops: IntArray) -> IntArray:
    """From the first one on, each that is reached from the one before it, up to the first stop."""
    found = np.arange(len(following))
    if (following[:-1] != found[1:]).any():
        to, path, i = following.tolist(), [], 0
        size = len(to)
        while i < size:
            path.append(i)
            i = to[i]
        found = np.array(path, np.int64)
    stop = positions_of(is_member(found, stops))
    return found[: stop[0] + 1] if len(stop) else found


def _covered(low: IntArray, high: IntArray, size: int) -> BoolArray:
    """(size,) which numbers lie in one of these stretches, which do not overlap."""
    change = np.zeros(size + 1, np.int8)
    change[low] += 1
    change[high] -= 1
    return np.cumsum(change[:-1], dtype=np.int8).view(np.bool_)
