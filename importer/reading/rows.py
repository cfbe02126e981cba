"""Rows of delimited text as arrays of numbers, and the records in them."""

from __future__ import annotations

import numpy as np

from importer.columns.batch import (
    ABOVE_HEADER,
    BAD_QUOTE,
    NO_HOST,
    RAGGED,
    TOO_LONG,
    TOO_SHORT,
    Block,
    Note,
    Notes,
    RecordBatch,
    RowFaults,
    Source,
    found_at,
)
from importer.columns.kernels import positions_of
from importer.reading.layout import FileLayout
from importer.reading.passed_over import AboveHeader, hosts_in_comments, repeated_headers, rows_above
from importer.reading.row_arrays import Rows


def batch_of_rows(
    block: Block, rows: Rows, layout: FileLayout, source: Source, footer_at: int = -1
) -> RecordBatch:
    """The records in the rows, and notes about the rows that are not records.

    `footer_at` is the position from which on rows may be a footer; -1 for none.
    """
    empty = rows.blank | rows.comment
    blank_lines = int((empty & rows.whole).sum())
    notes: list[Note] = []
    keep = ~empty
    above = AboveHeader.nothing()
    if block.at < layout.header_end:
        header = rows.start - block.start + block.at == layout.header_at
        above, keep = rows_above(block, rows, layout, keep, notes)
        blank_lines -= int((header & empty & rows.whole).sum())
    many = hosts_in_comments(block, rows, layout, positions_of(rows.comment & ~keep))
    again = repeated_headers(block, rows, layout, keep)
    if again.any():
        at = rows.start[again]
        many = (*many, Notes("R116", at, lambda i: Note("R116", int(at[i]), {})))
        keep &= ~again
    if footer_at >= 0:
        footer = keep & (rows.start >= footer_at)
        notes += [Note("R114", at, {}) for at in rows.start[footer].tolist()]
        keep &= ~footer
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
        faults=_faults(rows, layout, above),
        width=layout.width,
        notes=tuple(sorted(notes, key=lambda note: note.at)),
        many=many,
        lines=block.line_count,
        blank=blank_lines,
        share=block.share,
    )


def _faults(rows: Rows, layout: FileLayout, above: AboveHeader) -> RowFaults | None:
    """Which rule about whole rows each row breaks; of several, the gravest."""
    nothing = (rows.ip.end == rows.ip.start) & (rows.name.end == rows.name.start)
    if not nothing.any() and bool((rows.cells == layout.width).all()) and not len(above.start):
        return None
    rule = np.full(len(rows.start), -1, np.int64)
    rule[rows.cells < layout.width] = RAGGED
    rule[rows.surplus] = TOO_LONG
    rule[nothing] = NO_HOST
    rule[rows.cells < max(layout.ip, layout.name) + 1] = TOO_SHORT
    rule[rows.broken_at >= 0] = BAD_QUOTE
    at, detail = np.where(rows.broken_at >= 0, rows.broken_at, rows.start), rows.cells
    if len(above.start):
        number = np.searchsorted(rows.start, above.start)
        rule[number], detail = ABOVE_HEADER, detail.copy()
        detail[number] = found_at(above.at - above.start, above.width)
    if not (rule >= 0).any():
        return None
    return RowFaults(rule, at, detail)
