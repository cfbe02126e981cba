"""The records that are ready: batch by batch for writers, or collected for whoever wants them all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from importer.checking.examine import Examined
from importer.columns.arrays import IntArray
from importer.columns.batch import Source


class HostBatch(NamedTuple):
    """k ready records with their places."""

    source: Source
    ips: list[bytes]
    names: list[bytes]
    """As they are sent."""
    line: IntArray
    """(k,) physical line of the name, or row number of a frame."""

    @staticmethod
    def of(examined: Examined, records: IntArray) -> HostBatch:
        """The given records of a batch, ascending."""
        batch = examined.batch
        owner = records if batch.owner is None else batch.owner[records]
        # An address that several records share is taken out once and repeated; owners are ascending.
        changes = np.diff(owner, prepend=-1) != 0
        repeats = np.cumsum(changes) - 1
        texts = list(batch.ip.where(owner[changes]).values())
        return HostBatch(
            batch.source,
            [texts[i] for i in repeats.tolist()],
            list(examined.sent.where(records).values()),
            batch.lines_of(records),
        )


@dataclass
class Hosts:
    """All ready records of a run in input order."""

    batches: list[HostBatch] = field(default_factory=list)
    withdrawn: IntArray = field(default_factory=lambda: np.empty(0, np.int64))
    """Numbers of collected records that are not sent after all, ascending."""

    def add(self, batch: HostBatch) -> None:
        """Collect the next records."""
        self.batches.append(batch)

    def withdraw(self, numbers: IntArray) -> None:
        """Leave out records by their number in input order."""
        self.withdrawn = numbers

    def __len__(self) -> int:
        return sum(len(batch.names) for batch in self.batches) - len(self.withdrawn)

    def rows(self) -> Iterator[tuple[str, str, Source, int]]:
        """Address, name, source and line (or row number) of each."""
        gone = set(self.withdrawn.tolist())
        number = 0
        for batch in self.batches:
            for ip, name, line in zip(batch.ips, batch.names, batch.line.tolist(), strict=True):
                if number not in gone:
                    yield ip.decode("ascii"), name.decode("ascii"), batch.source, line
                number += 1

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Address and name of each."""
        return ((ip, name) for ip, name, _, _ in self.rows())
