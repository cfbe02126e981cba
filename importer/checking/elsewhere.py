"""Skipped lines whose names may be ready on another line: only the end of the list tells (A203, A212).

A line on a local or an IPv6 address is skipped. If each of its names is ready at another address, wherever
that stands, no host is lost and the finding is an info; else a host is about to be left out, and it is a
warning.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

import numpy as np

from importer.checking.findings import Severity
from importer.columns.arrays import BoolArray, IntArray
from importer.columns.text import TextColumn

MOST_LINES = 100_000
"""Lines of each rule that are looked at; later ones are warnings."""
CAUSE = "elsewhere"
"""The name of the hint of a finding whose names are all ready on other lines."""


class Holder(Protocol):
    """Whatever remembers the kept records."""

    def holds(self, names: TextColumn) -> BoolArray:
        """(n,) whether a kept record has each of these names."""


class Waiting(NamedTuple):
    """k lines of one rule, of one batch, in order."""

    names: TextColumn
    """Their names, one line after the other, in a buffer of their own."""
    line: IntArray
    """By name: which of the k lines it is of, ascending."""
    records: IntArray
    """(k,) records that each line stands for."""


@dataclass
class Elsewhere:
    """Lines of one rule that wait for the end of the list."""

    lines: int = 0
    parts: list[Waiting] = field(default_factory=list)

    def room(self) -> int:
        """How many more lines are looked at."""
        return MOST_LINES - self.lines

    def add(self, waiting: Waiting) -> int:
        """Take the next lines; returns the number of the first one."""
        first = self.lines
        self.parts.append(waiting)
        self.lines += len(waiting.records)
        return first

    def settled(self, kept: Holder) -> Iterator[tuple[BoolArray, IntArray]]:
        """For each part: (k,) whether all names of a line are ready, and (k,) the records it stands for.

        A line without a name that counts is not ready anywhere.
        """
        for part in self.parts:
            missing = np.zeros(len(part.records), np.bool_)
            missing[part.line[~kept.holds(part.names)]] = True
            named = np.zeros(len(part.records), np.bool_)
            named[part.line] = True
            yield named & ~missing, part.records


def severity_of(ready: bool) -> Severity:
    """How bad it is to skip a line."""
    return Severity.INFO if ready else Severity.WARNING
