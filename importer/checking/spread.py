"""How a list lies: its ready records by network, names for each address, and findings over the lines."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from importer.checking.hosts import HostBatch
from importer.checking.stretches import Stretches, StretchTally
from importer.columns.arrays import IntArray
from importer.columns.growing import Growing
from importer.columns.ipv4 import parse_ipv4
from importer.language import said

_NETWORKS = 16


class Network(NamedTuple):
    """A network of 256 addresses, or what is left of all of them."""

    cidr: str
    """Empty for all further networks together."""
    records: int
    addresses: int


class Spread(NamedTuple):
    """How records lie in the address space, and findings in the files."""

    networks: tuple[Network, ...] = ()
    """The largest ones, and at the end all others together."""
    names: tuple[tuple[str, int], ...] = ()
    """How many names an address has, and how many addresses have so many."""
    stretches: tuple[Stretches, ...] = ()
    """By source, in the order of the report."""


class SpreadTally:
    """Is handed the ready records batch by batch; four bytes of each are kept."""

    def __init__(self) -> None:
        self._addresses = Growing(np.uint32)
        self.stretches = StretchTally()

    def add(self, hosts: HostBatch) -> None:
        """Remember the addresses of the next records."""
        value, _ = parse_ipv4(hosts.ip.data, hosts.ip.start, hosts.ip.end)
        self._addresses.append(value.astype(np.uint32))

    def spread(self, withdrawn: IntArray) -> Spread:
        """What it comes to without the records of these numbers."""
        addresses = np.delete(self._addresses.array, withdrawn)
        stretches = self.stretches.stretches()
        if not len(addresses):
            return Spread(stretches=stretches)
        each, names = np.unique(addresses, return_counts=True)
        network, first = np.unique(each >> 8, return_index=True)
        records = np.add.reduceat(names, first)
        sizes = np.diff(np.append(first, len(each)))
        order = np.argsort(-records, kind="stable")
        shown = [
            Network(_cidr(int(network[i])), int(records[i]), int(sizes[i]))
            for i in order[:_NETWORKS].tolist()
        ]
        rest = order[_NETWORKS:]
        if len(rest):
            shown.append(Network("", int(records[rest].sum()), int(sizes[rest].sum())))
        return Spread(tuple(shown), tuple(_by_names(names)), stretches)


_MANY = 5


def _by_names(names: IntArray) -> list[tuple[str, int]]:
    """Addresses by their number of names; five names and more are one class."""
    counts = np.bincount(np.minimum(names, _MANY), minlength=_MANY + 1)
    labels = [*(str(number) for number in range(_MANY)), said("{MANY} or more", MANY=_MANY)]
    return [(label, int(count)) for label, count in zip(labels, counts.tolist(), strict=True) if count]


def _cidr(network: int) -> str:
    return ".".join(str(network >> shift & 255) for shift in (16, 8, 0)) + ".0/24"
