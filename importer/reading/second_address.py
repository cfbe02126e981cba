"""Which names of a hosts line are, or hold, a further address: a line end was lost before it (R111).

    10.0.0.1 kafka01 10.0.0.2 kafka02
    10.0.0.1 kafka01 kafka01.10.0.0.2 kafka02
    10.0.0.1 kafka01;10.0.0.2 kafka02

Nearly no name comes into question, and that is seen for all names at once; the others are looked at one
by one.
"""

from __future__ import annotations

import re

import numpy as np

from importer import limits
from importer.columns.arrays import BoolArray, ByteArray, IntArray
from importer.columns.forms import is_dotted_quad, is_ipv6
from importer.columns.kernels import all_bytes, positions_of
from importer.columns.text import TextColumn, byte_class

_DIGITS = byte_class(b"0123456789")
_PERIOD, _COLON = ord("."), ord(":")
_QUAD = re.compile(rb"[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}")
_QUAD_AT_END = re.compile(_QUAD.pattern + rb"\Z")
_LONGEST_IPV6 = 64


def perhaps_addresses(data: ByteArray, start: IntArray, end: IntArray, odd: IntArray) -> IntArray:
    """Numbers of the names, ascending, of which it takes a closer look to say that they hold no address.

    `odd` are the sorted positions of bytes that no name may have. The others hold an address only at their
    end, and then one of the three bytes before their last one is a period.
    """
    if not len(start):
        return positions_of(np.zeros(0, np.bool_))
    suspect = _DIGITS.take(data.take(end - 1, mode="clip"))
    ending = positions_of(suspect)
    near = end[ending]
    period = np.zeros(len(ending), np.bool_)
    for back in (2, 3, 4):
        period |= data.take(near - back, mode="clip") == _PERIOD
    suspect[ending] = period & (near - start[ending] > 6)
    if len(odd):
        suspect[TextColumn(data, start, end).holding(odd)] = True
    found = positions_of(suspect)
    return found[_has_its_signs(data, start[found], end[found])] if len(found) else found


def _has_its_signs(data: ByteArray, start: IntArray, end: IntArray) -> BoolArray:
    """(n,) whether a name holds three periods, or a colon: no address does without."""
    length = end - start
    first, at = all_bytes(start, length)
    byte = data.take(at)
    periods, colons = (np.append(0, np.cumsum(byte == sign)) for sign in (_PERIOD, _COLON))
    last = first + length
    found: BoolArray = (periods[last] - periods[first] > 2) | (colons[last] > colons[first])
    return found


def holds_address(name: bytes, own: bytes, *, followed: bool) -> bool:
    """Whether a name is, or holds, an address other than as a part of a name.

    `own` is the address of the line as it is written; `followed`: another token stands behind the name.
    """
    text = name.decode("latin-1")
    if is_dotted_quad(text) or (len(name) <= _LONGEST_IPV6 and is_ipv6(text)):
        return True
    ending = _QUAD_AT_END.search(name)
    if followed and ending is not None and ending[0] != own:
        return True
    return any(_stands_alone(name, found) for found in _QUAD.finditer(name))


def _stands_alone(name: bytes, quad: re.Match[bytes]) -> bool:
    """Whether a dotted quad has an end of the name, or a byte that no name may have, on each side."""
    before, after = name[: quad.start()], name[quad.end() :]
    left = not before or before[-1] not in limits.NAME_BYTES or before.endswith((b"\\n", b"\\t"))
    return left and (not after or after[0] not in limits.NAME_BYTES)
