"""Universal hashes of names, whole columns at a time.

Multiply-shift over vectors of 32-bit halves (Dietzfelbinger 1996; Thorup, "High Speed Hashing for
Integers and Strings", section 3): h(x) = (c + sum k[i] * x[i] mod 2**64) >> 32 with random 64-bit
c and k is strongly universal: two different texts get the same 32 bits with probability 2**-32,
whatever they are, for whoever does not know the keys. Three independent rows make 2**-96. Zero
padding keeps different texts different, because no text that is hashed holds a NUL.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from importer.columns.arrays import ByteArray, HalfArray, IntArray, WordArray
from importer.columns.kernels import gather, positions_of

_ROWS = 3
_FIRST_WORDS = 4
MAX_HASHED_BYTES = 128
_FOLD = np.uint64(0x2020202020202020)
_ONES = np.uint64(0x0101010101010101)
_HIGHS = np.uint64(0x8080808080808080)
_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)


def _masks(words: int) -> WordArray:
    """(8 * words + 1, words) the bytes of so many words that belong to a text, by its length."""
    inside = np.arange(8 * words) < np.arange(8 * words + 1)[:, None]
    return (inside * np.uint8(255)).view("<u8")


_FIRST_MASKS, _LAST_MASKS = _masks(_FIRST_WORDS), _masks(MAX_HASHED_BYTES // 8 - _FIRST_WORDS)


class HashKeys(NamedTuple):
    """Secret random multipliers, made anew in each run so that no input can aim at collisions."""

    rows: WordArray
    """(rows, words, 2): one multiplier for the low and one for the high half of each word."""
    offset: WordArray
    """(rows,)"""
    address: WordArray
    """(rows,) multiplier of an address that follows the text."""

    @staticmethod
    def random(rows: int = _ROWS) -> HashKeys:
        """Keys from the operating system's source of randomness."""
        words = MAX_HASHED_BYTES // 8
        keys = np.frombuffer(os.urandom(8 * rows * (2 * words + 2)), np.uint64).reshape(rows, -1)
        return HashKeys(keys[:, : 2 * words].reshape(rows, words, 2), keys[:, -2], keys[:, -1])


class Halves(NamedTuple):
    """(n,) the 32-bit hashes of three rows: 96 bits of each text."""

    high: HalfArray
    tag: HalfArray
    check: HalfArray


def hash_names(
    data: ByteArray, start: IntArray, end: IntArray, keys: HashKeys, address: HalfArray | None = None
) -> Halves:
    """Hashes of the letter-case-folded texts, or of the pairs (text, address).

    The texts are valid names of at most 128 bytes: over their alphabet, setting bit 5 of every
    byte folds the case and keeps different characters different. 18 ns a name.
    """
    sums = _sums(data, start, end, keys, lambda raw, mask: (raw | _FOLD) & mask)
    if address is not None:
        wide = address.astype(np.uint64)
        for total, key in zip(sums, keys.address, strict=True):
            total += wide * key
    return Halves(*((total >> _HALF).astype(np.uint32) for total in sums))


def hash_spelling(data: ByteArray, start: IntArray, end: IntArray, keys: HashKeys) -> WordArray:
    """(n,) 64-bit hash of which letters of each name are capitals; 0 where none is.

    `keys` has two rows.
    """
    high, low = _sums(data, start, end, keys, lambda raw, mask: _capitals(raw, (raw | _FOLD) & mask))
    nothing = keys.offset
    spelling: WordArray = ((high ^ nothing[0]) & ~_LOW) | ((low ^ nothing[1]) >> _HALF)
    return spelling


def _sums(
    data: ByteArray,
    start: IntArray,
    end: IntArray,
    keys: HashKeys,
    of: Callable[[WordArray, WordArray], WordArray],
) -> list[WordArray]:
    """(n,) sum of each row over what a function makes of the texts' words, which is given their masks too."""
    length = end - start
    mask = _FIRST_MASKS.take(np.minimum(length, 8 * _FIRST_WORDS), axis=0)
    words = of(gather(data, start, 8 * _FIRST_WORDS) & mask, mask)
    sums = [np.full(len(start), offset, np.uint64) for offset in keys.offset]
    for w in range(_FIRST_WORDS):
        low, high = words[:, w] & _LOW, words[:, w] >> _HALF
        for row, total in enumerate(sums):
            total += low * keys.rows[row, w, 0]
            total += high * keys.rows[row, w, 1]
    longer = positions_of(length > 8 * _FIRST_WORDS)
    if len(longer):  # the rest of them at once: they are few, or as many as to be worth more
        rest = length[longer] - 8 * _FIRST_WORDS
        mask = _LAST_MASKS.take(rest, axis=0)[:, : (int(rest.max()) + 7) // 8]
        words = of(gather(data, start[longer] + 8 * _FIRST_WORDS, 8 * mask.shape[1]) & mask, mask)
        halves = words.astype("<u8", copy=False).view("<u4").astype(np.uint64)
        part = halves @ keys.rows[:, _FIRST_WORDS:].reshape(len(sums), -1)[:, : halves.shape[1]].T
        for total, more in zip(sums, part.T, strict=True):
            total[longer] += more
    return sums


def _capitals(raw: WordArray, folded: WordArray) -> WordArray:
    """Bit 5 of each byte that is a capital; an underscore, folded to 0x7F, is none."""
    underscore = ((folded + _ONES) & _HIGHS) >> np.uint64(2)
    return (raw ^ folded) & ~underscore
