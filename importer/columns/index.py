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
_LINE = 8
"""Words in a line of the cache."""
_LOAD = 0.75
_FIRST_KEYS = 1 << 12
_PART = 1 << 16
_HALF = np.uint64(32)
_ODD = np.uint64(0xBF58476D1CE4E5B9)
_LOW = np.uint64(0xFFFFFFFF)


class Index:
    """Distinct 96-bit keys, numbered from 0 in the order in which they were first seen.

    Beside the table, 8 bytes a key lie in a log: the part that chooses the bucket, and a part that only
    proves equality. A key that is new twice in one batch takes two places in the log, one of them in vain,
    and 4 bytes to remember that: what the table holds are places, and a number is a place less the vain
    ones before it.
    """

    def __init__(self) -> None:
        self.size = 0
        self._slots = _empty_table(_FIRST_KEYS)
        self._high = Growing(np.uint32)
        self._check = Growing(np.uint32)
        self._next = 0
        """The next place in the log."""
        self._vain = Growing(np.uint32)
        """Places taken in vain, ascending."""

    def add(self, keys: Halves, expected: int = 0) -> tuple[IntArray, BoolArray]:
        """(n,) number of each key, and (n,) whether it is seen for the first time, in this order.

        `expected` is a guess at the number of keys there will be in all, which saves time and memory.
        """
        high, check = keys.high, keys.check
        self._reserve(len(high), expected)
        tag = np.maximum(keys.tag, np.uint32(1))
        number, slot = self._find(tag, self._buckets(high), high, check)
        new = number < 0
        fresh = positions_of(new)
        tag, high, check = tag.take(fresh), high.take(fresh), check.take(fresh)
        self._log(high, check, expected)
        entry = tag.astype(np.uint64)
        entry <<= _HALF
        entry |= np.arange(self._next, self._next + len(fresh)).view(np.uint64)
        again, place = self._put(entry, slot.take(fresh), Halves(high, tag, check))
        if len(again):
            self._vain.append(again + self._next)
            number[fresh[again]], new[fresh[again]] = place, False
            fresh = positions_of(new)
        self._next += len(entry)
        known = positions_of(~new)
        number[known] = self._number_of(number[known])
        number[fresh] = np.arange(self.size, self.size + len(fresh))
        self.size += len(fresh)
        return number, new

    def holds(self, keys: Halves) -> BoolArray:
        """(n,) whether each key was added."""
        return self.numbers(keys) >= 0

    def numbers(self, keys: Halves) -> IntArray:
        """(n,) number of each key, -1 where it was not added."""
        tag = np.maximum(keys.tag, np.uint32(1))
        place, _ = self._find(tag, self._buckets(keys.high), keys.high, keys.check)
        known = positions_of(place >= 0)
        place[known] = self._number_of(place[known])
        return place

    def _put(self, entry: WordArray, slot: IntArray, keys: Halves) -> tuple[IntArray, IntArray]:
        """Put new keys into free slots; which ones repeat an earlier one, ascending, and its place."""
        high, tag, check = keys
        waiting = self._insert(entry, slot)
        again, places = [waiting[:0]], [waiting[:0]]
        while len(waiting):  # an earlier key of this batch has the slot: the same one, or another
            place = self._held(slot[waiting], tag[waiting], high[waiting], check[waiting])
            same = place >= 0
            again.append(waiting[same])
            places.append(place[same])
            waiting = waiting[~same]
            slot[waiting] += 1  # free, since whoever wanted the slot wants this one now
            over = waiting[slot[waiting] % _SLOTS == 0]
            if len(over):
                following = self._following(slot[over] // _SLOTS - 1)
                _, slot[over] = self._find(tag[over], following, high[over], check[over])
            waiting = waiting[self._insert(entry[waiting], slot[waiting])]
        found, place = np.concatenate(again), np.concatenate(places)
        order = np.argsort(found)
        return found[order], place[order]

    def _number_of(self, place: IntArray) -> IntArray:
        """(n,) number of the key at each place."""
        vain = self._vain.array
        return place - np.searchsorted(vain, place.astype(np.uint32)) if len(vain) else place

    def _find(
        self, tag: HalfArray, bucket: IntArray, high: HalfArray, check: HalfArray
    ) -> tuple[IntArray, IntArray]:
        """(n,) place of each key, -1 where there is none, and then (n,) the free slot its search ends at."""
        place, free = self._look(tag, bucket, high, check)
        rest = positions_of(free < 0)
        bucket = bucket[rest]
        while len(rest):
            bucket = self._following(bucket)
            place[rest], free[rest] = self._look(tag[rest], bucket, high[rest], check[rest])
            going_on = free[rest] < 0
            rest, bucket = rest[going_on], bucket[going_on]
        return place, free

    def _look(
        self, tag: HalfArray, bucket: IntArray, high: HalfArray, check: HalfArray
    ) -> tuple[IntArray, IntArray]:
        """The same for one bucket of each key: no free slot, -1, where the search goes on behind it."""
        place = np.full(len(tag), -1, np.int64)
        row = self._rows(bucket)
        tags, used = _tags(row), _used(row)
        free = (bucket << 2) + used
        held = tags[:, 0] == tag
        for slot in range(1, _SLOTS):  # column by column: numpy would loop over each row's four otherwise
            held |= tags[:, slot] == tag
        hit = positions_of(held)
        if len(hit):
            place[hit] = self._match(row[hit], tag[hit], high[hit], check[hit])
        free[(used == _SLOTS) & (place < 0)] = -1
        return place, free

    def _match(self, row: WordArray, tag: HalfArray, high: HalfArray, check: HalfArray) -> IntArray:
        """(n,) place of each key, given its bucket, in which its tag stands; -1 if it is another key's."""
        held = _tags(row) == tag[:, None]
        place: IntArray = (row[np.arange(len(row)), held.argmax(axis=1)] & _LOW).view(np.int64)
        # Another key of the same tag in the same bucket is one in a billion, and read exactly all the same.
        for i in positions_of(~self._is_key(place, high, check)).tolist():
            others = (row[i, held[i]] & _LOW).view(np.int64)
            equal = others[self._is_key(others, high[i], check[i])]
            place[i] = equal[0] if len(equal) else -1
        return place

    def _held(self, slot: IntArray, tag: HalfArray, high: HalfArray, check: HalfArray) -> IntArray:
        """(n,) place of each key, if its slot holds that key; else -1."""
        entry = self._slots[slot]
        place = (entry & _LOW).view(np.int64)
        place[(entry >> _HALF).astype(np.uint32) != tag] = -1
        there = positions_of(place >= 0)
        place[there[~self._is_key(place[there], high[there], check[there])]] = -1
        return place

    def _insert(self, entry: WordArray, slot: IntArray) -> IntArray:
        """Write entries into free slots; of several for one the first stays, and the others are returned."""
        backwards = slot[::-1].copy()  # numpy takes longer over an index that is no array of its own
        self._slots[backwards] = entry[::-1]
        return positions_of(self._slots.take(slot) != entry)

    def _rows(self, bucket: IntArray) -> WordArray:
        """(n, 4) the slots of each bucket."""
        rows: WordArray = self._slots.view("V32").take(bucket).view(np.uint64).reshape(-1, _SLOTS)
        return rows

    def _buckets(self, high: HalfArray) -> IntArray:
        count = np.uint64(len(self._slots) // _SLOTS)
        return ((high.astype(np.uint64) * count) >> _HALF).view(np.int64)

    def _following(self, bucket: IntArray) -> IntArray:
        """Where to go on behind a full bucket."""
        return (bucket + 1) % (len(self._slots) // _SLOTS)

    def _log(self, high: HalfArray, check: HalfArray, expected: int) -> None:
        self._high.append(high, expected)
        self._check.append(check, expected)

    def _is_key(self, place: IntArray, high: HalfArray, check: HalfArray) -> BoolArray:
        """Whether keys of one tag are equal to those at the given places in their other parts."""
        same: BoolArray = (self._high.array[place] == high) & (self._check.array[place] == check)
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
                slot = (bucket << 2) + used
                bucket[~free] = self._following(bucket[~free])
                rest = ~free
                trying = positions_of(free)
                rest[trying[self._insert(entry[trying], slot[trying])]] = True
                bucket, entry = bucket[rest], entry[rest]


class AddressIndex(Index):
    """Distinct IPv4 addresses: the tag is the whole key, so that nothing lies beside the table.

    The number 0 is kept for 0.0.0.0, which has no tag, since 0 marks a free slot.
    """

    def __init__(self) -> None:
        super().__init__()
        self.size = self._next = 1
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
        address = (used >> _HALF).astype(np.uint32)
        number = self._number_of((used & _LOW).view(np.int64))
        if self._zero_seen:
            address, number = np.append(address, np.uint32(0)), np.append(number, 0)
        return address, number

    def _log(self, high: HalfArray, check: HalfArray, expected: int) -> None:
        pass

    def _is_key(self, place: IntArray, high: HalfArray, check: HalfArray) -> BoolArray:
        return np.ones(len(place), np.bool_)

    def _high_of(self, entry: WordArray) -> HalfArray:
        return self._spread((entry >> _HALF).astype(np.uint32))

    def _spread(self, address: HalfArray) -> HalfArray:
        """Multiply-shift, as in `columns.hashing`, then mixed: else addresses in a row meet in few slots."""
        mixed = address * self._factor + self._offset
        mixed ^= mixed >> np.uint64(29)
        mixed *= _ODD
        spread: HalfArray = (mixed >> _HALF).astype(np.uint32)
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
    """Slots for more than so many keys; no bucket lies across a border of lines of the cache."""
    count = _SLOTS * (int(keys / (_LOAD * _SLOTS)) + 1)
    table = np.zeros(count + _LINE, np.uint64)
    skipped = -table.ctypes.data % (8 * _LINE) // 8
    return table[skipped : skipped + count]
