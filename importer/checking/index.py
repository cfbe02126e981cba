"""Open-addressed tables from keys to running numbers, filled and asked in whole batches.

A bucket is four slots of 8 bytes, so that one load from memory sees all of it. A slot holds 32 bits
of the key (the *tag*) and one more than the key's number. At most 70 % of the slots are used, which
makes 11.4 bytes a key where the number of keys was guessed right, up to 17 where it was not.
"""

from __future__ import annotations

import numpy as np

from importer.columns.arrays import BoolArray, HalfArray, IntArray, WordArray
from importer.columns.growing import Growing

_SLOTS = 4
_LOAD = 0.7
_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_ONE = np.uint64(1)
_FIRST_KEYS = 1 << 13
_PART = 1 << 13
_SPREAD = np.uint32(0x9E3779B1)
"""An odd factor: it sends neighbouring numbers to buckets far apart."""


class Index:
    """Distinct 96-bit keys, numbered from 0 in the order in which they were first seen.

    Beside the table, 8 bytes a key lie in a log: the part that chooses the bucket, and a part that
    only proves equality.
    """

    def __init__(self, expected: int = 0) -> None:
        """Made for the expected number of keys; more are welcome, at the price of moving house."""
        self.size = 0
        self._table = np.zeros((_buckets_for(max(expected, _FIRST_KEYS)), _SLOTS), np.uint64)
        self._high = Growing(np.uint32, expected)
        self._check = Growing(np.uint32, expected)

    def add(self, high: HalfArray, tag: HalfArray, check: HalfArray) -> tuple[IntArray, BoolArray]:
        """(n,) number of each key, and (n,) whether it is seen for the first time, in this order."""
        n = len(high)
        self._reserve(n)
        base = self.size
        self._log(high, check)
        # While the batch is worked on, key i is numbered base + i; repeats close the ranks below.
        number = np.full(n, -1, np.int64)
        slot = np.full(n, -1, np.int64)
        pending = np.arange(n)
        entry = _entries(tag, base + pending)
        bucket = self._buckets(high)
        while len(pending):
            row = self._table.take(bucket[pending], axis=0)
            held = _holding(row, tag[pending])
            hit = np.flatnonzero(held.view(np.uint32)[:, 0])
            if len(hit):
                self._match(pending[hit], row[hit], held[hit], high, check, number)
                unknown = number[pending] < 0
                pending, row = pending[unknown], row[unknown]
            self._settle(pending, row, bucket, entry, slot)
            done = slot[pending] >= 0
            number[pending[done]] = base + pending[done]
            pending = pending[~done]
        new = number == base + np.arange(n)
        self._close_ranks(new, number, slot, tag, base)
        return number, new

    def _match(
        self, keys: IntArray, row: WordArray, held: BoolArray, high: HalfArray, check: HalfArray, number: IntArray
    ) -> None:
        """Number, in place, the keys that stand in their bucket, which `held` says of their tags."""
        known = _number(row[np.arange(len(keys)), held.argmax(axis=1)])
        same = self._is_key(known, high[keys], check[keys])
        number[keys[same]] = known[same]
        # Another key of the same tag in the same bucket is one in a billion, and read exactly all the same.
        for i in np.flatnonzero(~same).tolist():
            others = _number(row[i][held[i]])
            equal = others[self._is_key(others, high[keys[i]], check[keys[i]])]
            if len(equal):
                number[keys[i]] = equal[0]

    def _settle(
        self, pending: IntArray, row: WordArray, bucket: IntArray, entry: WordArray, slot: IntArray
    ) -> None:
        """Try to give each pending key a free slot of its bucket; full buckets send theirs on."""
        free = np.bitwise_count((row == 0).view(np.uint32)[:, 0]).astype(np.int64)
        full = free == 0
        moved = pending[full]
        bucket[moved] = (bucket[moved] + 1) % len(self._table)
        trying = pending[~full]
        flat = self._table.reshape(-1)
        wanted = bucket[trying] * _SLOTS + (_SLOTS - free[~full])
        flat[wanted[::-1]] = entry[trying[::-1]]  # of several for one slot, the first key's stays
        won = flat[wanted] == entry[trying]
        slot[trying[won]] = wanted[won]

    def _close_ranks(
        self, new: BoolArray, number: IntArray, slot: IntArray, tag: HalfArray, base: int
    ) -> None:
        """Number the new keys without gaps, in the results, the table and the log."""
        first = np.flatnonzero(new)
        if len(first) < len(new):
            rank = np.cumsum(new) - 1
            recent = number >= base
            number[recent] = base + rank[number[recent] - base]
            self._keep_log(base, first)
            self._table.reshape(-1)[slot[first]] = _entries(tag[first], base + rank[first])
        self.size += len(first)

    def _buckets(self, high: HalfArray) -> IntArray:
        return ((high.astype(np.uint64) * np.uint64(len(self._table))) >> _HALF).astype(np.int64)

    def _log(self, high: HalfArray, check: HalfArray) -> None:
        self._high.append(high)
        self._check.append(check)

    def _keep_log(self, base: int, which: IntArray) -> None:
        self._high.keep_from(base, which)
        self._check.keep_from(base, which)

    def _is_key(self, number: IntArray, high: HalfArray, check: HalfArray) -> BoolArray:
        """Whether keys of one tag are equal to those of the given numbers in their other parts."""
        return (self._high.array[number] == high) & (self._check.array[number] == check)

    def _high_of(self, entry: WordArray) -> HalfArray:
        return self._high.array[_number(entry)]

    def _reserve(self, n: int) -> None:
        """Make room for n more keys in the table."""
        needed = self.size + n
        if needed > _LOAD * _SLOTS * len(self._table):
            self._rebuild(_buckets_for(max(needed, self.size * 3 // 2)))

    def _rebuild(self, buckets: int) -> None:
        """Move all entries to a larger table, a part at a time, so that the parts stay in the cache."""
        old = self._table
        self._table = np.zeros((buckets, _SLOTS), np.uint64)
        for part in range(0, len(old), _PART):
            entry = old[part : part + _PART].reshape(-1)
            entry = entry[entry != 0]
            bucket = self._buckets(self._high_of(entry))
            slot = np.full(len(entry), -1, np.int64)
            pending = np.arange(len(entry))
            while len(pending):
                self._settle(pending, self._table.take(bucket[pending], axis=0), bucket, entry, slot)
                pending = pending[slot[pending] < 0]


class AddressIndex(Index):
    """Distinct 32-bit keys: the tag is the whole key, so that nothing lies beside the table."""

    def add_whole(self, key: HalfArray) -> tuple[IntArray, BoolArray]:
        """As `add`."""
        return self.add(key * _SPREAD, key, key)

    def _log(self, high: HalfArray, check: HalfArray) -> None:
        pass

    def _keep_log(self, base: int, which: IntArray) -> None:
        pass

    def _is_key(self, number: IntArray, high: HalfArray, check: HalfArray) -> BoolArray:
        return np.ones(len(number), np.bool_)

    def _high_of(self, entry: WordArray) -> HalfArray:
        return (entry >> _HALF).astype(np.uint32) * _SPREAD


def _buckets_for(keys: int) -> int:
    return int(keys / (_LOAD * _SLOTS)) + 1


def _entries(tag: HalfArray, number: IntArray) -> WordArray:
    return (tag.astype(np.uint64) << _HALF) | (number.astype(np.uint64) + _ONE)


def _number(entry: WordArray) -> IntArray:
    return (entry & _LOW).astype(np.int64) - 1


def _holding(row: WordArray, tag: HalfArray) -> BoolArray:
    """(n, 4) which slots of each key's bucket hold its tag."""
    return ((row >> _HALF) == tag.astype(np.uint64)[:, None]) & (row != 0)
