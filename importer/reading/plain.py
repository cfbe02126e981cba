"""Delimited text without quotes, or in which quotes hide nothing: whole blocks by whole-array arithmetic."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from importer.columns.arrays import BoolArray, ByteArray, IntArray
from importer.columns.batch import Block, RecordBatch, Source
from importer.columns.kernels import not_name_byte, positions_of
from importer.columns.text import TextColumn, byte_class
from importer.reading.layout import FileLayout
from importer.reading.passed_over import perhaps_headers
from importer.reading.quoted import BLANKS
from importer.reading.row_arrays import Rows
from importer.reading.rows import batch_of_rows
from importer.reading.trim import trimmed

_CR, _LF, _HASH, _QUOTE = 13, 10, 35, 34
_BLANK = byte_class(BLANKS)
_EDGE = byte_class(b'\r\n"')


class Hits(NamedTuple):
    """The bytes of a block that no name may hold, in order: delimiters, line ends, and all odd ones."""

    at: IntArray
    """Offset in the text of the block."""
    byte: ByteArray

    @staticmethod
    def of(block: Block) -> Hits:
        """Find them."""
        at = positions_of(not_name_byte(block.text))
        return Hits(at, block.text.take(at))


def plain_batch(block: Block, layout: FileLayout, source: Source, footer_at: int = -1) -> RecordBatch:
    """The records of a block without a quote."""
    hits = Hits.of(block)
    even = even_batch(block, hits, layout, source) if footer_at < 0 else None
    if even is not None:
        return even
    return batch_of_rows(block, plain_rows(block, hits, layout), layout, source, footer_at)


def even_batch(block: Block, hits: Hits, layout: FileLayout, source: Source) -> RecordBatch | None:
    """The records of a block in which each line is a row with all its cells, as in most blocks; else None.

    Cells may be quoted where every quote stands at an end of a cell: then quotes hide nothing.
    """
    text = block.text
    mark = (hits.byte == _LF) | (hits.byte == layout.delimiter)
    marks, others, other = hits.at[mark], hits.at[~mark], hits.byte[~mark]
    if (
        block.at < layout.header_end
        or len(marks) != layout.width * block.line_count
        or (hits.byte[mark][layout.width - 1 :: layout.width] != _LF).any()
        or _outer_blank(text, others[other != _CR], layout)
    ):
        return None
    row_end = marks[layout.width - 1 :: layout.width]
    row_at = np.empty(len(row_end), np.int64)
    row_at[:1] = 0
    row_at[1:] = row_end[:-1] + 1
    returns = others[other == _CR]
    if len(returns):
        if len(returns) != len(row_end) or (returns + 1 != row_end).any():
            return None
        marks[layout.width - 1 :: layout.width] = returns
    if (other == _HASH).any() and (text.take(row_at) == _HASH).any():
        return None
    starts = [row_at, *(marks[column :: layout.width] + 1 for column in range(layout.width - 1))]
    ends = [marks[column :: layout.width] for column in range(layout.width)]
    quotes = int(np.count_nonzero(other == _QUOTE))
    if quotes:
        for column, (start, end) in enumerate(zip(starts, ends, strict=True)):
            wrapped = (text.take(start) == _QUOTE) & (text.take(end - 1) == _QUOTE) & (end - start > 1)
            quotes -= 2 * int(np.count_nonzero(wrapped))
            starts[column], ends[column] = start + wrapped, end - wrapped
        if quotes:
            return None
    odd = others + block.start
    ip, name = (
        TextColumn(block.data, starts[column] + block.start, ends[column] + block.start, odd)
        for column in (layout.ip, layout.name)
    )
    if ((ip.end == ip.start) & (name.end == name.start)).any() or perhaps_headers(ip, layout).any():
        return None  # a row that is blank, or has no host, or is the header again
    return RecordBatch(
        source=source,
        places=block,
        name=name,
        name_at=name.start,
        ip=ip,
        ip_at=ip.start,
        line=np.arange(block.first_line, block.first_line + len(row_at)),
        row_at=row_at + block.start,
        width=layout.width,
        lines=len(row_at),
        share=block.share,
    )


def plain_rows(block: Block, found: Hits, layout: FileLayout) -> Rows:
    """The rows of a block without a quote, whatever its lines are like."""
    text, hits, byte = block.text, found.at, found.byte
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
    ends = positions_of(row_end[mark])

    last = marks[ends] + block.start
    first = np.empty_like(ends)  # number of the mark that ends the first cell of the row
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
        ip_start, ip_end = trimmed(block.data, ip_start, ip_end, blanks)
        name_start, name_end = trimmed(block.data, name_start, name_end, blanks)
        # The place of an empty value is the start of its cell.
        ip_at = np.where(ip_end > ip_start, ip_start, ip_at)
        name_at = np.where(name_end > name_start, name_start, name_at)
        lead = trimmed(block.data, start, last, blanks)[0]
    comment = (block.data.take(lead) == _HASH) & (lead < last)

    blank = last - start == cells - 1
    nothing = _BLANK.copy()
    nothing[layout.delimiter] = True
    empty = positions_of((ip_end == ip_start) & (name_end == name_start) & ~blank)
    if len(empty):
        low, high = trimmed(block.data, start[empty], last[empty], nothing)
        blank[empty] = low >= high
    surplus = np.zeros(len(start), np.bool_)
    long = positions_of(cells > layout.width)
    if len(long):
        beyond = marks[first[long] + layout.width - 1] + block.start + 1
        # Rows that end in nothing but delimiters are common and harmless.
        filled = last[long] - beyond > cells[long] - layout.width - 1
        low, high = trimmed(block.data, beyond[filled], last[long[filled]], nothing)
        surplus[long[filled]] = low < high
    whole = np.ones(len(start), np.bool_)
    whole[:1] = block.before == 0
    line: IntArray | None = np.arange(block.first_line, block.first_line + len(start))
    if lone is not None and lone.any():
        line = None
        ends_line = byte[mark][ends] == _LF
        whole &= ends_line
        whole[1:] &= ends_line[:-1]
    return Rows(
        start=start,
        cells=cells,
        ip=TextColumn(block.data, ip_start, ip_end, odd),
        ip_at=ip_at,
        name=TextColumn(block.data, name_start, name_end, odd),
        name_at=name_at,
        blank=blank,
        comment=comment,
        surplus=surplus,
        broken_at=np.full(len(start), -1, np.int64),
        whole=whole,
        line=line,
    )


def _outer_blank(text: ByteArray, odd: IntArray, layout: FileLayout) -> bool:
    """Whether a blank stands at an edge of a cell; blanks inside cells do not matter here."""
    blank = odd[_BLANK[text.take(odd)]]
    if not len(blank):
        return False
    edge = _EDGE.copy()
    edge[layout.delimiter] = True
    before = text.take(blank - 1, mode="clip")
    return bool((edge[before] | edge[text.take(blank + 1, mode="clip")] | (blank == 0)).any())


def _lone_returns(text: ByteArray, hits: IntArray, returns: BoolArray) -> BoolArray:
    """Which hits are a CR that is not part of a run of CRs before an LF or before the end of the text."""
    lone: BoolArray = returns & (text.take(hits + 1, mode="clip") != _LF)
    followed = text.take(hits + 1, mode="clip") == _CR
    for i in positions_of(lone & followed)[::-1].tolist():  # backwards along each run
        lone[i] = bool(lone[i + 1])
    return lone


def _cell(
    marks: IntArray, first: IntArray, cells: IntArray, start: IntArray, column: int, block: Block
) -> tuple[IntArray, IntArray]:
    """Where the cells of a column start and end; a row without it has an empty cell at the row's start."""
    there = cells > column
    number = first + column
    if there.all():
        end = marks.take(number) + block.start
        begin = marks.take(number - 1) + block.start + 1 if column else start
        return begin, end
    end = np.where(there, marks.take(number, mode="clip") + block.start, start)
    begin = np.where(there, marks.take(number - 1, mode="clip") + block.start + 1, start) if column else start
    return begin, end
