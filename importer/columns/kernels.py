"""The room for clever kernels: each a small function with a plain twin in the tests.

Every kernel works on whole arrays and is exact for any bytes. The figures are nanoseconds per
byte or per string on one core with the data in cache, next to the plain way of doing the same.
All of them view bytes as little-endian words, whatever the machine.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from importer.columns.arrays import BoolArray, ByteArray, HalfArray, IntArray, WordArray

PAD = 64
"""Free bytes that blocks of a file keep before and after their text, so that wide loads that start
or end in a string stay inside the buffer. Buffers without them are served too, a little slower."""


def calm_allocator() -> None:
    """Let glibc reuse the memory of numpy's temporaries instead of asking the kernel each time.

    Freeing one mapped chunk of just under 32 MB raises malloc's dynamic mmap threshold for good
    (mallopt(3), M_MMAP_THRESHOLD); the chunk is never touched and costs no memory. A third of the
    time of a large run was page faults before. Harmless elsewhere.
    """
    chunk = np.empty(31 << 20, np.uint8)
    del chunk


def not_name_byte(data: ByteArray) -> BoolArray:
    """Which bytes no host name may hold: all but A-Z a-z 0-9 _ - and the period.

    0.25 ns a byte by whole-array arithmetic, against 1.3 by a table of 256.
    """
    letter = data | np.uint8(32)
    letter -= np.uint8(97)
    found = letter >= np.uint8(26)
    found &= (data - np.uint8(45)) >= np.uint8(13)  # - . / 0-9
    found &= data != np.uint8(95)
    found |= data == np.uint8(47)  # the slash stands among them
    return found


def positions_of(mask: BoolArray) -> IntArray:
    """Sorted positions of the True ones."""
    return np.flatnonzero(mask)


def first_of_each(values: IntArray) -> IntArray:
    """Positions of the first occurrence of each distinct value, ascending.

    `numpy.unique` would do, but its first call loads numpy.ma, 15 ms at start-up.
    """
    order = np.argsort(values, kind="stable")
    ranked = values[order]
    first = np.ones(len(values), np.bool_)
    first[1:] = ranked[1:] != ranked[:-1]
    return np.sort(order[first])


def is_member(values: IntArray, members: IntArray) -> BoolArray:
    """(n,) which values are among the members, which are sorted."""
    if not len(members):
        return np.zeros(len(values), np.bool_)
    found: BoolArray = members.take(np.searchsorted(members, values), mode="clip") == values
    return found


def gather(data: ByteArray, at: IntArray, width: int) -> WordArray:
    """(n, width // 8) little-endian words that begin at each position; zeros beyond the buffer.

    One unaligned load of the whole width costs about the same as one of 8 bytes (4 to 5 ns).
    """
    n = len(at)
    words = np.zeros((n, width // 8), "<u8")
    if not n:
        return words
    whole = at <= len(data) - width
    if whole.all():
        return _load(data, at, width)
    words[whole] = _load(data, at[whole], width)
    rest = np.flatnonzero(~whole)
    low = int(at[rest].min())
    words[rest] = _load(np.concatenate([data[low:], np.zeros(width, np.uint8)]), at[rest] - low, width)
    return words


def _load(data: ByteArray, at: IntArray, width: int) -> WordArray:
    if not len(at):
        return np.zeros((0, width // 8), "<u8")
    windows = np.ndarray((len(data) - width + 1,), f"V{width}", data, strides=(1,))
    loaded: WordArray = windows[at].view("<u8").reshape(len(at), width // 8)
    return loaded


# --- IPv4 -----------------------------------------------------------------------------------------
# The 256 legal texts of an octet, each with the dot behind it, are at most four bytes: one 32-bit
# key. A multiplication sends the 256 keys to 256 different slots of 4,096, so that one look-up
# proves digits, range, absence of leading zeros and the dot at once. The last two octets are read
# backwards from the end, so their keys are the reversed digits and the dot before them.

_FORWARD = np.uint32(0xE5AFCDBD)
_BACKWARD = np.uint32(0xC693565F)
_SLOT_SHIFT = np.uint32(20)


class _Octets(NamedTuple):
    factor: np.uint32
    key: HalfArray
    value: HalfArray
    length: IntArray
    """Length of the text with its dot."""


def _octets(factor: np.uint32, *, reverse: bool) -> _Octets:
    texts = [str(v)[:: -1 if reverse else 1] + "." for v in range(256)]
    keys = np.array([int.from_bytes(t.encode().ljust(4, b"\0"), "little") for t in texts], np.uint32)
    slots = (keys * factor) >> _SLOT_SHIFT
    # An empty slot holds a key that belongs to another one, so nothing can match it.
    key, value, length = np.full(4096, keys[0]), np.zeros(4096, np.uint32), np.zeros(4096, np.int64)
    key[slots[0]] = keys[1]
    key[slots], value[slots], length[slots] = keys, np.arange(256), [len(t) for t in texts]
    return _Octets(factor, key, value, length)


_READ_FORWARD = _octets(_FORWARD, reverse=False)
_READ_BACKWARD = _octets(_BACKWARD, reverse=True)


def _octet(word: WordArray, octets: _Octets) -> tuple[BoolArray, HalfArray, IntArray]:
    """The octet at the low end of each word: whether there is one, its value, its length with dot."""
    four = word.astype(np.uint32)
    # Bit 4 is set in every digit and clear in the dot: keep the bytes up to the first one without.
    stop = (~four << np.uint32(3)) & np.uint32(0x80808080)
    key = ((stop - np.uint32(1)) ^ stop) & four
    slot = (key * octets.factor) >> _SLOT_SHIFT
    return octets.key.take(slot) == key, octets.value.take(slot), octets.length.take(slot)


def parse_ipv4(data: ByteArray, start: IntArray, end: IntArray) -> tuple[HalfArray, BoolArray]:
    """(n,) address as a number, and (n,) whether the text is four decimal numbers 0-255.

    No sign, blank, leading zero or anything else is let through. 24 ns a text, against 130 by a
    loop over character positions and 2,600 by `ipaddress`. The value is 0 where the text is not valid.
    """
    length = end - start
    plausible = (length >= 7) & (length <= 15)
    head = gather(data, np.minimum(start, max(len(data) - 1, 0)), 8)[:, 0]
    if len(end) and int(end.min()) < 8:
        front = np.concatenate([np.zeros(8, np.uint8), data])
        tail = gather(front, end, 8)[:, 0]
    else:
        tail = gather(data, end - 8, 8)[:, 0]
    tail = tail.byteswap()
    eight = np.uint64(8)
    ok1, a, n1 = _octet(head, _READ_FORWARD)
    ok2, b, n2 = _octet(head >> (n1.view(np.uint64) * eight), _READ_FORWARD)
    ok4, d, n4 = _octet(tail, _READ_BACKWARD)
    ok3, c, n3 = _octet(tail >> (n4.view(np.uint64) * eight), _READ_BACKWARD)
    # The dot in the middle was read from both ends.
    ok = plausible & ok1 & ok2 & ok3 & ok4 & (n1 + n2 + n3 + n4 == length + 1)
    value = (a << np.uint32(24)) | (b << np.uint32(16)) | (c << np.uint32(8)) | d
    value[~ok] = 0
    return value, ok


# --- hashing --------------------------------------------------------------------------------------
# Multiply-shift over vectors of 32-bit halves (Dietzfelbinger 1996; Thorup, "High Speed Hashing for
# Integers and Strings", section 3): h(x) = (c + sum k[i] * x[i] mod 2**64) >> 32 with random 64-bit
# c and k is strongly universal: two different texts get the same 32 bits with probability 2**-32,
# whatever they are, for whoever does not know the keys. Three independent rows make 2**-96. Zero
# padding keeps different texts different, because no text that is hashed holds a NUL.

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
        longer = np.flatnonzero(length > 8 * w)
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


def upper_halves(sums: list[WordArray]) -> list[HalfArray]:
    """The 32-bit hash of each row."""
    return [(s >> _HALF).astype(np.uint32) for s in sums]


def with_address(sums: list[WordArray], address: HalfArray, keys: HashKeys) -> list[WordArray]:
    """The sums of the pair (text, address)."""
    wide = address.astype(np.uint64)
    return [s + wide * k for s, k in zip(sums, keys.address, strict=True)]
