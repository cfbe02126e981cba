"""Delimited text: the rows of a block as columns of numbers, and from them the records.

Two ways lead to the same `Rows`: blocks without quotes are cut by whole-array arithmetic, blocks
with quotes row by row in `rows.py`. A property test holds them equal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from importer.columns.arrays import BoolArray, ByteArray, IntArray
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
from importer.columns.kernels import PAD, not_name_byte, positions_of
from importer.columns.text import TextColumn, byte_class
from importer.reading.detect import Layout
from importer.reading.rows import BLANKS, Row, read_rows

_CR, _LF, _HASH, _QUOTE = 13, 10, 35, 34
_BLANK = byte_class(BLANKS)
_EDGE = byte_class(b"\r\n")
_UNEVEN = byte_class(b"\r#")
"""What can make a line other than one row: a lone CR, a comment."""
_BLANK_ROUNDS = 8


class Rows(NamedTuple):
    """n rows of a block, each as numbers; positions are offsets in the block's buffer."""

    start: IntArray
    """(n,) first byte of the row."""
    cells: IntArray
    """(n,) number of cells."""
    ip: TextColumn
    """(n,) stripped cell; empty where it is missing."""
    ip_at: IntArray
    name: TextColumn
    name_at: IntArray
    blank: BoolArray
    """(n,) all cells are empty."""
    comment: BoolArray
    surplus: BoolArray
    """(n,) some cell beyond the width is not empty."""
    broken_at: IntArray
    """(n,) the opening quote of a cell that is not closed as it should be, else -1."""
    whole: BoolArray
    """(n,) the row is made of whole physical lines."""
    line: IntArray | None = None
    """(n,) physical line, where all rows are whole lines; else None."""

    def where(self, keep: BoolArray) -> Rows:
        """The rows that `keep` selects."""
        return Rows(
            self.start[keep],
            self.cells[keep],
            self.ip.where(keep),
            self.ip_at[keep],
            self.name.where(keep),
            self.name_at[keep],
            self.blank[keep],
            self.comment[keep],
            self.surplus[keep],
            self.broken_at[keep],
            self.whole[keep],
            None if self.line is None else self.line[keep],
        )


def delimited_batches(
    blocks: Iterable[Block], layout: Layout, source: Source, max_cell: int
) -> Iterator[RecordBatch]:
    """The records of delimited text, block by block; at least one batch, perhaps empty.

    A quoted cell that is open at the end of a block is read together with the next block.
    """
    held: Block | None = None
    for block in blocks:
        whole = block if held is None else _joined(held, block)
        held = None
        whole = replace(whole, keep_cells=(layout.ip, layout.name), delimiter=layout.delimiter)
        if (whole.text == _QUOTE).any():
            rows, stop = _quoted_rows(whole, layout, max_cell)
            if stop < whole.stop:
                line, column = whole.line_and_column(stop)
                held = replace(
                    whole, start=stop, at=whole.at + stop - whole.start, first_line=line, before=column - 1
                )
                whole = replace(whole, stop=stop, last=False)
                if stop == whole.start:
                    continue
            yield _batch(whole, rows, layout, source)
        else:
            yield _plain_batch(whole, layout, source)


def _joined(held: Block, block: Block) -> Block:
    """One block of the held rows and the next block."""
    text = np.concatenate([held.text, block.text])
    data = np.full(PAD + len(text) + PAD, _LF, np.uint8)
    data[PAD : PAD + len(text)] = text
    return Block(
        data,
        PAD,
        PAD + len(text),
        held.first_line,
        held.at,
        last=block.last,
        share=block.share,
        before=held.before,
    )


# --- blocks without quotes ------------------------------------------------------------------------


def _plain_batch(block: Block, layout: Layout, source: Source) -> RecordBatch:
    """The records of a block in which no quote stands."""
    text = block.text
    hits = positions_of(not_name_byte(text))
    byte = text.take(hits)
    mark = (byte == _LF) | (byte == layout.delimiter)
    others = hits[~mark]
    other = byte[~mark]
    if block.at >= layout.header_end and not (
        _UNEVEN.take(other).any() or _outer_blank(text, others, layout)
    ):
        marks = hits[mark]
        if (
            len(marks) == layout.width * block.line_count
            and (byte[mark][layout.width - 1 :: layout.width] == _LF).all()
        ):
            batch = _even_batch(block, marks + block.start, others + block.start, layout, source)
            if batch is not None:
                return batch
    return _batch(block, _plain_rows(block, hits, byte, layout), layout, source)


def _even_batch(
    block: Block, marks: IntArray, odd: IntArray, layout: Layout, source: Source
) -> RecordBatch | None:
    """The records where each line is a row of all its cells, as nearly all are; None if one has no host."""
    cells = marks.reshape(-1, layout.width)
    start = np.empty(len(cells), np.int64)
    start[:1] = block.start
    start[1:] = cells[:-1, -1] + 1
    ip, name = (
        TextColumn(block.data, cells[:, column - 1] + 1 if column else start, cells[:, column].copy(), odd)
        for column in (layout.ip, layout.name)
    )
    if ((ip.end == ip.start) & (name.end == name.start)).any():
        return None
    return RecordBatch(
        source=source,
        places=block,
        name=name,
        name_at=name.start,
        ip=ip,
        ip_at=ip.start,
        line=np.arange(block.first_line, block.first_line + len(cells)),
        row_at=start,
        width=layout.width,
        lines=len(cells),
        share=block.share,
    )


def _plain_rows(block: Block, hits: IntArray, byte: ByteArray, layout: Layout) -> Rows:
    """The rows of a block in which no quote stands, given where other than name bytes stand, and which."""
    text = block.text
    row_end = byte == _LF
    returns = byte == _CR
    lone: BoolArray | None = None
    if returns.any():
        lone = _lone_returns(text, hits, returns)
        row_end |= lone
    mark = row_end | (byte == layout.delimiter)
    odd = hits[~mark] + block.start
    loose = _outer_blank(text, odd - block.start, layout)
    marks = hits[mark]
    ends = np.flatnonzero(row_end[mark])

    last = marks[ends] + block.start
    first = np.empty_like(ends)  # number of the mark that ends the row's first cell
    first[:1] = 0
    first[1:] = ends[:-1] + 1
    cells = ends - first + 1
    start = np.empty_like(last)
    start[:1] = block.start
    start[1:] = last[:-1] + 1

    ip_start, ip_end = _cell(marks, first, cells, start, layout.ip, block)
    name_start, name_end = _cell(marks, first, cells, start, layout.name, block)
    ip_at, name_at = ip_start, name_start
    lead = start
    if loose:
        blanks = _BLANK.copy()
        blanks[layout.delimiter] = False
        ip_start, ip_end, ip_at = _stripped(block.data, ip_start, ip_end, blanks)
        name_start, name_end, name_at = _stripped(block.data, name_start, name_end, blanks)
        lead = _stripped(block.data, start, last, blanks)[2]
    comment = (block.data.take(lead) == _HASH) & (lead < last)

    blank = last == start
    empty = np.flatnonzero((ip_end == ip_start) & (name_end == name_start) & ~blank)
    for i in empty.tolist():
        blank[i] = not block.data[start[i] : last[i]].tobytes().strip(BLANKS + bytes([layout.delimiter]))
    surplus = np.zeros(len(start), np.bool_)
    long = np.flatnonzero(cells > layout.width)
    if len(long):
        beyond = marks[first[long] + layout.width - 1] + block.start + 1
        # Nothing but delimiters there is as common as it is harmless: rows that end in commas.
        filled = last[long] - beyond > cells[long] - layout.width - 1
        for i, at in zip(long[filled].tolist(), beyond[filled].tolist(), strict=True):
            surplus[i] = bool(block.data[at : last[i]].tobytes().strip(BLANKS + bytes([layout.delimiter])))
    whole = np.ones(len(start), np.bool_)
    whole[:1] = block.before == 0
    line: IntArray | None = np.arange(block.first_line, block.first_line + len(start))
    if lone is not None and lone.any():
        line = None
        ends_line = byte[mark][ends] == _LF
        whole &= ends_line
        whole[1:] &= ends_line[:-1]
    none = np.full(len(start), -1, np.int64)
    ip, name = (
        TextColumn(block.data, ip_start, ip_end, odd),
        TextColumn(block.data, name_start, name_end, odd),
    )
    return Rows(start, cells, ip, ip_at, name, name_at, blank, comment, surplus, none, whole, line)


def _outer_blank(text: ByteArray, odd: IntArray, layout: Layout) -> bool:
    """Whether some blank stands at the edge of a cell; those inside names harm nothing here."""
    blank = odd[_BLANK[text.take(odd)]]
    if not len(blank):
        return False
    edge = _EDGE.copy()
    edge[layout.delimiter] = True
    before = text.take(blank - 1, mode="clip")
    return bool((edge[before] | edge[text.take(blank + 1, mode="clip")] | (blank == 0)).any())


def _lone_returns(text: ByteArray, hits: IntArray, returns: BoolArray) -> BoolArray:
    """Which hits are a CR that no run of CRs leads on to an LF or to the end of the text."""
    lone: BoolArray = returns & (text.take(hits + 1, mode="clip") != _LF)
    followed = text.take(hits + 1, mode="clip") == _CR
    for i in np.flatnonzero(lone & followed)[::-1].tolist():  # backwards along each run
        lone[i] = bool(lone[i + 1])
    return lone


def _cell(
    marks: IntArray, first: IntArray, cells: IntArray, start: IntArray, column: int, block: Block
) -> tuple[IntArray, IntArray]:
    """Bounds of one column's cells; where a row lacks the cell, an empty one at the row's start."""
    there = cells > column
    number = first + column
    if there.all():
        end = marks.take(number) + block.start
        begin = marks.take(number - 1) + block.start + 1 if column else start
        return begin, end
    end = np.where(there, marks.take(number, mode="clip") + block.start, start)
    begin = np.where(there, marks.take(number - 1, mode="clip") + block.start + 1, start) if column else start
    return begin, end


def _stripped(
    data: ByteArray, start: IntArray, end: IntArray, blanks: BoolArray
) -> tuple[IntArray, IntArray, IntArray]:
    """Cells without their outer blanks, and where their values stand: an empty one at the cell's start."""
    low, high = start.copy(), end.copy()
    for side, step in ((low, 1), (high, -1)):
        rest = np.arange(len(start))
        for _ in range(_BLANK_ROUNDS):  # one blank a round, in all cells at once
            at = side[rest] if step > 0 else side[rest] - 1
            rest = rest[blanks[data.take(at)] & (low[rest] < high[rest])]
            if not len(rest):
                break
            side[rest] += step
        for i in rest.tolist():  # long runs are rare, and are taken off one cell at a time
            cell = data[low[i] : high[i]].tobytes()
            side[i] += step * (len(cell) - len(cell.lstrip(BLANKS) if step > 0 else cell.rstrip(BLANKS)))
    return low, high, np.where(high > low, low, start)


# --- blocks with quotes ---------------------------------------------------------------------------


def _quoted_rows(block: Block, layout: Layout, max_cell: int) -> tuple[Rows, int]:
    """The rows of a block with quotes, and where the rows end that could be read."""
    text = block.text.tobytes()
    at_line_start = block.before == 0
    rows = list(
        read_rows(text, layout.delimiter, ended=block.last, max_cell=max_cell, at_line_start=at_line_start)
    )
    stop = rows[-1].following if rows else 0
    shift = block.start
    ip, ip_at = _column(rows, layout.ip)
    name, name_at = _column(rows, layout.name)
    return (
        Rows(
            start=_numbers(row.start for row in rows) + shift,
            cells=_numbers(len(row.cells) for row in rows),
            ip=ip,
            ip_at=ip_at + shift,
            name=name,
            name_at=name_at + shift,
            blank=_flags(row.is_blank() for row in rows),
            comment=_flags(row.comment for row in rows),
            surplus=_flags(any(cell.value for cell in row.cells[layout.width :]) for row in rows),
            broken_at=_numbers(row.broken_at + shift if row.broken_at >= 0 else -1 for row in rows),
            whole=_flags(row.whole_lines for row in rows),
        ),
        stop + shift,
    )


def _column(rows: list[Row], column: int) -> tuple[TextColumn, IntArray]:
    """One column of the rows as text of its own, unescaped, and where its cells stand."""
    values = [row.cells[column].value if column < len(row.cells) else b"" for row in rows]
    at = _numbers(row.cells[column].at if column < len(row.cells) else row.start for row in rows)
    return TextColumn.from_values(values), at


def _numbers(values: Iterable[int]) -> IntArray:
    return np.fromiter(values, np.int64)


def _flags(values: Iterable[bool]) -> BoolArray:
    return np.fromiter(values, np.bool_)


# --- records --------------------------------------------------------------------------------------


def _batch(block: Block, rows: Rows, layout: Layout, source: Source) -> RecordBatch:
    """The records among the rows, and notes about the others."""
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
    block: Block, rows: Rows, layout: Layout, keep: BoolArray, blank_lines: int, notes: list[Note]
) -> tuple[BoolArray, int]:
    """Leave out the header and the banner lines above it, which are told as R104."""
    offset = rows.start - block.start + block.at
    header = offset == layout.header_at
    banner = (offset < layout.header_at) & keep
    notes.extend(Note("R104", at, {}) for at in rows.start[banner].tolist())
    if layout.others and header.any():
        words = {"taken": layout.taken, "others": "\n".join(layout.others)}
        notes.append(Note("R105", int(rows.start[header][0]), words))
    blank_lines -= int((header & (rows.blank | rows.comment) & rows.whole).sum())
    return keep & ~header & (offset >= layout.header_end), blank_lines


def _faults(rows: Rows, layout: Layout) -> RowFaults | None:
    """Which of the rules about whole rows each row breaks, the gravest first."""
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
