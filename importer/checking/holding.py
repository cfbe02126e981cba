"""Which repairs would take a host from its place; known only when all of the list is.

A repair is held back where its name is ready on another line at another address, or later in another
spelling: that line would then be the one that is refused. Of several repairs that give one name to several
addresses, the first one is made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from importer.checking.changes import Change
from importer.checking.duplicates import Ledger
from importer.checking.one_by_one import OneByOne
from importer.checking.telling import FirstPlaces
from importer.columns.text import TextColumn


class Holding:
    """Decides about changes in the order of the list."""

    def __init__(self, memory: Ledger | OneByOne, firsts: FirstPlaces) -> None:
        self._memory, self._firsts = memory, firsts
        self._claimed: dict[str, int] = {}
        """By name in small letters: the address that a repair has given to it."""

    def decided(
        self, part: list[Change], source: int, meets: Callable[[int], object] = lambda line: None
    ) -> Iterator[Change]:
        """Each change as it is carried out; they are of one source, by its number.

        `meets` is told the lines of the same source that hold what a change makes valid.
        """
        memory = self._memory
        keeps_all = isinstance(memory, Ledger) and memory.keeps_pairs and memory.last_wins is None
        for change, may_be in zip(part, self._allowed(part, source, meets).tolist(), strict=True):
            whole = may_be
            if whole and change.pairs and not keeps_all:
                whole = all(self._claimed.get(name.lower(), ip) == ip for name, ip in change.pairs)
                if whole:
                    self._claimed.update((name.lower(), ip) for name, ip in change.pairs)
            yield change if whole else change.held_back()

    def _allowed(
        self, part: list[Change], source: int, meets: Callable[[int], object]
    ) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """(n,) which changes take no host from its place."""
        allowed = np.ones(len(part), np.bool_)
        pairs = [(number, pair) for number, change in enumerate(part) for pair in change.pairs]
        memory = self._memory
        if not isinstance(memory, Ledger):  # there an address can be taken, too
            allowed[[number for number, _ in pairs]] = False
            return allowed
        if not pairs or (memory.keeps_pairs and memory.last_wins is None):
            return allowed
        known = memory.known(TextColumn.from_values([name.encode("ascii") for _, (name, _) in pairs]))
        columns = (known.first.tolist(), known.address.tolist(), known.same.tolist())
        for (number, (_, address)), first, its, same in zip(pairs, *columns, strict=True):
            if first < 0:
                continue
            where = self._firsts.source(first)
            if its != address or where is None or memory.last_wins is not None:
                allowed[number] = False
                continue
            line = self._firsts.line(first)
            if where.number == source:
                meets(line)
            if not same and (where.number, line) > (source, part[number].line):
                allowed[number] = False
        return allowed
