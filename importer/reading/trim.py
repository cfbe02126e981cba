"""Blanks at both ends of many cells at once."""

from __future__ import annotations

import numpy as np

from importer.columns.arrays import ByteArray, IntArray
from importer.columns.text import ByteClass

_ROUNDS = 8
"""Blanks that are taken off one a round, in all cells at once; longer runs are rare."""


def trimmed(data: ByteArray, start: IntArray, end: IntArray, blanks: ByteClass) -> tuple[IntArray, IntArray]:
    """Where the cells `data[start:end]` start and end without their outer blanks.

    The arrays that were passed are not changed; they are returned where there is nothing to take off.
    """
    low, high = start, end
    members = np.flatnonzero(blanks).astype(np.uint8).tobytes()
    for step in (1, -1):
        rest = np.flatnonzero(high > low)
        rest = rest[blanks[data.take(low[rest] if step > 0 else high[rest] - 1)]]
        if not len(rest):
            continue
        low, high = low.copy(), high.copy()
        side = low if step > 0 else high
        for _ in range(_ROUNDS):
            side[rest] += step
            rest = rest[low[rest] < high[rest]]
            rest = rest[blanks[data.take(side[rest] if step > 0 else side[rest] - 1)]]
            if not len(rest):
                break
        for i in rest.tolist():  # what is left of long runs, one cell at a time
            cell = data[low[i] : high[i]].tobytes()
            bare = cell.lstrip(members) if step > 0 else cell.rstrip(members)
            side[i] += step * (len(cell) - len(bare))
    return low, high
