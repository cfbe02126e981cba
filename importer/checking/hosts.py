"""The records that are ready: batch by batch for writers, or collected for whoever wants them all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from importer.checking.examine import Examined
from importer.columns.arrays import HalfArray, IntArray
from importer.columns.batch import RecordBatch, Source
from importer.columns.text import TextColumn


class HostBatch(NamedTuple):
    """k ready records, as views of the batch they came in."""

    batch: RecordBatch
    records: IntArray
    """(k,) their numbers in the batch, ascending."""
    ip: TextColumn
    """(k,) in order, though records of one line share the text of their address."""
    name: TextColumn
    """(k,) as they are sent."""
    address: HalfArray
    """(k,) the addresses as numbers."""

    @staticmethod
    def of(examined: Examined, records: IntArray) -> HostBatch:
        """The given records of a batch, ascending."""
        batch = examined.batch
        owner = records if batch.owner is None else batch.owner[records]
        return HostBatch(
            batch, records, batch.ip.where(owner), examined.sent.where(records), examined.address[records]
        )

    def lines(self) -> IntArray:
        """(k,) physical line of each name, or row number of a frame."""
        return self.batch.lines_of(self.records)


class Kept(NamedTuple):
    """The same in memory of its own, so that no block of a file is held."""

    source: Source
    ip: TextColumn
    name: TextColumn
    line: IntArray


@dataclass
class Hosts:
    """All ready records of a run in input order."""

    batches: list[Kept] = field(default_factory=list)
    withdrawn: IntArray = field(default_factory=lambda: np.empty(0, np.int64))
    """Numbers of collected records that are not sent after all, ascending."""

    def add(self, hosts: HostBatch) -> None:
        """Collect the next records."""
        everything = slice(None)
        ip, name = hosts.ip.copied(everything), hosts.name.copied(everything)
        self.batches.append(Kept(hosts.batch.source, ip, name, hosts.lines()))

    def withdraw(self, numbers: IntArray) -> None:
        """Leave out records by their number in input order."""
        self.withdrawn = numbers

    def __len__(self) -> int:
        return sum(len(kept.name) for kept in self.batches) - len(self.withdrawn)

    def parts(self) -> Iterator[Kept]:
        """They, part by part."""
        number = 0
        for kept in self.batches:
            gone = self.withdrawn[np.searchsorted(self.withdrawn, number) :] - number
            gone = gone[: np.searchsorted(gone, len(kept.name))]
            number += len(kept.name)
            if len(gone):
                rest = np.delete(np.arange(len(kept.name)), gone)
                yield Kept(kept.source, kept.ip.where(rest), kept.name.where(rest), kept.line[rest])
            else:
                yield kept

    def rows(self) -> Iterator[tuple[str, str, Source, int]]:
        """Address, name, source and line (or row number) of each."""
        for kept in self.parts():
            for ip, name, line in zip(kept.ip.values(), kept.name.values(), kept.line.tolist(), strict=True):
                yield ip.decode("ascii"), name.decode("ascii"), kept.source, line

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Address and name of each."""
        return ((ip, name) for ip, name, _, _ in self.rows())
