"""`--on-conflict last`: which of a name's addresses is the last one is known only at the end."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from importer.columns.arrays import IntArray
from importer.columns.growing import Growing
from importer.columns.kernels import positions_of


class Withdrawn(NamedTuple):
    """Kept records that turn out not to be sent, because their name has another address later on."""

    kept: IntArray
    """Numbers of these kept records, ascending."""
    merged: int
    """Number of records that had been merged into them."""


class LastWins:
    """Counts the records of every (name, address) pair and remembers each name's latest pair.

    Pairs are numbered in the order in which they were first kept, so a pair's number is that of
    its kept record.
    """

    def __init__(self) -> None:
        self._name = Growing(np.int64)
        """By pair: its name."""
        self._count = Growing(np.int64)
        """By pair: its records."""
        self._latest = Growing(np.int64)
        """By name: the pair of its last record so far."""

    def note(self, pair: IntArray, name: IntArray) -> None:
        """Take note of records in input order: the pair each belongs to, and its name."""
        pairs = int(pair.max(initial=-1)) + 1
        names = int(name.max(initial=-1)) + 1
        for column, size in ((self._name, pairs), (self._count, pairs), (self._latest, names)):
            column.append(np.zeros(max(0, size - column.size), np.int64))
        self._name.array[pair] = name
        np.add.at(self._count.array, pair, 1)
        self._latest.array[name] = pair  # the last one of several stays

    def withdrawn(self) -> Withdrawn:
        """What is not sent, now that all records are known."""
        latest = self._latest.array[self._name.array]
        losing = positions_of(latest != np.arange(self._name.size))
        return Withdrawn(losing, int((self._count.array[losing] - 1).sum()))
