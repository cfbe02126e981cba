"""Delimited text: from blocks to records.

Two ways lead to the same records. Blocks without quotes, or in which quotes hide nothing, are cut by
whole-array arithmetic in `plain.py`; all others are read row by row in `quoted.py`. A property test holds the
two equal. `rows.py` turns the rows of both into records.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial

import numpy as np

from importer.columns.batch import Block, Piece, Source, at_hand
from importer.columns.kernels import PAD
from importer.reading.cell_arrays import rows_of
from importer.reading.footers import Footers
from importer.reading.layout import FileLayout
from importer.reading.plain import Hits, even_batch, plain_batch
from importer.reading.row_arrays import Rows
from importer.reading.rows import batch_of_rows

_LF, _QUOTE = 10, 34


def delimited_pieces(
    blocks: Iterable[Block], layout: FileLayout, source: Source, max_cell: int
) -> Iterator[Piece]:
    """The records of delimited text, block by block; at least one piece, perhaps empty.

    A quoted cell that is open at the end of a block is read together with the next block.
    """
    held: Block | None = None
    footers = Footers(layout)
    for block in _header_apart(blocks, layout.header_end):
        whole = block if held is None else _joined(held, block)
        whole, held = replace(whole, delimiter=layout.delimiter), None
        rows: Rows | None = None
        quotes = bool((whole.text == _QUOTE).any())
        even = even_batch(whole, Hits.of(whole), layout, source) if quotes else None
        if quotes and even is None:
            rows, stop = rows_of(whole, layout, max_cell, ended=whole.last)
            if stop < whole.stop:
                whole, held = _cut(whole, stop)
        footer_at = footers.start(whole, rows)
        if footer_at < whole.stop and not whole.last:
            whole, rest = _cut(whole, _line_start(whole, footer_at, rows))
            held = rest if held is None else _joined(rest, held)
            rows = None if rows is None else rows.where(rows.start < whole.stop)
            even = None if even is None else even_batch(whole, Hits.of(whole), layout, source)
        if whole.start == whole.stop and held is not None:
            continue
        ends = footer_at if whole.last and footer_at < whole.stop else -1
        if not quotes:
            yield partial(plain_batch, whole, layout, source, ends)
        elif even is not None and ends < 0:
            yield at_hand(even)
        else:
            if rows is None:
                rows, _ = rows_of(whole, layout, max_cell, ended=whole.last)
            yield partial(batch_of_rows, whole, rows, layout, source, ends)


def _line_start(block: Block, at: int, rows: Rows | None) -> int:
    """The last start of a row and of a line up to a position; that of the block if there is none.

    A lone CR may end a row inside a line, and a row may end inside the line that a quoted cell began in.
    """
    if rows is None:
        return block.line_start(at)
    starts = rows.start[rows.start <= at]
    begins = block.data[starts - 1] == _LF
    return int(starts[begins][-1]) if begins.any() else block.start


def _cut(block: Block, at: int) -> tuple[Block, Block]:
    """The block up to a position at which a row begins, and the rest of it."""
    line, column = block.line_and_column(at)
    rest = replace(block, start=at, at=block.at + at - block.start, first_line=line, before=column - 1)
    return replace(block, stop=at, last=False), rest


def _header_apart(blocks: Iterable[Block], header_end: int) -> Iterator[Block]:
    """The same blocks, with a cut behind the header, so that the rows below it can be cut all at once."""
    for block in blocks:
        cut = block.start + header_end - block.at
        if block.start < cut < block.stop and block.data[cut - 1] == _LF:
            head = replace(block, stop=cut, last=False)
            yield head
            yield replace(block, start=cut, at=header_end, first_line=block.first_line + head.line_count)
        else:
            yield block


def _joined(held: Block, block: Block) -> Block:
    """One block of the rows that were held back and the next block."""
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
