"""IPv4 addresses, whole columns at a time: their value, and what is wrong with those that are none.

The 256 legal texts of an octet, each with the dot behind it, are at most four bytes: one 32-bit
key. A multiplication sends the 256 keys to 256 different slots of 4,096, so that one look-up
proves digits, range, absence of leading zeros and the dot at once. The last two octets are read
backwards from the end, so their keys are the reversed digits and the dot before them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from importer.columns.arrays import BoolArray, ByteArray, HalfArray, IntArray, WordArray
from importer.columns.kernels import all_bytes, gather, positions_of

_FORWARD = np.uint32(0xE5AFCDBD)
_BACKWARD = np.uint32(0xC693565F)
_SLOT_SHIFT = np.uint32(20)
_BYTE = np.uint32(255)
_ONE, _THREE, _EIGHT = np.uint32(1), np.uint32(3), np.uint32(8)
_DOTS = np.uint32(0x80808080)


class _Octets(NamedTuple):
    factor: np.uint32
    slots: WordArray
    """(4096,) key in the low half; in the high one the value, and above it the bits of text with dot."""


def _octets(factor: np.uint32, *, reverse: bool) -> _Octets:
    texts = [str(v)[:: -1 if reverse else 1] + "." for v in range(256)]
    keys = np.array([int.from_bytes(t.encode().ljust(4, b"\0"), "little") for t in texts], np.uint32)
    slots = (keys * factor) >> _SLOT_SHIFT
    # An empty slot holds a key that belongs to another one, so nothing can match it.
    key, value = np.full(4096, keys[0], np.uint64), np.zeros(4096, np.uint64)
    key[slots[0]] = keys[1]
    key[slots], value[slots] = keys, [v | 8 * len(t) << 8 for v, t in enumerate(texts)]
    return _Octets(factor, key | value << np.uint64(32))


_READ_FORWARD = _octets(_FORWARD, reverse=False)
_READ_BACKWARD = _octets(_BACKWARD, reverse=True)


def _octet(word: WordArray, octets: _Octets) -> tuple[BoolArray, HalfArray]:
    """The octet at the low end of each word: whether there is one; its value, and above it its bits."""
    four = word.astype(np.uint32)
    # Bit 4 is set in every digit and clear in the dot: keep the bytes up to the first one without.
    stop = (~four << _THREE) & _DOTS
    key = ((stop - _ONE) ^ stop) & four
    found = octets.slots.take((key * octets.factor) >> _SLOT_SHIFT)
    return found.astype(np.uint32) == key, (found >> np.uint64(32)).astype(np.uint32)


def parse_ipv4(data: ByteArray, start: IntArray, end: IntArray) -> tuple[HalfArray, BoolArray]:
    """(n,) address as a number, and (n,) whether the text is four decimal numbers 0-255.

    No sign, blank, leading zero or anything else is let through. 24 ns a text, against 130 by a
    loop over character positions and 2,600 by `ipaddress`. The value is 0 where the text is not valid.
    """
    bits = (end - start).view(np.uint64) << np.uint64(3)
    words = gather(data, start, 16)
    head, back = words[:, 0], words[:, 0].byteswap()
    # The text backwards; shifts by 64 and more, or by less than nothing, make 0 in numpy.
    tail = words[:, 1].byteswap() >> (np.uint64(128) - bits)
    tail |= back << (bits - np.uint64(64))
    tail |= back >> (np.uint64(64) - bits)
    ok, first = _octet(head, _READ_FORWARD)
    also, second = _octet(head >> (first >> _EIGHT), _READ_FORWARD)
    ok &= also
    also, fourth = _octet(tail, _READ_BACKWARD)
    ok &= also
    also, third = _octet(tail >> (fourth >> _EIGHT), _READ_BACKWARD)
    ok &= also
    total = (first >> _EIGHT) + (second >> _EIGHT) + (third >> _EIGHT) + (fourth >> _EIGHT)
    ok &= total == bits + np.uint64(8)  # the dot in the middle was read from both ends
    value = (first & _BYTE) << np.uint32(24)
    value |= (second & _BYTE) << np.uint32(16)
    value |= (third & _BYTE) << np.uint32(8)
    value |= fourth & _BYTE
    value *= ok
    return value, ok


# --- what is no IPv4 address ----------------------------------------------------------------------

EMPTY, OCTAL, SHORT, SUFFIX, OTHER, UNSETTLED = range(6)
"""Kinds of text that are no IPv4 address; `UNSETTLED`: one text at a time will tell."""

_DIGIT, _DOT, _SLASH, _COLON, _X, _ELSE = (np.uint64(1 << 10 * i) for i in range(6))
"""What a byte counts as; ten bits for each count."""
_COUNTS_AS = np.full(256, _ELSE, np.uint64)
_COUNTS_AS[48:58] = _DIGIT
for _byte, _count in zip(b"./:xX", (_DOT, _SLASH, _COLON, _X, _X), strict=True):
    _COUNTS_AS[_byte] = _count
_LONGEST = 255
"""Bytes of a text that these counts have room for, and of what is looked at here."""
_POWERS = np.array([[base**n for n in range(20)] for base in (8, 10)], np.uint64)
_ROOM = np.array([256 ** (4 - dots) for dots in range(4)], np.uint64)
"""By number of dots: what the last number of an address in C's reading stays below."""


def kinds_of_faulty(data: ByteArray, start: IntArray, end: IntArray) -> IntArray:
    """(n,) the kind of each text; none of them is an IPv4 address.

    Long texts, hexadecimal numbers and whatever may be IPv6 are left unsettled; of all others about
    200 ns a text, against 3,000 one at a time.
    """
    kinds = np.full(len(start), OTHER, np.int64)
    length = end - start
    kinds[length == 0] = EMPTY
    kinds[length > _LONGEST] = UNSETTLED
    some = positions_of((length > 0) & (length <= _LONGEST))
    if not len(some):
        return kinds
    first, at = all_bytes(start[some], length[some])
    counted = np.add.reduceat(_COUNTS_AS.take(data.take(at)), first)
    _, dots, slashes, colons, exes, others = (
        ((counted >> np.uint64(10 * i)) & np.uint64(1023)).view(np.int64) for i in range(6)
    )
    starts_with_digit = data[start[some]] - np.uint8(48) < 10
    kinds[some[(colons > 1) | ((exes > 0) & starts_with_digit)]] = UNSETTLED
    plain = (exes == 0) & (others == 0)
    marked = some[plain & (slashes + colons == 1) & (dots == 3)]
    kinds[marked] = _suffixed(data, start[marked], end[marked])
    numeric = plain & (slashes + colons == 0) & (dots <= 3)
    kinds[some[numeric]] = _numeric(data, start[some[numeric]], length[some[numeric]], dots[numeric])
    return kinds


def _suffixed(data: ByteArray, start: IntArray, end: IntArray) -> IntArray:
    """Texts of digits, three dots, and one slash or colon: an address with a suffix, or nothing."""
    kinds = np.full(len(start), OTHER, np.int64)
    if not len(start):
        return kinds
    _, at = all_bytes(start, end - start)
    byte = data.take(at)
    mark = at[(byte == 47) | (byte == 58)]
    _, valid = parse_ipv4(data, start, mark)
    digits = end - mark - 1
    fit = positions_of(valid & (digits >= 1) & (digits <= 5))
    mark, digits = mark[fit], digits[fit]
    number = np.zeros(len(fit), np.int64)
    for place in range(5):
        more = positions_of(digits > place)
        number[more] = 10 * number[more] + data[mark[more] + 1 + place] - 48
    good = (number <= np.where(data[mark] == 47, 32, 65535)) & ((data[mark + 1] != 48) | (digits == 1))
    kinds[fit[good]] = SUFFIX
    return kinds


def _numeric(data: ByteArray, start: IntArray, length: IntArray, dots: IntArray) -> IntArray:
    """Texts of digits and at most three dots: leading zeros, C's reading, or nothing."""
    kinds = np.full(len(start), OTHER, np.int64)
    if not len(start):
        return kinds
    first, at = all_bytes(start, length)
    digit = data.take(at) - np.uint8(48)  # a dot becomes 254
    dot = digit == 254
    opens = np.roll(dot, 1)  # the first byte of each number, and
    opens[first] = True
    empty = np.logical_or.reduceat(dot & opens, first) | dot[first + length - 1]
    if empty.any():  # two dots in a row, or one at an edge: no number there
        rest = positions_of(~empty)
        kinds[rest] = _numeric(data, start[rest], length[rest], dots[rest])
        return kinds
    part = positions_of(opens)
    size = np.diff(part, append=len(at))
    digits = size - dot[part + size - 1]
    place = np.repeat(part + digits, size) - 1 - np.arange(len(at))
    digit[dot] = 0
    fits = np.minimum(place, 19) * ~dot
    octal, decimal = (np.add.reduceat(digit * powers.take(fits), part) for powers in _POWERS)
    zeros = (digit[part] == 0) & (digits > 1)
    value = np.where(zeros, octal, decimal)
    value[zeros & (np.maximum.reduceat(digit, part) > 7)] = _ROOM[0]  # no octal number
    parts = dots + 1
    head = np.cumsum(parts) - parts
    last = head + dots
    four = (dots == 3) & (np.maximum.reduceat(decimal, head) <= 255)
    in_range = value <= 255
    in_range[last] = value[last] < _ROOM.take(dots)
    kinds[np.logical_and.reduceat(in_range, head)] = SHORT
    kinds[four] = OCTAL
    kinds[np.maximum.reduceat(digits, head) > 19] = UNSETTLED
    return kinds
