"""Which addresses get another name: a table for short lists, one byte an address for long ones.

Beyond 131,072 addresses a /16 network takes a page of 65,536 bytes. The private networks are 273
pages, 17 MB at most, and two look-ups that stay in the cache: 20 ns an address, against 100 in a
table. Networks beyond the first 512 stay in the table, so that addresses strewn over the whole
internet do not take it all.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from importer.columns.arrays import BoolArray, HalfArray, IntArray
from importer.columns.growing import Growing
from importer.columns.index import AddressIndex
from importer.columns.kernels import first_of_each, positions_of, starts_of_runs

_PAGE = 1 << 16
_MAX_PAGES = 512
_SCRATCH = 1 << 17
_SHORT_LIST = 1 << 17
_NO_PAGE, _TABLE = -1, -2
_SEEN, _SHARED, _LINES = 1, 2, 4
"""Flags of an address: it was met; it was told as shared; it was told as standing on two lines."""


class Met(NamedTuple):
    """Places in a batch, ascending, at which an address gets another name, once for each address and kind."""

    shared: IntArray
    """On the line (or row) where the address was first met, or on one that repeats one of its names."""
    lines: IntArray
    """On a later line that repeats none of its names."""


class SeenAddresses:
    """Knows of each address of the kept records that it was met, and what was told of it."""

    def __init__(self) -> None:
        self._page_of = np.full(1 << 16, _NO_PAGE, np.int32)
        self._flags = np.zeros(0, np.uint8)
        self._pages = 0
        self._scratch = np.zeros(_SCRATCH, np.int32)
        self._table = AddressIndex()
        self._table_flags = Growing(np.uint8)
        self._paged = False

    def add(self, address: HalfArray, line: IntArray, repeats: BoolArray) -> Met:
        """Note n addresses of records; those of one line stand together and have one address.

        `line` (n,) is a number that tells lines apart; `repeats` (n,) says whether the line repeats a name
        that its address has from an earlier line.
        """
        lead = starts_of_runs(line)
        if not self._paged:
            if self._table.size + len(address) <= _SHORT_LIST:
                return self._met_in_table(address, lead, repeats)
            self._move_to_pages()
        network = (address >> np.uint32(16)).astype(np.int64)
        page = self._page_of.take(network)
        if len(page) and int(page.min()) < 0:
            if (page == _NO_PAGE).any():
                fresh = network[page == _NO_PAGE]
                self._give_pages(fresh[first_of_each(fresh)])
                page = self._page_of.take(network)
            # A line has one address, so it lies in one of the two parts as a whole.
            listed, paged = positions_of(page == _TABLE), positions_of(page >= 0)
            key = page[paged] << 16 | (address[paged] & np.uint32(0xFFFF))
            found = [(paged, self._met(key, self._flags, lead[paged], repeats[paged]))]
            if len(listed):
                found.append((listed, self._met_in_table(address[listed], lead[listed], repeats[listed])))
            return Met(
                np.sort(np.concatenate([part[met.shared] for part, met in found])),
                np.sort(np.concatenate([part[met.lines] for part, met in found])),
            )
        return self._met((page << 16) | (address & np.uint32(0xFFFF)), self._flags, lead, repeats)

    def _move_to_pages(self) -> None:
        """The list is long: take what the table knows over to pages."""
        self._paged = True
        self._flags = np.zeros(_MAX_PAGES * _PAGE, np.uint8)  # takes up memory page by page, as it is used
        address, number = self._table.items()
        network = (address >> np.uint32(16)).astype(np.int64)
        self._give_pages(network[first_of_each(network)])
        page = self._page_of[network]
        paged = positions_of(page >= 0)
        self._flags[page[paged] << 16 | (address[paged] & np.uint32(0xFFFF))] = self._table_flags.array[
            number[paged]
        ]

    def _give_pages(self, networks: IntArray) -> None:
        fitting = networks[: _MAX_PAGES - self._pages]
        self._page_of[networks] = _TABLE
        self._page_of[fitting] = self._pages + np.arange(len(fitting))
        self._pages += len(fitting)

    def _met_in_table(self, address: HalfArray, lead: BoolArray, repeats: BoolArray) -> Met:
        number, _ = self._table.add_addresses(address)
        self._table_flags.append(np.zeros(self._table.size - self._table_flags.size, np.uint8))
        return self._met(number, self._table_flags.array, lead, repeats)

    def _met(self, key: IntArray, flags: NDArray[np.uint8], lead: BoolArray, repeats: BoolArray) -> Met:
        """Note keys in their flags; where something is to be told. `lead`: the first record of each line."""
        before = flags.take(key)
        fresh = (before == 0) & self._first_of_batch(key)
        flags[key[before == 0]] = _SEEN
        if fresh.all():
            return Met(_NOWHERE, _NOWHERE)
        starts = positions_of(lead)
        on_first = np.repeat(fresh[starts], np.diff(starts, append=len(key)))
        shared = positions_of(~fresh & (on_first | repeats) & (before & _SHARED == 0))
        lines = positions_of(~fresh & lead & ~repeats & (before & _LINES == 0))
        return Met(self._once(shared, key, flags, _SHARED), self._once(lines, key, flags, _LINES))

    def _once(self, places: IntArray, key: IntArray, flags: NDArray[np.uint8], flag: int) -> IntArray:
        """The first of these places of each key, which is flagged."""
        places = places[self._first_of_batch(key[places])]
        flags[key[places]] |= flag
        return places

    def _first_of_batch(self, key: IntArray) -> BoolArray:
        """(n,) whether no earlier place of the batch has the same key, by a small scratch table."""
        first = np.ones(len(key), np.bool_)
        pending, shift = np.arange(len(key), dtype=np.int32), 0
        wanted = key
        while len(pending):
            slot = ((wanted >> shift) ^ wanted) & (_SCRATCH - 1) if shift else wanted & (_SCRATCH - 1)
            self._scratch[slot[::-1].copy()] = pending[::-1]  # of several for one slot, the first stays
            holder = self._scratch.take(slot)
            other = (holder != pending).nonzero()[0]
            same = key[holder[other]] == wanted[other]
            first[pending[other[same]]] = False
            pending, wanted = pending[other[~same]], wanted[other[~same]]
            shift = (shift + 5) % 16
        return first


_NOWHERE = np.empty(0, np.int64)
