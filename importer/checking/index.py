"""An open-addressed table from 96-bit hashes to running numbers, filled and asked in whole batches.

A bucket is four slots of 8 bytes, so that one load from memory sees all of it. A slot holds 32 bits
of the hash (the *tag*, never 0) and the number of the key; the other 64 bits lie in a log beside
the table, in the order of the numbers. At most 70 % of the slots are used: 11 to 23 bytes a key in
the table and 8 in the log.
"""

from __future__ import annotations

import numpy as np

from importer.columns.arrays import BoolArray, HalfArray, IntArray, WordArray

_SLOTS = 4
_LOAD = 0.7
_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_FIRST_BUCKETS = 1 << 12
_PART = 1 << 13


class Index:
    """Distinct keys, numbered from 0 in the order in which they were first seen."""

    def __init__(self, expected: int = 0) -> None:
        """Made for the expected number of keys; more are welcome, at the price of moving house."""
        self.size = 0
        buckets = _FIRST_BUCKETS
        while expected > _LOAD * _SLOTS * buckets:
            buckets *= 2
        self._table = np.zeros((buckets, _SLOTS), np.uint64)
        self._high = np.empty(expected, np.uint32)
        """Log of the part that chooses the bucket."""
        self._check = np.empty(expected, np.uint32)
        """Log of the part that only proves equality."""
        self._strays: dict[tuple[int, int, int], int] = {}
        """Keys whose tag is another key's in the same bucket: one in billions, and exact all the same."""

    def add(self, high: HalfArray, tag: HalfArray, check: HalfArray) -> tuple[IntArray, BoolArray]:
        """(n,) number of each key, and (n,) whether it is seen for the first time, in this order."""
        n = len(high)
        self._reserve(n)
        base = self.size
        tag = np.maximum(tag, np.uint32(1))
        self._high[base : base + n] = high
        self._check[base : base + n] = check
        # While the batch is worked on, key i is numbered base + i; repeats close the ranks below.
        number = np.full(n, -1, np.int64)
        slot = np.full(n, -1, np.int64)
        pending = self._known_strays(high, tag, check, number)
        entry = _entries(tag, base + np.arange(n))
        bucket = self._buckets(high)
        while len(pending):
            row = self._table.take(bucket[pending], axis=0)
            hit = ((row >> _HALF) == tag[pending].astype(np.uint64)[:, None]).view(np.uint32)[:, 0] != 0
            if hit.any():
                self._match(pending[hit], row[hit], high, tag, check, number, base)
            pending, row = pending[~hit], row[~hit]
            pending = self._settle(pending, row, bucket, entry, slot)
            done = slot[pending] >= 0
            number[pending[done]] = base + pending[done]
            pending = pending[~done]
        new = number == base + np.arange(n)
        self._close_ranks(new, number, slot, tag, base)
        return number, new

    def _match(
        self,
        keys: IntArray,
        row: WordArray,
        high: HalfArray,
        tag: HalfArray,
        check: HalfArray,
        number: IntArray,
        base: int,
    ) -> None:
        """Number the keys whose tag stands in their bucket, in place."""
        column = ((row >> _HALF) == tag[keys].astype(np.uint64)[:, None]).argmax(axis=1)
        other = (row[np.arange(len(keys)), column] & _LOW).astype(np.int64)
        same = (self._high[other] == high[keys]) & (self._check[other] == check[keys])
        number[keys[same]] = other[same]
        for i in keys[~same].tolist():
            key = (int(high[i]), int(tag[i]), int(check[i]))
            number[i] = self._strays.setdefault(key, base + i)

    def _settle(
        self, pending: IntArray, row: WordArray, bucket: IntArray, entry: WordArray, slot: IntArray
    ) -> IntArray:
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
        return pending

    def _known_strays(self, high: HalfArray, tag: HalfArray, check: HalfArray, number: IntArray) -> IntArray:
        """Number the keys that are known strays, in place; the others, ascending."""
        if not self._strays:
            return np.arange(len(high))
        tags = np.array(sorted({key[1] for key in self._strays}), np.uint32)
        for i in np.flatnonzero(np.isin(tag, tags)).tolist():
            number[i] = self._strays.get((int(high[i]), int(tag[i]), int(check[i])), -1)
        return np.flatnonzero(number < 0)

    def _close_ranks(
        self, new: BoolArray, number: IntArray, slot: IntArray, tag: HalfArray, base: int
    ) -> None:
        """Number the new keys without gaps, in the results, the table, the log and the strays."""
        first = np.flatnonzero(new)
        if len(first) < len(new):
            rank = np.cumsum(new) - 1
            recent = number >= base
            number[recent] = base + rank[number[recent] - base]
            self._high[base : base + len(first)] = self._high[base + first]
            self._check[base : base + len(first)] = self._check[base + first]
            placed = first[slot[first] >= 0]
            self._table.reshape(-1)[slot[placed]] = _entries(tag[placed], base + rank[placed])
            for key, provisional in self._strays.items():
                if provisional >= base:
                    self._strays[key] = base + int(rank[provisional - base])
        self.size += len(first)

    def _buckets(self, high: HalfArray) -> IntArray:
        return ((high.astype(np.uint64) * np.uint64(len(self._table))) >> _HALF).astype(np.int64)

    def _reserve(self, n: int) -> None:
        """Make room for n more keys in the log and in the table."""
        needed = self.size + n
        if needed > len(self._high):
            room = max(needed, 2 * len(self._high))
            self._high, self._check = (
                _grown(self._high, room, self.size),
                _grown(self._check, room, self.size),
            )
        buckets = len(self._table)
        while needed > _LOAD * _SLOTS * buckets:
            buckets *= 2
        if buckets > len(self._table):
            self._rebuild(buckets)

    def _rebuild(self, buckets: int) -> None:
        """Move all entries to a larger table, a part at a time, so that the parts stay in the cache."""
        old = self._table
        self._table = np.zeros((buckets, _SLOTS), np.uint64)
        for part in range(0, len(old), _PART):
            entry = old[part : part + _PART].reshape(-1)
            entry = entry[entry != 0]
            bucket = self._buckets(self._high[(entry & _LOW).astype(np.int64)])
            slot = np.full(len(entry), -1, np.int64)
            pending = np.arange(len(entry))
            while len(pending):
                self._settle(pending, self._table.take(bucket[pending], axis=0), bucket, entry, slot)
                pending = pending[slot[pending] < 0]


def _entries(tag: HalfArray, number: IntArray) -> WordArray:
    return (tag.astype(np.uint64) << _HALF) | number.astype(np.uint64)


def _grown(log: HalfArray, room: int, used: int) -> HalfArray:
    larger = np.empty(room, np.uint32)
    larger[:used] = log[:used]
    return larger
