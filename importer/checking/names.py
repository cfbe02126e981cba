"""Rules N1xx: questions to a column of names, each answered for all names at once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from importer import limits
from importer.columns.arrays import BoolArray, IntArray
from importer.columns.kernels import few_positions_of, gather, is_member, positions_of
from importer.columns.text import TextColumn, byte_class

LETTERS = byte_class(limits.LETTERS)
NAME_BYTES = byte_class(limits.NAME_BYTES)
_DOT, _HYPHEN, _UNDERSCORE = ord("."), ord("-"), ord("_")


class Names(NamedTuple):
    """n names, judged. Every mask is (n,)."""

    core: TextColumn
    """The names without the one dot at the end that is looked past."""
    dotted: BoolArray
    """Ends in exactly one dot, which is not the whole name."""
    missing: BoolArray
    """N101."""
    too_long: BoolArray
    """N102."""
    bad_start: BoolArray
    """N103."""
    odd_at: IntArray
    """N104: position of the first character that is not allowed, in the column's buffer, else -1."""
    valid: BoolArray
    """None of N101 to N104."""


def judge_names(name: TextColumn, *, keep_trailing_dot: bool) -> Names:
    """Judge every name, whether or not its record is examined."""
    dotted = _dotted(name)
    core = name if not dotted.any() else TextColumn(name.data, name.start, name.end - dotted, name.odd)
    missing = name.end == name.start
    odd_at = core.first_odd()
    first = core.first_byte()
    bad_start = ~LETTERS.take(first) & NAME_BYTES.take(first) & ~missing
    too_long = _too_long(name if keep_trailing_dot else core, odd_at)
    valid = ~(missing | bad_start | too_long) & (odd_at < 0)
    return Names(core, dotted, missing, too_long, bad_start, odd_at, valid)


def _dotted(name: TextColumn) -> BoolArray:
    dotted: BoolArray = name.last_byte() == _DOT
    ending = positions_of(dotted)
    if len(ending):
        before = name.data.take(name.end[ending] - 2, mode="clip")
        dotted[ending] = (name.end[ending] - name.start[ending] > 1) & (before != _DOT)
    return dotted


def _too_long(name: TextColumn, odd_at: IntArray) -> BoolArray:
    """Which names have more than 128 characters; in those of other than ASCII, bytes are not characters."""
    long = name.lengths() > limits.MAX_NAME_CHARS
    for i in positions_of(long & (odd_at >= 0)).tolist():
        long[i] = character_count(name.value(i)) > limits.MAX_NAME_CHARS
    return long


def character_count(value: bytes) -> int:
    """Characters in a text; a byte that is no UTF-8 counts as one."""
    return len(value.decode("utf-8", "surrogateescape"))


def not_dns(core: TextColumn, valid: BoolArray) -> BoolArray:
    """N111: an empty label, one over 63 characters, or one that begins or ends with a hyphen."""
    found = np.zeros(len(core), np.bool_)
    text = core.stretch()
    if not len(text):
        return found
    low = int(core.start[0])
    dot = text == _DOT
    edge = dot | (text == _HYPHEN)
    # Two neighbours out of `.` and `-` of which one is a dot: `..`, `.-` or `-.`.
    pair = edge[:-1] & edge[1:] & (dot[:-1] | dot[1:])
    first = few_positions_of(pair) + low
    if len(first):
        owner = np.searchsorted(core.start, first, side="right") - 1
        found[owner[(owner >= 0) & (first + 1 < core.end.take(owner, mode="clip"))]] = True
    last = core.last_byte()
    found |= (last == _DOT) | (last == _HYPHEN)
    long = positions_of((core.lengths() > limits.MAX_LABEL_CHARS) & valid)
    if len(long):
        found[long] |= _has_long_label(core.where(long), positions_of(dot) + low)
    return found & valid


def _has_long_label(core: TextColumn, dots: IntArray) -> BoolArray:
    """(n,) whether a label is over 63 characters, given the sorted positions of all dots."""
    bounded = np.concatenate([dots, [np.iinfo(np.int64).max]])
    first, behind = np.searchsorted(dots, core.start), np.searchsorted(dots, core.end)
    before_first = np.minimum(bounded[first], core.end) - core.start
    after_last = core.end - np.where(behind > first, bounded[behind - 1] + 1, core.start)
    found: BoolArray = (before_first > limits.MAX_LABEL_CHARS) | (after_last > limits.MAX_LABEL_CHARS)
    wide = positions_of(np.diff(dots) > limits.MAX_LABEL_CHARS + 1)
    owner = np.searchsorted(core.start, dots[wide], side="right") - 1
    inside = (owner >= 0) & (dots[wide + 1] < core.end.take(owner, mode="clip"))
    found[owner[inside]] = True
    return found


def has_underscore(core: TextColumn, valid: BoolArray) -> BoolArray:
    """N112."""
    found = np.zeros(len(core), np.bool_)
    found[core.holding(core.positions(_UNDERSCORE))] = True
    return found & valid


def is_local(core: TextColumn, valid: BoolArray) -> BoolArray:
    """N105: one of the names that a system gives to itself, letter case aside."""
    found = np.zeros(len(core), np.bool_)
    for i in _perhaps_local(core).tolist():
        found[i] = bool(valid[i]) and core.value(i).decode("ascii").lower() in limits.LOCAL_NAMES
    return found


def _perhaps_local(core: TextColumn) -> IntArray:
    """Which names begin like one of those, and are as long."""
    likely = positions_of(_LOCAL_LENGTH.take(core.lengths(), mode="clip"))
    if not len(likely):
        return likely
    likely = likely[_LOCAL_FIRST.take(core.where(likely).first_byte())]
    head = gather(core.data, core.start[likely], 8)[:, 0] | _FOLD
    return likely[is_member(head.view(np.int64), _LOCAL_HEADS)]


def plain_names(name: TextColumn) -> BoolArray:
    """(n,) of which names no rule can have anything to say; perhaps not quite all of them."""
    text = name.stretch()
    if not len(text):
        return np.zeros(len(name), np.bool_)
    # As numbers without a sign, 1 less than no length is the largest of all.
    plain: BoolArray = (name.lengths() - 1).view(np.uint64) < limits.MAX_LABEL_CHARS
    plain &= LETTERS.take(name.data.take(name.start, mode="clip"))
    plain &= _INSIDE_LABEL.take(name.data.take(name.end - 1, mode="clip"))
    plain[name.holding(name.odd_positions())] = False
    unusual = text == _UNDERSCORE
    low = text - np.uint8(_HYPHEN) < 2  # a hyphen or a dot
    unusual[1:] |= low[:-1] & low[1:]
    plain[name.holding(few_positions_of(unusual) + int(name.start[0]))] = False
    plain[_perhaps_local(name)] = False
    return plain


_FOLD = np.uint64(0x2020202020202020)
_INSIDE_LABEL = ~byte_class(b".-")
_LOCAL_FIRST = byte_class(bytes({ord(c) for name in limits.LOCAL_NAMES for c in name[0] + name[0].upper()}))
_LOCAL_LENGTH = np.zeros(limits.MAX_NAME_CHARS + 2, np.bool_)
_LOCAL_LENGTH[[len(name) + dot for name in limits.LOCAL_NAMES for dot in (0, 1)]] = True
_LOCAL_HEADS = np.array(
    sorted({int.from_bytes(name[:8].encode(), "little") | int(_FOLD) for name in limits.LOCAL_NAMES}),
    np.int64,
)
