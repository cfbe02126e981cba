"""Does a list in hosts syntax look like a table of address, name and role, with tabs between them (R118)?

That is decided by all content lines of a source, so each block gives its part of the answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from importer.columns.batch import Block
from importer.columns.kernels import all_bytes, positions_of, starts_of_runs
from importer.columns.shape import LineShape

if TYPE_CHECKING:
    from importer.reading.hosts import Tokens

_TAB = 9
_FEWEST = 3


def line_shape(block: Block, tokens: Tokens) -> LineShape | None:
    """The part of one block; None where it has no content lines. Mostly its first line settles it."""
    if not len(tokens.line):
        return None
    first = positions_of(starts_of_runs(tokens.line))
    cells = np.diff(first, append=len(tokens.line))
    if int(cells[0]) < _FEWEST or not (cells == cells[0]).all():
        return LineShape(len(first), 0, 0, int(tokens.start[0]))
    within = np.ones(len(tokens.line), np.bool_)
    within[first] = False
    gap = positions_of(within)
    _, between = all_bytes(tokens.end[gap - 1], tokens.start[gap] - tokens.end[gap - 1])
    if (block.data.take(between) != _TAB).any():
        return LineShape(len(first), 0, 0, int(tokens.start[0]))
    second, last = first + 1, first + int(cells[0]) - 1
    roles = sum(
        _first_label(block, tokens, i) != _first_label(block, tokens, j)
        for i, j in zip(second.tolist(), last.tolist(), strict=True)
    )
    return LineShape(len(first), int(cells[0]), roles, int(tokens.start[0]))


def _first_label(block: Block, tokens: Tokens, i: int) -> bytes:
    name = block.data[tokens.start[i] : tokens.end[i]].tobytes()
    return name.partition(b".")[0].lower()
