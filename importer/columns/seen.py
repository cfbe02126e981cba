"""Which addresses get a second name: a table for short lists, one byte an address for long ones.

Beyond 131,072 addresses a /16 network takes a page of 65,536 bytes. The private networks are 273
pages, 17 MB at most, and two look-ups that stay in the cache: 20 ns an address, against 100 in a
table. Networks beyond the first 512 stay in the table, so that addresses strewn over the whole
internet do not take it all.
"""

from __future__ import annotations

import numpy as np

from importer.columns.arrays import BoolArray, HalfArray, IntArray
from importer.columns.growing import Growing
from importer.columns.index import AddressIndex
from importer.columns.kernels import first_of_each, positions_of

_PAGE = 1 << 16
_MAX_PAGES = 512
_SCRATCH = 1 << 17
_SHORT_LIST = 1 << 17
_NO_PAGE, _TABLE = -1, -2
_ONCE, _AGAIN = 1, 2


class SeenAddresses:
    """Counts the addresses of kept records: never, once, or more often."""

    def __init__(self) -> None:
        self._page_of = np.full(1 << 16, _NO_PAGE, np.int32)
        self._flags = np.zeros(0, np.uint8)
        self._pages = 0
        self._scratch = np.zeros(_SCRATCH, np.int32)
        self._table = AddressIndex()
        self._table_flags = Growing(np.uint8)
        self._paged = False

    def add(self, address: HalfArray) -> IntArray:
        """Places in the batch at which an address is met for the second time in all, ascending."""
        if not self._paged:
            if self._table.size + len(address) <= _SHORT_LIST:
                return self._second_in_table(address)
            self._move_to_pages()
        network = (address >> np.uint32(16)).astype(np.int64)
        page = self._page_of.take(network)
        if len(page) and int(page.min()) < 0:
            if (page == _NO_PAGE).any():
                fresh = network[page == _NO_PAGE]
                self._give_pages(fresh[first_of_each(fresh)])
                page = self._page_of.take(network)
            listed = positions_of(page == _TABLE)
            paged = positions_of(page >= 0)
            second = [
                paged[self._second(page[paged] << 16 | (address[paged] & np.uint32(0xFFFF)), self._flags)]
            ]
            if len(listed):
                second.append(listed[self._second_in_table(address[listed])])
            return np.sort(np.concatenate(second))
        return self._second((page << 16) | (address & np.uint32(0xFFFF)), self._flags)

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

    def _second_in_table(self, address: HalfArray) -> IntArray:
        number, _ = self._table.add_addresses(address)
        self._table_flags.append(np.zeros(self._table.size - self._table_flags.size, np.uint8))
        return self._second(number, self._table_flags.array)

    def _second(self, key: IntArray, flags: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> IntArray:
        """Note keys in their flags; places at which one is noted for the second time, ascending."""
        before = flags.take(key)
        first, unknown = self._first_of_batch(key), before == 0
        second = first & (before == _ONCE)
        # Of a new address it is the second place in the batch: the first one of the places behind its first.
        again = positions_of(unknown & ~first)
        second[again[self._first_of_batch(key[again])]] = True
        flags[key[unknown]] = _ONCE
        places = positions_of(second)
        flags[key[places]] = _AGAIN
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
