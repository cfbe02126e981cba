"""Bytes that are not UTF-8: harmless outside names and addresses, told once for each file (R101)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from importer.columns.arrays import BoolArray, IntArray
from importer.columns.batch import Block, Note, RecordBatch
from importer.columns.kernels import is_member, positions_of
from importer.columns.text import TextColumn


def with_stray_byte(batch: RecordBatch) -> RecordBatch:
    """The same batch with a note about the first such byte in it, if there is one."""
    if not isinstance(batch.places, Block) or batch.places.ascii:
        return batch
    at = _first_stray(batch, batch.places)
    if at < 0:
        return batch
    byte = f"\\x{int(batch.places.data[at]):02x}"
    return replace(batch, notes=(*batch.notes, Note("R101", at, {"byte": byte})))


def _first_stray(batch: RecordBatch, block: Block) -> int:
    """Position of the first byte outside all names and addresses that is not UTF-8, -1 if there is none."""
    high = positions_of(block.text >= 128) + block.start
    for column, at in ((batch.name, batch.name_at), (batch.ip, batch.ip_at)):
        high = high[~_within(high, at, _written_lengths(column, block))]
    if not len(high) or block.utf8:
        return -1
    starts, broken = block.characters
    stray = high[is_member(high, starts[broken])]
    return int(stray[0]) if len(stray) else -1


def _written_lengths(column: TextColumn, block: Block) -> IntArray:
    """Bytes that each value takes in the block, where the quotes of an unescaped value are doubled."""
    if column.data is block.data:
        return column.lengths()
    return np.array([len(value) + value.count(b'"') for value in column.values()], np.int64)


def _within(positions: IntArray, start: IntArray, length: IntArray) -> BoolArray:
    """Which positions lie in one of these stretches; the stretches are in order."""
    if not len(start):
        return np.zeros(len(positions), np.bool_)
    stretch = np.searchsorted(start, positions, side="right") - 1
    return (stretch >= 0) & (positions < (start + length).take(stretch, mode="clip"))
