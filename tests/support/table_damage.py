"""Damaged copies of files, and what must be true of whatever reads them."""

from __future__ import annotations

import random
import resource
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from importer import InputError, read

MOST_MEGABYTES = 400

Records = list[tuple[int, bytes, bytes]]
"""Line, address and name of each record."""


def records_of(path: Path) -> Records:
    """All records of a file, as they are read."""
    found: Records = []
    for batch in read(str(path)):
        lines = batch.lines_of(np.arange(len(batch))) if len(batch) else []
        addresses = list(batch.ip.values())
        if batch.owner is not None:  # several names share the address of a line
            addresses = [addresses[owner] for owner in batch.owner.tolist()]
        found += zip(map(int, lines), addresses, batch.name.values(), strict=True)
    return found


def records_or_hint(path: Path) -> Records | str:
    """The records, or what the owner of a file that cannot be read is told to do, within the bounds."""
    before = _peak()
    try:
        return records_of(path)
    except InputError as error:
        return error.hint or "no hint"
    finally:
        assert _peak() - before < MOST_MEGABYTES


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


def damaged(content: bytes, count: int, seed: int) -> Iterator[bytes]:
    """Copies with one or a few bits turned, bytes overwritten, or a stretch lost, doubled or made zero."""
    dice = random.Random(seed)
    for _ in range(count):
        copy = bytearray(content)
        kind = dice.randrange(8)
        at = dice.randrange(len(copy))
        if kind < 5:
            for _ in range(dice.choice((1, 1, 1, 2, 8))):
                copy[dice.randrange(len(copy))] ^= 1 << dice.randrange(8)
        elif kind == 5:
            copy[at] = dice.choice((0, 1, 0x7F, 0x80, 0xFF))
        elif kind == 6:
            del copy[at : at + dice.randrange(1, 9)]
        else:
            size = dice.randrange(1, 17)
            copy[at : at + size] = dice.choice((bytes(size), copy[at : at + size] * 2))
        yield bytes(copy)
