"""How the first record of each name spells it, letter case being all that two spellings differ in."""

from __future__ import annotations

import numpy as np

from importer.columns.arrays import BoolArray, IntArray, WordArray
from importer.columns.growing import Growing


class Spellings:
    """64-bit hashes of letter case by number of name. Names without capitals, as most are, take no room."""

    def __init__(self) -> None:
        self._names = 0
        self._number = Growing(np.uint32)
        """Numbers of the names with capitals, ascending."""
        self._hash = Growing(np.uint64)
        self._anew: dict[int, int] = {}
        """Names that got another first record later on, with its hash."""

    def differ(
        self, spelling: WordArray | None, number: IntArray, first: IntArray, repeats: IntArray
    ) -> BoolArray:
        """Note the first records; which repeats are spelled in another way than the first of their name.

        `spelling` is 0 where a name has no capital, and None where none has; `number` is that of each
        record's name; `first`, in the order of these numbers, and `repeats` are places in both.
        """
        if spelling is None:
            spelling = np.zeros(len(number), np.uint64)
        known = number[first] < self._names
        if known.any():
            again = first[known]
            self._anew.update(zip(number[again].tolist(), spelling[again].tolist(), strict=True))
            first = first[~known]
        capital = first[spelling[first] != 0]
        self._number.append(number[capital])
        self._hash.append(spelling[capital])
        self._names = max(self._names, int(number[first].max(initial=-1)) + 1)
        differs: BoolArray = self.noted(number[repeats]) != spelling[repeats]
        return differs

    def noted(self, number: IntArray) -> WordArray:
        """Hash of the first record of each name, 0 where it has no capital."""
        found = np.zeros(len(number), np.uint64)
        numbers = self._number.array
        if len(numbers):
            at = np.minimum(np.searchsorted(numbers, number.astype(np.uint32)), len(numbers) - 1)
            found = np.where(numbers[at] == number, self._hash.array[at], found)
        if self._anew:
            found[:] = [self._anew.get(n, h) for n, h in zip(number.tolist(), found.tolist(), strict=True)]
        return found
