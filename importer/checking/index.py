"""Open-addressed tables from keys to running numbers, filled and asked in whole batches.

A bucket is four slots, so that one load of 16 bytes sees the *tags* of all of it: 32 bits of each
key, never 0. The numbers of the keys lie in an array beside the tags. At most 70 % of the slots are
used, which makes 11.4 bytes a key where the number of keys was guessed right, up to 17 where not.
"""

from __future__ import annotations

import os

import numpy as np

from importer.columns.arrays import BoolArray, HalfArray, IntArray
from importer.columns.growing import Growing

_SLOTS = 4
_LOAD = 0.7
_FIRST_KEYS = 1 << 21
_PART = 1 << 13


class Index:
    """Distinct 96-bit keys, numbered from 0 in the order in which they were first seen.

    Beside the table, 8 bytes a key lie in a log: the part that chooses the bucket, and a part that
    only proves equality.
    """

    def __init__(self, expected: int = 0) -> None:
        """Made for the expected number of keys, which is a guess from above: not believed beyond two
        million, the table then grows by four up to it, and by half beyond it."""
        self.size = 0
        self._expected = expected
        self._make_table(_buckets_for(min(max(expected, 1 << 12), _FIRST_KEYS)))
        self._high = Growing(np.uint32, expected)
        self._check = Growing(np.uint32, expected)

    def _make_table(self, buckets: int) -> None:
        self._tags = np.zeros((buckets, _SLOTS), np.uint32)
        self._numbers = np.zeros(buckets * _SLOTS, np.uint32)

    def add(self, high: HalfArray, tag: HalfArray, check: HalfArray) -> tuple[IntArray, BoolArray]:
        """(n,) number of each key, and (n,) whether it is seen for the first time, in this order."""
        n = len(high)
        self._reserve(n)
        base = self.size
        self._log(high, check)
        tag = np.maximum(tag, np.uint32(1))
        # While the batch is worked on, key i is numbered base + i; repeats close the ranks below.
        number = np.full(n, -1, np.int64)
        slot = np.full(n, -1, np.int64)
        own = np.arange(base, base + n, dtype=np.uint32)
        pending = np.arange(n)
        bucket = self._buckets(high)
        while len(pending):
            row = self._tags.take(bucket, axis=0)
            held = row == tag[pending][:, None]
            hit = np.flatnonzero(held.view(np.uint32)[:, 0])
            if len(hit):
                self._match(pending[hit], bucket[hit], held[hit], high, check, number)
                unknown = np.flatnonzero(number[pending] < 0)
                pending, row, bucket = pending[unknown], row[unknown], bucket[unknown]
            pending, bucket = self._settle(pending, bucket, row, tag, own, slot)
        placed = np.flatnonzero(slot >= 0)
        number[placed] = base + placed
        new = slot >= 0
        self._close_ranks(new, placed, number, slot, base)
        return number, new

    def _match(
        self,
        keys: IntArray,
        bucket: IntArray,
        held: BoolArray,
        high: HalfArray,
        check: HalfArray,
        number: IntArray,
    ) -> None:
        """Number, in place, the keys that stand in their bucket, where `held` says which tags are theirs."""
        known = self._numbers[bucket * _SLOTS + held.argmax(axis=1)].astype(np.int64)
        same = self._is_key(known, high[keys], check[keys])
        number[keys[same]] = known[same]
        # Another key of the same tag in the same bucket is one in a billion, and read exactly all the same.
        for i in np.flatnonzero(~same).tolist():
            others = self._numbers[bucket[i] * _SLOTS + np.flatnonzero(held[i])].astype(np.int64)
            equal = others[self._is_key(others, high[keys[i]], check[keys[i]])]
            if len(equal):
                number[keys[i]] = equal[0]

    def _settle(
        self,
        pending: IntArray,
        bucket: IntArray,
        row: HalfArray,
        tag: HalfArray,
        own: HalfArray,
        slot: IntArray,
    ) -> tuple[IntArray, IntArray]:
        """Try to give each pending key a free slot of its bucket; what is left, and where to try next."""
        free = np.bitwise_count((row == 0).view(np.uint32)[:, 0])
        wanted = bucket * _SLOTS + (_SLOTS - free)
        trying = np.flatnonzero(free) if not free.all() else slice(None)
        keys, place = pending[trying], wanted[trying]
        self._numbers[place[::-1]] = own[keys[::-1]]  # of several for one slot, the first key's stays
        won = self._numbers[place] == own[keys]
        slot[keys[won]] = place[won]
        self._tags.reshape(-1)[place[won]] = tag[keys[won]]
        rest = np.flatnonzero(slot[pending] < 0)
        bucket = (bucket[rest] + (free[rest] == 0)) % len(self._tags)
        return pending[rest], bucket

    def _close_ranks(
        self, new: BoolArray, first: IntArray, number: IntArray, slot: IntArray, base: int
    ) -> None:
        """Number the new keys without gaps, in the results, the table and the log."""
        if len(first) < len(new):
            rank = np.cumsum(new) - 1
            recent = np.flatnonzero(number >= base)
            number[recent] = base + rank[number[recent] - base]
            self._keep_log(base, first)
            self._numbers[slot[first]] = number[first]
        self.size += len(first)

    def _buckets(self, high: HalfArray) -> IntArray:
        return ((high.astype(np.uint64) * np.uint64(len(self._tags))) >> np.uint64(32)).view(np.int64)

    def _log(self, high: HalfArray, check: HalfArray) -> None:
        self._high.append(high)
        self._check.append(check)

    def _keep_log(self, base: int, which: IntArray) -> None:
        self._high.keep_from(base, which)
        self._check.keep_from(base, which)

    def _is_key(self, number: IntArray, high: HalfArray, check: HalfArray) -> BoolArray:
        """Whether keys of one tag are equal to those of the given numbers in their other parts."""
        same: BoolArray = (self._high.array[number] == high) & (self._check.array[number] == check)
        return same

    def _high_of(self, tag: HalfArray, number: IntArray) -> HalfArray:
        return self._high.array[number]

    def _reserve(self, n: int) -> None:
        """Make room for n more keys in the table."""
        needed = self.size + n
        if needed > _LOAD * _SLOTS * len(self._tags):
            room = min(4 * needed, self._expected) if needed < self._expected else needed * 3 // 2
            self._rebuild(_buckets_for(room))

    def _rebuild(self, buckets: int) -> None:
        """Move all keys to a larger table, a part at a time, so that the parts stay in the cache."""
        tags, numbers = self._tags.reshape(-1), self._numbers
        self._make_table(buckets)
        for part in range(0, len(tags), _PART):
            used = part + np.flatnonzero(tags[part : part + _PART])
            tag, own = tags[used], numbers[used]
            bucket = self._buckets(self._high_of(tag, own.astype(np.int64)))
            slot = np.full(len(used), -1, np.int64)
            pending = np.arange(len(used))
            while len(pending):
                row = self._tags.take(bucket, axis=0)
                pending, bucket = self._settle(pending, bucket, row, tag, own, slot)


class AddressIndex(Index):
    """Distinct IPv4 addresses: the tag is the whole key, so that nothing lies beside the table.

    The number 0 is kept for 0.0.0.0, which has no tag, since 0 marks a free slot.
    """

    def __init__(self, expected: int = 0) -> None:
        super().__init__(expected)
        self.size = 1
        self._zero_seen = False
        # Secret, so that no list of addresses can be made to meet in few buckets.
        self._factor, self._offset = np.frombuffer(os.urandom(16), np.uint64)

    def add_addresses(self, address: HalfArray) -> tuple[IntArray, BoolArray]:
        """As `add`, though 0.0.0.0 is numbered out of order."""
        if address.all():
            return self.add(self._spread(address), address, address)
        number, new = np.zeros(len(address), np.int64), np.zeros(len(address), np.bool_)
        rest, zeros = np.flatnonzero(address), np.flatnonzero(address == 0)
        number[rest], new[rest] = self.add(self._spread(address[rest]), address[rest], address[rest])
        new[zeros[0]] = not self._zero_seen
        self._zero_seen = True
        return number, new

    def items(self) -> tuple[HalfArray, IntArray]:
        """All addresses in no order, and their numbers."""
        used = np.flatnonzero(self._tags)
        address, number = self._tags.reshape(-1)[used], self._numbers[used].astype(np.int64)
        if self._zero_seen:
            address, number = np.append(address, np.uint32(0)), np.append(number, 0)
        return address, number

    def _log(self, high: HalfArray, check: HalfArray) -> None:
        pass

    def _keep_log(self, base: int, which: IntArray) -> None:
        pass

    def _is_key(self, number: IntArray, high: HalfArray, check: HalfArray) -> BoolArray:
        return np.ones(len(number), np.bool_)

    def _high_of(self, tag: HalfArray, number: IntArray) -> HalfArray:
        return self._spread(tag)

    def _spread(self, address: HalfArray) -> HalfArray:
        """Multiply-shift, as in `columns.kernels`."""
        spread: HalfArray = ((address * self._factor + self._offset) >> np.uint64(32)).astype(np.uint32)
        return spread


def _buckets_for(keys: int) -> int:
    return int(keys / (_LOAD * _SLOTS)) + 1
