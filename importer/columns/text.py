"""`TextColumn`: many short strings as one byte buffer plus start and end arrays.

This is the layout of an Apache Arrow string array, and it is also what a block of a file already
is: tokenising a block only finds starts and ends, and copies nothing.

    buffer   1 0 . 0 . 0 . 1 _ k a f k a 0 1 \\n ...
    start    0, 9                end   8, 16

Rules ask a column questions and get an array with one answer for each string.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from importer.columns.arrays import BoolArray, ByteArray, IntArray
from importer.columns.kernels import all_bytes, few_positions_of, not_name_byte, positions_of, starts_of_runs

ByteClass = BoolArray
"""(256,) True for every byte that belongs to the class."""


def byte_class(members: bytes) -> ByteClass:
    """The class of exactly these bytes."""
    table = np.zeros(256, np.bool_)
    table[np.frombuffer(members, np.uint8)] = True
    return table


@dataclass(frozen=True, eq=False, repr=False)
class TextColumn:
    """n strings, `data[start[i]:end[i]]`, in buffer order and not overlapping.

    Any bytes are allowed; UTF-8 is what is expected.
    """

    data: ByteArray
    """The shared buffer, uint8."""
    start: IntArray
    """(n,) first byte of each string."""
    end: IntArray
    """(n,) one past the last byte of each string, never before `start`."""
    odd: IntArray | None = None
    """Sorted positions that include every byte of the strings that no host name may hold, where
    the tokeniser has met them anyway; None where nobody has looked."""

    def __len__(self) -> int:
        return len(self.start)

    def lengths(self) -> IntArray:
        """(n,) length of each string in bytes."""
        return self.end - self.start

    def first_byte(self) -> ByteArray:
        """(n,) first byte of each string, 0 where it is empty."""
        if not len(self.data):
            return np.zeros(len(self), np.uint8)
        first = self.data.take(self.start, mode="clip")
        first[self.end == self.start] = 0
        return first

    def last_byte(self) -> ByteArray:
        """(n,) last byte of each string, 0 where it is empty."""
        if not len(self.data):
            return np.zeros(len(self), np.uint8)
        last = self.data.take(self.end - 1, mode="clip")
        last[self.end == self.start] = 0
        return last

    def equals(self, value: bytes) -> BoolArray:
        """(n,) which strings are this one."""
        found: BoolArray = self.lengths() == len(value)
        for shift, byte in enumerate(value):
            perhaps = positions_of(found)
            found[perhaps] = self.data.take(self.start[perhaps] + shift) == byte
        return found

    def first_odd(self) -> IntArray:
        """(n,) position in `data` of the first byte no host name may hold, -1 where there is none."""
        found = np.full(len(self), -1, np.int64)
        owner, odd = self._owners(self.odd_positions())
        found[owner[::-1]] = odd[::-1]  # backwards, so that the first one of a string is the one that stays
        return found

    def odd_positions(self) -> IntArray:
        """Sorted buffer positions that include every byte of the strings that no host name may hold."""
        return positions_of(not_name_byte(self.stretch())) + self._low() if self.odd is None else self.odd

    def holding(self, positions: IntArray) -> IntArray:
        """The strings that hold at least one of these sorted buffer positions, ascending."""
        owner, _ = self._owners(positions)
        return owner[starts_of_runs(owner)]

    def stretch(self) -> ByteArray:
        """The part of the buffer from the first string to the last one, a view."""
        return self.data[self._low() : int(self.end[-1]) if len(self) else 0]

    def positions(self, byte: int) -> IntArray:
        """Sorted buffer positions of one byte value, not a frequent one, in the stretch."""
        return few_positions_of(self.stretch() == byte) + self._low()

    def _low(self) -> int:
        return int(self.start[0]) if len(self) else 0

    def _owners(self, positions: IntArray) -> tuple[IntArray, IntArray]:
        """For sorted buffer positions: the string each lies in, and the position; others dropped."""
        if not len(positions) or not len(self):
            return np.empty(0, np.int64), np.empty(0, np.int64)
        owner = np.searchsorted(self.start, positions, side="right") - 1
        inside = (owner >= 0) & (positions < self.end.take(owner, mode="clip"))
        return owner[inside], positions[inside]

    def where(self, keep: BoolArray | IntArray | slice) -> TextColumn:
        """The strings that `keep` selects (a mask, or ascending numbers), over the same buffer."""
        return TextColumn(self.data, self.start[keep], self.end[keep], self.odd)

    def copied(self, keep: IntArray | slice) -> TextColumn:
        """Some of the strings in a buffer of their own: whoever looks at bytes looks at theirs only."""
        start, length = self.start[keep], self.lengths()[keep]
        first, at = all_bytes(start, length)
        return TextColumn(self.data.take(at), first, first + length)

    def value(self, i: int) -> bytes:
        """String number i."""
        return self.data[self.start[i] : self.end[i]].tobytes()

    def some(self, keep: IntArray) -> Iterator[bytes]:
        """The strings of these numbers, in their order."""
        data = self.data
        for start, end in zip(self.start[keep].tolist(), self.end[keep].tolist(), strict=True):
            yield data[start:end].tobytes()

    def values(self) -> Iterator[bytes]:
        """All strings, one after the other; for output, not for judging."""
        data = self.data.tobytes()
        for start, end in zip(self.start.tolist(), self.end.tolist(), strict=True):
            yield data[start:end]

    @staticmethod
    def from_values(values: list[bytes]) -> TextColumn:
        """A column with a buffer of its own."""
        ends = np.cumsum([len(v) for v in values], dtype=np.int64)
        starts = np.concatenate([np.zeros(1, np.int64), ends[:-1]]) if len(values) else ends
        return TextColumn(np.frombuffer(b"".join(values), np.uint8), starts, ends)
