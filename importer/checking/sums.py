"""What is counted of each source, and of all records, while batches are folded into a report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from importer.checking.findings import Finding
from importer.columns.batch import Source
from importer.columns.shape import LineShape


class Found(NamedTuple):
    """A finding with the numbers that say where it stands in the order of the input; 0 for no place."""

    source: int
    line: int
    """Line, or row."""
    finding: Finding
    waits: int = -1
    """Which of the lines that wait for the end of the list it is about; -1 for none."""


@dataclass
class SourceTally:
    """How much was in one source."""

    source: Source
    lines: int = 0
    blank: int = 0
    records: int = 0
    shape: LineShape | None = None
    """What its lines look like so far."""
    table: Found | None = None
    """R118 at its first line, in case its lines look like those of a table."""


@dataclass
class FateTally:
    """Records by what became of them."""

    ready: int = 0
    merged: int = 0
    skipped: int = 0
    refused: int = 0

    @property
    def records(self) -> int:
        """All of them."""
        return self.ready + self.merged + self.skipped + self.refused
