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

_MASKS = np.array([(1 << (8 * n)) - 1 for n in range(9)], np.uint64)
_FIRST_MASKS = np.array(
    [[_MASKS[min(max(n - 8 * w, 0), 8)] for w in range(_FIRST_WORDS)] for n in range(8 * _FIRST_WORDS + 1)],
    np.uint64,
)


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


def hash_names(data: ByteArray, start: IntArray, end: IntArray, keys: HashKeys) -> list[WordArray]:
    """Sums of each row over the letter-case-folded texts.

    The texts are valid names of at most 128 bytes: over their alphabet, setting bit 5 of every
    byte folds the case and keeps different characters different. Each sum is (n,) uint64; its
    upper half is the row's hash, and adding an address makes it the hash of the pair. 30 ns a name.
    """
    return _hash(data, start, end, keys, lambda raw, mask: (raw | _FOLD) & mask)


def hash_spelling(data: ByteArray, start: IntArray, end: IntArray, keys: HashKeys) -> WordArray:
    """(n,) 64-bit hash of which letters of each name are capitals; 0 where none is.

    `keys` has two rows.
    """
    high, low = _hash(data, start, end, keys, lambda raw, mask: _capitals(raw, (raw | _FOLD) & mask))
    nothing = keys.offset
    spelling: WordArray = ((high ^ nothing[0]) & ~_LOW) | ((low ^ nothing[1]) >> _HALF)
    return spelling


def _hash(
    data: ByteArray,
    start: IntArray,
    end: IntArray,
    keys: HashKeys,
    of: Callable[[WordArray, WordArray], WordArray],
) -> list[WordArray]:
    """Row sums of what a function makes of the texts' words; it is given their masks too."""
    length = end - start
    raw = gather(data, start, 8 * _FIRST_WORDS)
    mask = _FIRST_MASKS.take(np.minimum(length, 8 * _FIRST_WORDS), axis=0)
    words = of(raw & mask, mask)
    sums = [np.full(len(start), offset, np.uint64) for offset in keys.offset]
    for w in range(_FIRST_WORDS):
        _add(sums, keys, w, words[:, w])
    for w in range(_FIRST_WORDS, MAX_HASHED_BYTES // 8):
        longer = positions_of(length > 8 * w)
        if not len(longer):
            break
        word_mask = _MASKS.take(np.minimum(length[longer] - 8 * w, 8))
        raw = gather(data, start[longer] + 8 * w, 8)[:, 0] & word_mask
        part = [s[longer] for s in sums]
        _add(part, keys, w, of(raw, word_mask))
        for whole, some in zip(sums, part, strict=True):
            whole[longer] = some
    return sums


def _capitals(raw: WordArray, folded: WordArray) -> WordArray:
    """Bit 5 of each byte that is a capital; an underscore, folded to 0x7F, is none."""
    underscore = ((folded + _ONES) & _HIGHS) >> np.uint64(2)
    return (raw ^ folded) & ~underscore


def _add(sums: list[WordArray], keys: HashKeys, w: int, word: WordArray) -> None:
    """Add one word's two halves to every row, in place."""
    low, high = word & _LOW, word >> _HALF
    for row, total in enumerate(sums):
        total += low * keys.rows[row, w, 0]
        total += high * keys.rows[row, w, 1]


class Halves(NamedTuple):
    """(n,) the 32-bit hashes of three rows: 96 bits of each text."""

    high: HalfArray
    tag: HalfArray
    check: HalfArray


def upper_halves(sums: list[WordArray]) -> Halves:
    """The hash of each row from its sums."""
    return Halves(*((s >> _HALF).astype(np.uint32) for s in sums))


def with_address(sums: list[WordArray], address: HalfArray, keys: HashKeys) -> list[WordArray]:
    """The sums of the pair (text, address)."""
    wide = address.astype(np.uint64)
    return [s + wide * k for s, k in zip(sums, keys.address, strict=True)]
