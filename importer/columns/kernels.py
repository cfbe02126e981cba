"""The room for clever kernels: each a small function with a plain twin in the tests.

Every kernel works on whole arrays and is exact for any bytes. The figures are nanoseconds per
byte or per string on one core with the data in cache, next to the plain way of doing the same.
All of them view bytes as little-endian words, whatever the machine.
"""

from __future__ import annotations

import numpy as np

from importer.columns.arrays import BoolArray, ByteArray, IntArray, WordArray

PAD = 64
"""Free bytes that blocks of a file keep before and after their text, so that wide loads that start
or end in a string stay inside the buffer. Buffers without them are served too, a little slower."""


_AT_A_TIME = 1 << 18
"""Bytes that stay in the second cache while several questions are asked about them."""


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

    0.17 ns a byte by arithmetic on as many bytes at a time as stay in the cache, against 1.3 by a table.
    """
    found = np.empty(len(data), np.bool_)
    for low in range(0, len(data), _AT_A_TIME):
        part = data[low : low + _AT_A_TIME]
        other = part | np.uint8(32)
        other -= np.uint8(97)
        here = np.greater_equal(other, np.uint8(26), out=found[low : low + _AT_A_TIME])  # no letter
        np.subtract(part, np.uint8(45), out=other)
        here &= other >= np.uint8(13)  # - . / 0-9
        here &= part != np.uint8(95)
        here |= other == np.uint8(2)  # the slash stands among them
    return found


def positions_of(mask: BoolArray) -> IntArray:
    """Sorted positions of the True ones."""
    return mask.nonzero()[0]


def few_positions_of(mask: BoolArray) -> IntArray:
    """The same, quicker where few of many bytes are True: eight of them are looked at in one.

    0.03 ns a byte, against 0.09 (one byte in a thousand is True).
    """
    words = len(mask) // 8
    word = positions_of(mask[: 8 * words].view(np.uint64) != 0)
    inside = positions_of(mask[: 8 * words].reshape(-1, 8)[word].reshape(-1))
    last = positions_of(mask[8 * words :]) + 8 * words
    return np.concatenate([8 * word.take(inside >> 3) + (inside & 7), last])


def starts_of_runs(values: IntArray) -> BoolArray:
    """(n,) whether each value differs from the one before; the first one does."""
    starts = np.ones(len(values), np.bool_)
    starts[1:] = values[1:] != values[:-1]
    return starts


def first_of_each(values: IntArray) -> IntArray:
    """Positions of the first occurrence of each distinct value, ascending.

    `numpy.unique` would do, but its first call loads numpy.ma, 15 ms at start-up.
    """
    order = np.argsort(values, kind="stable")
    return np.sort(order[starts_of_runs(values[order])])


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


def last_label(data: ByteArray, start: IntArray, end: IntArray) -> tuple[BoolArray, BoolArray]:
    """(n,) whether the last eight bytes of each text settle how its last label begins, and (n,) whether that
    is a digit behind a period. The texts hold bytes of names only.

    5 ns a text, against 60 by a loop over those that hold a period.
    """
    tail = _load(data, end - 8, 8)[:, 0] if len(end) and int(end.min()) >= 8 else _tails(data, end)
    period, pair = _periods(tail)
    long = end - start > 8
    number = pair != 0
    perhaps = positions_of(number & ~long)
    if len(perhaps):  # what stands before a short text does not count
        outside = (64 - 8 * (end[perhaps] - start[perhaps])).view(np.uint64)
        period[perhaps], pair[perhaps] = _periods(tail[perhaps] >> outside)
        number[perhaps] = pair[perhaps] != 0
    unclear = positions_of(number)
    if len(unclear):  # the last period is what counts: of all that are marked it is the topmost byte
        number[unclear] = pair[unclear] << np.uint64(1) > period[unclear]
    return ~long | (period != 0), number


def _periods(text: WordArray) -> tuple[WordArray, WordArray]:
    """(n,) the top bit of each byte that is a period, and of those with a digit behind them."""
    digit = text << np.uint64(1)
    np.invert(digit, out=digit)
    digit &= text << np.uint64(3)  # of a name's bytes, only 0-9 have this bit and lack that one
    period = text ^ _PERIODS
    other = ~period
    period -= _ONES
    period &= other
    period &= _TOPS
    digit >>= np.uint64(8)
    digit &= period
    return period, digit


def _tails(data: ByteArray, end: IntArray) -> WordArray:
    """The eight bytes before each position; zeros before the buffer."""
    return gather(np.concatenate([np.zeros(8, np.uint8), data]), end, 8)[:, 0]


_ONES, _TOPS, _PERIODS = (np.uint64(byte * 0x0101010101010101) for byte in (1, 128, ord(".")))


def all_bytes(start: IntArray, length: IntArray) -> tuple[IntArray, IntArray]:
    """Every byte of n texts, one behind the other: number of each text's first, and where each stands."""
    first = np.cumsum(length) - length
    return first, np.arange(int(length.sum())) + np.repeat(start - first, length)
