"""Rules N1xx: questions to a column of names, each answered for all names at once."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from importer import limits
from importer.columns.arrays import BoolArray, IntArray
from importer.columns.kernels import few_positions_of, gather, is_member, last_label, positions_of
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


def no_uri_host(core: TextColumn, valid: BoolArray) -> BoolArray:
    """N112: an underscore, or a last label of several that begins with a digit."""
    found = _ends_in_number(core)
    found[core.holding(core.positions(_UNDERSCORE))] = True
    return found & valid


def _ends_in_number(core: TextColumn) -> BoolArray:
    """(n,) whether the last label of several begins with a digit; not told of names that are too long."""
    found = np.zeros(len(core), np.bool_)
    unclear, end = np.arange(len(core)), core.end
    for _ in range(limits.MAX_NAME_CHARS // 7 + 1):  # a name of megabytes is not walked through
        if not len(unclear):  # eight bytes a round, from the end; one is enough for nearly all names
            break
        known, number = last_label(core.data, core.start[unclear], end)
        found[unclear] = number
        rest = positions_of(~known)
        unclear, end = unclear[rest], end[rest] - 7  # a dot and its digit stand in one load
    return found


def is_placeholder(core: TextColumn, valid: BoolArray) -> BoolArray:
    """N113: a word that stands where a value is missing, letter case aside."""
    return _is_one_of(core, valid, limits.PLACEHOLDERS, _PLACEHOLDERS)


def is_local(core: TextColumn, valid: BoolArray) -> BoolArray:
    """N105: one of the names that a system gives to itself, letter case aside."""
    return _is_one_of(core, valid, limits.LOCAL_NAMES, _LOCAL)


def is_usual_local(core: TextColumn) -> BoolArray:
    """(n,) whether a hosts file usually gives such a name to a local address; a loop over a few names."""
    return np.fromiter((_usual_local(value) for value in core.values()), np.bool_, len(core))


@lru_cache(1024)
def _usual_local(name: bytes) -> bool:
    text = name.decode("utf-8", "replace").lower()
    return (
        text in limits.LOCAL_NAMES
        or text in limits.USUAL_LOCAL_NAMES
        or text.startswith(limits.USUAL_LOCAL_BEGINNINGS)
        or text.endswith(limits.USUAL_LOCAL_ENDINGS)
    )


class _Words(NamedTuple):
    """A few words, as far as one load of eight bytes tells them."""

    lengths: BoolArray
    """By length: whether one of them is as long."""
    first: BoolArray
    """By byte: whether one of them begins so, letter case aside."""
    heads: IntArray
    """Their first eight bytes in lower case, ascending."""

    @staticmethod
    def of(words: Iterable[str]) -> _Words:
        lengths = np.zeros(limits.MAX_NAME_CHARS + 2, np.bool_)
        lengths[[len(word) for word in words]] = True
        first = byte_class("".join(word[0] + word[0].upper() for word in words).encode())
        heads = {
            int.from_bytes(word[:8].encode(), "little") | int(_FOLDS[min(len(word), 8)]) for word in words
        }
        return _Words(lengths, first, np.array(sorted(heads), np.int64))

    def perhaps(self, names: TextColumn) -> IntArray:
        """Which names are as long as one of the words and begin like one."""
        likely = positions_of(self.lengths.take(names.lengths(), mode="clip"))
        if len(likely):
            likely = likely[self.first.take(names.where(likely).first_byte())]
        if not len(likely):
            return likely
        shown = np.minimum(names.end[likely] - names.start[likely], 8)
        head = gather(names.data, names.start[likely], 8)[:, 0] & _MASKS.take(shown) | _FOLDS.take(shown)
        return likely[is_member(head.view(np.int64), self.heads)]


def _is_one_of(core: TextColumn, valid: BoolArray, words: frozenset[str], quick: _Words) -> BoolArray:
    found = np.zeros(len(core), np.bool_)
    for i in quick.perhaps(core).tolist():
        found[i] = bool(valid[i]) and core.value(i).decode("ascii").lower() in words
    return found


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
    plain[_ends_in_number(name)] = False
    for words in (_LOCAL, _PLACEHOLDERS):
        plain[words.perhaps(name)] = False
    return plain


_INSIDE_LABEL = ~byte_class(b".-")
_MASKS = np.array([(1 << 8 * n) - 1 for n in range(9)], np.uint64)
"""By number of bytes: a word of eight bytes with only so many kept."""
_FOLDS = _MASKS & np.uint64(0x2020202020202020)
"""By number of bytes: what makes small letters of capitals."""
_LOCAL, _PLACEHOLDERS = _Words.of(limits.LOCAL_NAMES), _Words.of(limits.PLACEHOLDERS)
