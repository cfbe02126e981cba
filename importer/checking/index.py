"""Open-addressed tables from keys to running numbers, filled and asked in whole batches.

A bucket is four slots of eight bytes, a *tag* (32 bits of the key, never 0) above the key's number,
so that one load of 32 bytes sees all of it, and one touch of memory is what most keys cost. At most
three quarters of the slots are used, which makes 10.7 bytes a key where the number of keys was foreseen.
"""

from __future__ import annotations

import os

import numpy as np
from numpy.typing import NDArray

from importer.columns.arrays import BoolArray, HalfArray, IntArray, WordArray
from importer.columns.growing import Growing
from importer.columns.hashing import Halves
from importer.columns.kernels import positions_of

_SLOTS = 4
_LOAD = 0.75
_FIRST_KEYS = 1 << 12
_PART = 1 << 16
_HALF = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)


class Index:
    """Distinct 96-bit keys, numbered from 0 in the order in which they were first seen.

    Beside the table, 8 bytes a key lie in a log: the part that chooses the bucket, and a part that
    only proves equality.
    """

    def __init__(self) -> None:
        self.size = 0
        self._slots = _empty_table(_FIRST_KEYS)
        self._high = Growing(np.uint32)
        self._check = Growing(np.uint32)

    def add(self, keys: Halves, expected: int = 0) -> tuple[IntArray, BoolArray]:
        """(n,) number of each key, and (n,) whether it is seen for the first time, in this order.

        `expected` is a guess at the number of keys there will be in all, which saves time and memory.
        """
        high, check = keys.high, keys.check
        self._reserve(len(high), expected)
        tag = np.maximum(keys.tag, np.uint32(1))
        number, place = self._find(tag, self._buckets(high), high, check)
        new = number < 0
        fresh = new.nonzero()[0]
        # While the batch is worked on, the keys not found are numbered as if all were new.
        number[fresh] = np.arange(self.size, self.size + len(fresh))
        self._log(high.take(fresh), check.take(fresh), expected)
        entry = tag.astype(np.uint64)
        entry <<= _HALF
        entry |= number.view(np.uint64)
        waiting = fresh.take(self._insert(entry.take(fresh), place.take(fresh)))
        while len(waiting):  # an earlier key of this batch has the slot: the same one, or another
            found, place[waiting] = self._find(
                tag[waiting], place[waiting] >> 2, high[waiting], check[waiting]
            )
            same = found >= 0
            number[waiting[same]] = found[same]
            new[waiting[same]] = False
            waiting = waiting[~same]
            waiting = waiting[self._insert(entry[waiting], place[waiting])]
        added = int(np.count_nonzero(new))
        if added < len(fresh):
            number = self._close_ranks(number, new, fresh, entry, place)
        self.size += added
        return number, new

    def _find(
        self, tag: HalfArray, bucket: IntArray, high: HalfArray, check: HalfArray
    ) -> tuple[IntArray, IntArray]:
        """(n,) number of each key, -1 where there is none, and then (n,) the free slot its search ends at."""
        number = np.full(len(tag), -1, np.int64)
        row = self._rows(bucket)
        tags, used = _tags(row), _used(row)
        place = (bucket << 2) + used
        held = tags[:, 0] == tag
        for slot in range(1, _SLOTS):  # column by column: numpy would loop over each row's four otherwise
            held |= tags[:, slot] == tag
        hit = positions_of(held)
        rest = (used == _SLOTS).nonzero()[0]
        if len(hit):
            number[hit] = self._match(row[hit], tag[hit], high[hit], check[hit])
            rest = rest[number[rest] < 0]
        if len(rest):
            following = (bucket[rest] + 1) % (len(self._slots) // _SLOTS)
            number[rest], place[rest] = self._find(tag[rest], following, high[rest], check[rest])
        return number, place

    def _match(self, row: WordArray, tag: HalfArray, high: HalfArray, check: HalfArray) -> IntArray:
        """(n,) number of each key, given its bucket, in which its tag stands; -1 if it is another key's."""
        held = _tags(row) == tag[:, None]
        number: IntArray = (row[np.arange(len(row)), held.argmax(axis=1)] & _LOW).view(np.int64)
        # Another key of the same tag in the same bucket is one in a billion, and read exactly all the same.
        for i in positions_of(~self._is_key(number, high, check)).tolist():
            others = (row[i, held[i]] & _LOW).view(np.int64)
            equal = others[self._is_key(others, high[i], check[i])]
            number[i] = equal[0] if len(equal) else -1
        return number

    def _insert(self, entry: WordArray, place: IntArray) -> IntArray:
        """Write entries into free slots; of several for one the first stays, and the others are returned."""
        self._slots[place[::-1]] = entry[::-1]
        lost: IntArray = (self._slots.take(place) != entry).nonzero()[0]
        return lost

    def _close_ranks(
        self, own: IntArray, new: BoolArray, fresh: IntArray, entry: WordArray, place: IntArray
    ) -> IntArray:
        """Number the new keys without gaps, in the result, the table and the log."""
        rank = self.size - 1 + np.cumsum(new)
        recent = positions_of(own >= self.size)
        number = own.copy()
        number[recent] = rank[fresh[own[recent] - self.size]]
        first = positions_of(new[fresh])
        added = fresh[first]
        moved = added[number[added] != own[added]]
        self._slots[place[moved]] = (entry[moved] & ~_LOW) | number[moved].view(np.uint64)
        self._keep_log(self.size, first)
        return number

    def _rows(self, bucket: IntArray) -> WordArray:
        """(n, 4) the slots of each bucket."""
        rows: WordArray = self._slots.view("V32").take(bucket).view(np.uint64).reshape(-1, _SLOTS)
        return rows

    def _buckets(self, high: HalfArray) -> IntArray:
        count = np.uint64(len(self._slots) // _SLOTS)
        return ((high.astype(np.uint64) * count) >> _HALF).view(np.int64)

    def _log(self, high: HalfArray, check: HalfArray, expected: int) -> None:
        self._high.append(high, expected)
        self._check.append(check, expected)

    def _keep_log(self, base: int, which: IntArray) -> None:
        self._high.keep_from(base, which)
        self._check.keep_from(base, which)

    def _is_key(self, number: IntArray, high: HalfArray, check: HalfArray) -> BoolArray:
        """Whether keys of one tag are equal to those of the given numbers in their other parts."""
        same: BoolArray = (self._high.array[number] == high) & (self._check.array[number] == check)
        return same

    def _high_of(self, entry: WordArray) -> HalfArray:
        return self._high.array[(entry & _LOW).view(np.int64)]

    def _reserve(self, n: int, expected: int) -> None:
        """Make room for n more keys in the table."""
        needed = self.size + n
        if needed > _LOAD * len(self._slots):
            self._rebuild(expected + n if expected > needed else 2 * needed)

    def _rebuild(self, keys: int) -> None:
        """Move all keys to a larger table, a part at a time, so that what is worked on stays in the cache."""
        old, self._slots = self._slots, _empty_table(keys)
        for part in range(0, len(old), _PART):
            entry = old[part : part + _PART]
            entry = entry[entry != 0]
            bucket = self._buckets(self._high_of(entry))
            while len(entry):
                used = _used(self._rows(bucket))
                free = used < _SLOTS
                place = (bucket << 2) + used
                rest = ~free
                trying = positions_of(free)
                rest[trying[self._insert(entry[trying], place[trying])]] = True
                bucket = (bucket + ~free)[rest] % (len(self._slots) // _SLOTS)
                entry = entry[rest]


class AddressIndex(Index):
    """Distinct IPv4 addresses: the tag is the whole key, so that nothing lies beside the table.

    The number 0 is kept for 0.0.0.0, which has no tag, since 0 marks a free slot.
    """

    def __init__(self) -> None:
        super().__init__()
        self.size = 1
        self._zero_seen = False
        # Secret, so that no list of addresses can be made to meet in few buckets.
        self._factor, self._offset = np.frombuffer(os.urandom(16), np.uint64)

    def add_addresses(self, address: HalfArray) -> tuple[IntArray, BoolArray]:
        """As `add`, though 0.0.0.0 is numbered out of order."""
        if address.all():
            return self.add(Halves(self._spread(address), address, address))
        number, new = np.zeros(len(address), np.int64), np.zeros(len(address), np.bool_)
        rest, zeros = positions_of(address != 0), positions_of(address == 0)
        number[rest], new[rest] = self.add(Halves(self._spread(address[rest]), address[rest], address[rest]))
        new[zeros[0]] = not self._zero_seen
        self._zero_seen = True
        return number, new

    def items(self) -> tuple[HalfArray, IntArray]:
        """All addresses in no order, and their numbers."""
        used = self._slots[self._slots != 0]
        address, number = (used >> _HALF).astype(np.uint32), (used & _LOW).view(np.int64)
        if self._zero_seen:
            address, number = np.append(address, np.uint32(0)), np.append(number, 0)
        return address, number

    def _log(self, high: HalfArray, check: HalfArray, expected: int) -> None:
        pass

    def _keep_log(self, base: int, which: IntArray) -> None:
        pass

    def _is_key(self, number: IntArray, high: HalfArray, check: HalfArray) -> BoolArray:
        return np.ones(len(number), np.bool_)

    def _high_of(self, entry: WordArray) -> HalfArray:
        return self._spread((entry >> _HALF).astype(np.uint32))

    def _spread(self, address: HalfArray) -> HalfArray:
        """Multiply-shift, as in `columns.hashing`."""
        spread: HalfArray = ((address * self._factor + self._offset) >> _HALF).astype(np.uint32)
        return spread


def _tags(row: WordArray) -> HalfArray:
    """(n, 4) the tags of buckets, a view."""
    tags: HalfArray = row.view(np.uint32)[:, 1::2]
    return tags


def _used(row: WordArray) -> NDArray[np.uint8]:
    """(n,) number of slots that are taken, which are the first ones."""
    used: NDArray[np.uint8] = np.bitwise_count((row != 0).view(np.uint32)[:, 0])
    return used


def _empty_table(keys: int) -> WordArray:
    """Slots for so many keys, and a bucket more."""
    return np.zeros(_SLOTS * (int(keys / (_LOAD * _SLOTS)) + 1), np.uint64)
