"""The bytes of delimited text that say where cells begin and end, as arrays."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from importer.columns.arrays import BoolArray, ByteArray, IntArray
from importer.columns.kernels import positions_of
from importer.columns.text import byte_class
from importer.reading.quoted import BLANKS

_CR, _LF, _QUOTE = 13, 10, 34


class Signs(NamedTuple):
    """The bytes of a text that say where cells begin and end."""

    at: IntArray
    """(h,) sorted positions of delimiters, line ends, quotes and blanks."""
    mark: IntArray
    """(m,) the marks among them, by number; the last one may be `h`, for the end of a text without LF."""
    mark_at: IntArray
    """(m,) where they stand."""
    ends_row: BoolArray
    """(m,)"""
    ends_line: BoolArray
    """(m,)"""
    outside: Runs
    """Blanks around cells. A lone CR is not one of them."""
    inside: Runs
    """Blanks between quotes."""
    quote: IntArray
    """The quotes, by number."""

    @staticmethod
    def of(text: ByteArray, delimiter: int) -> Signs:
        """Find them."""
        wanted = byte_class(BLANKS + b'\n"')
        wanted[delimiter] = True
        at = _positions(text, wanted)
        byte = text.take(at)
        blank = byte_class(BLANKS)
        blank[delimiter] = False
        inside = blank.take(byte)
        returns = byte == _CR
        lone = _lone_returns(at, returns, byte, len(text)) if returns.any() else returns
        line_end = byte == _LF
        ends_row = line_end | lone
        mark = positions_of(ends_row | (byte == delimiter))
        mark_at, ends_row, ends_line = at[mark], ends_row[mark], line_end[mark]
        if len(text) and text[-1] != _LF:
            mark, mark_at = np.append(mark, len(at)), np.append(mark_at, len(text))
            ends_row, ends_line = np.append(ends_row, True), np.append(ends_line, True)
        runs = Runs.of(at, inside)
        outside = Runs.of(at, inside & ~lone) if lone.any() else runs
        return Signs(at, mark, mark_at, ends_row, ends_line, outside, runs, positions_of(byte == _QUOTE))


def _positions(text: ByteArray, wanted: BoolArray) -> IntArray:
    """Sorted positions of the bytes of a class; all of them are below 64 or the one above."""
    mask = np.zeros(len(text), np.bool_)
    for byte in np.flatnonzero(wanted).tolist():
        mask |= text == byte
    return positions_of(mask)


def _lone_returns(at: IntArray, returns: BoolArray, byte: ByteArray, size: int) -> BoolArray:
    """(h,) which signs are a CR, but not in a run of CRs before an LF or before the end of the text."""
    number = positions_of(returns)
    runs_on = np.zeros(len(number), np.bool_)
    runs_on[:-1] = at[number[1:]] == at[number[:-1]] + 1
    last = number[~runs_on]
    following = np.append(byte, np.uint8(0)).take(last + 1)
    touches = np.append(at, size).take(last + 1) == at[last] + 1
    closes = (touches & (following == _LF)) | (at[last] + 1 == size)
    run: IntArray = np.cumsum(~runs_on) - ~runs_on
    lone = returns.copy()
    lone[number[closes[run]]] = False
    return lone


class Runs(NamedTuple):
    """Runs of adjacent blanks, by number of sign."""

    at: IntArray
    """(h + 1,) where the sign stands; negative where it is not blank, and behind the last sign."""
    low: IntArray
    """(h + 1,) where the run begins that it is in."""
    high: IntArray
    """(h + 1,) one past the last byte of that run."""

    @staticmethod
    def of(at: IntArray, blank: BoolArray) -> Runs:
        """Those of these blanks."""
        place, low, high = np.full((3, len(at) + 1), -2, np.int64)
        number = positions_of(blank)
        if len(number):
            place[number] = at[number]
            begins = np.ones(len(number), np.bool_)
            begins[1:] = np.diff(at[number]) != 1
            first = positions_of(begins)
            last = np.append(first[1:], len(number)) - 1
            run = np.cumsum(begins) - 1
            low[number], high[number] = at[number[first]][run], at[number[last]][run] + 1
        return Runs(place, low, high)

    def behind(self, position: IntArray, sign: IntArray) -> IntArray:
        """The first byte from each position on that is not blank; `sign` is the first sign from there on."""
        return np.where(self.at.take(sign) == position, self.high.take(sign), position)

    def before(self, position: IntArray, sign: IntArray) -> IntArray:
        """One past the last byte before each position that is not blank; `sign` is the last sign before it,
        -1 for none."""
        return np.where(self.at[sign] == position - 1, self.low[sign], position)
