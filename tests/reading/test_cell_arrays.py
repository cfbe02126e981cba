"""Rows found by whole-array arithmetic are those that are found one by one, whatever the quotes are like."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st
from profiles import examples

from importer.columns.batch import Block
from importer.columns.kernels import PAD
from importer.reading.cell_arrays import rows_of
from importer.reading.layout import FileLayout
from importer.reading.quoted import read_rows

PARTS = st.sampled_from(
    (b'"', b'"', b'""', b",", b",", b"\n", b"\n", b"\r", b"\r\n", b" ", b"\t", b"#", b"a", b"1.2", b"\xff")
)
MORE = st.sampled_from((b'",', b',"', b'"\n', b"\n#", b'a"\nb"'))
TEXTS = st.lists(PARTS | MORE, max_size=30).map(b"".join)
COLUMNS = st.integers(0, 2)


def _block(text: bytes, behind: bytes, *, last: bool, before: int) -> Block:
    """A block in a buffer that goes on behind it."""
    data = np.frombuffer(b"\n" * PAD + text + behind + b"\n" * PAD, np.uint8)
    return Block(data, PAD, PAD + len(text), 5, 0, last=last, before=before)


def _one_by_one(block: Block, layout: FileLayout, max_cell: int) -> tuple[list[tuple[Any, ...]], int]:
    """The rows as the reader that takes one after the other finds them, and where they end."""
    rows = list(
        read_rows(
            block.text.tobytes(),
            layout.delimiter,
            ended=block.last,
            max_cell=max_cell,
            at_line_start=block.before == 0,
        )
    )
    told = []
    for row in rows:
        cells = [row.cells[c] if c < len(row.cells) else None for c in (layout.ip, layout.name)]
        told.append(
            (
                row.start + PAD,
                len(row.cells),
                *((cell.value, cell.at + PAD) if cell else (b"", row.start + PAD) for cell in cells),
                row.is_blank(),
                row.comment,
                any(cell.value for cell in row.cells[layout.width :]),
                row.broken_at + PAD if row.broken_at >= 0 else -1,
                row.whole_lines,
            )
        )
    return told, (rows[-1].following if rows else 0) + PAD


def _at_once(block: Block, layout: FileLayout, max_cell: int) -> tuple[list[tuple[Any, ...]], int]:
    """The same, by arrays."""
    rows, stop = rows_of(block, layout, max_cell, ended=block.last)
    if rows.line is not None:
        assert rows.line.tolist() == block.line_of(rows.start).tolist()
    numbers = (rows.start, rows.cells, rows.ip_at, rows.name_at, rows.broken_at)
    flags = (rows.blank, rows.comment, rows.surplus, rows.whole)
    start, cells, ip_at, name_at, broken_at = (column.tolist() for column in numbers)
    blank, comment, surplus, whole = (column.tolist() for column in flags)
    ip, name = (zip(c.values(), at, strict=True) for c, at in ((rows.ip, ip_at), (rows.name, name_at)))
    told = zip(start, cells, ip, name, blank, comment, surplus, broken_at, whole, strict=True)
    return list(told), stop


@examples(3)
@given(
    text=TEXTS,
    behind=st.sampled_from([b"", b'"', b",", b"x"]),
    last=st.booleans(),
    before=st.sampled_from([0, 3]),
    delimiter=st.sampled_from(b",,,\t #"),
    max_cell=st.sampled_from([1, 2, 3, 5, 1000]),
    ip=COLUMNS,
    name=COLUMNS,
    width=st.integers(1, 3),
)
@example(
    text=b'a,"b""c", "d\ne" \r\n#,"\n"x"y\n',
    behind=b"",
    last=True,
    before=0,
    delimiter=44,
    max_cell=9,
    ip=0,
    name=1,
    width=3,
)
def test_rows(
    text: bytes,
    behind: bytes,
    last: bool,
    before: int,
    delimiter: int,
    max_cell: int,
    ip: int,
    name: int,
    width: int,
) -> None:
    """Both readers find the same rows with the same cells at the same places."""
    block = _block(text, behind, last=last, before=before)
    layout = FileLayout("csv", delimiter, ip=ip, name=name, width=width)
    assert _at_once(block, layout, max_cell) == _one_by_one(block, layout, max_cell)
