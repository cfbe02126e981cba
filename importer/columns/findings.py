"""What a rule is and what a finding is.

A *finding* is worded only when somebody will see it; until then it is a row of numbers in a
`FindingTable` that travels inside its batch.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Literal

import numpy as np

from importer.columns.arrays import BoolArray, IntArray

Field = Literal["name", "ip", "row", "file"]


class Severity(enum.IntEnum):
    """How bad a finding is: an error refuses its record, the others do not."""

    INFO = 1
    WARNING = 2
    ERROR = 3

    @property
    def label(self) -> str:
        """The word users see: `info`, `warning` or `error`."""
        return self.name.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One row of the catalogue: the code people script against and every word said about it."""

    code: str
    slug: str
    severity: Severity
    field: Field
    """What a finding of this rule is about."""
    message: str
    """`str.format` template: the fault first, the value quoted, the bound named."""
    hint: str
    what: str
    """When exactly it is told."""
    why: str
    example: str
    remedy: str
    fixed: bool = False
    """True where the rule can be neither lowered nor hidden."""
    fate: Literal["", "skipped", "merged"] = ""
    """What becomes of the record while the severity is below error; empty: it is sent."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: a source and its 1-based physical line (or index label)."""

    source: str
    line: int | str


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A stretch of the physical line of a finding, cells of no concern masked."""

    text: str
    caret: int
    """0-based position in `text` of the character the finding points at."""
    width: int
    """Number of characters of `text` the finding is about, at least 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One place where a rule is broken, worded for people."""

    code: str
    slug: str
    severity: Severity
    source: str | None
    line: int | str | None
    """1-based physical line; the index label where the source is a DataFrame."""
    column: int | None
    """1-based character in the line."""
    field: Field
    value: str | None
    """The name or address alone, never the row; None for `row` and `file`."""
    message: str
    hint: str
    related: Place | None = None
    """The first record, for D3xx."""
    excerpt: Excerpt | None = None


@dataclass(frozen=True, slots=True)
class FindingTable:
    """Findings of one batch as columns of equal length n."""

    rule: IntArray
    """(n,) position of the rule in the catalogue."""
    record: IntArray
    """(n,) the record of the batch it is about, -1 for none."""
    at: IntArray
    """(n,) byte offset in the block, -1 where there is no place."""
    detail: IntArray
    """(n,) one number a rule may need for its wording (a count, a record's number), else -1."""

    @staticmethod
    def of(rule: int, record: IntArray, at: IntArray, detail: IntArray | None = None) -> FindingTable:
        """Findings of one rule."""
        return FindingTable(
            np.full(len(record), rule, np.int64),
            record.astype(np.int64, copy=False),
            at.astype(np.int64, copy=False),
            np.full(len(record), -1, np.int64) if detail is None else detail.astype(np.int64, copy=False),
        )

    @staticmethod
    def concat(tables: list[FindingTable]) -> FindingTable:
        """All rows of all tables, in that order."""
        if len(tables) == 1:
            return tables[0]
        columns = zip(*((t.rule, t.record, t.at, t.detail) for t in tables), strict=True)
        rule, record, at, detail = (np.concatenate(c) for c in columns)
        return FindingTable(rule, record, at, detail)

    def where(self, keep: BoolArray | IntArray) -> FindingTable:
        """The rows that `keep` selects."""
        return FindingTable(self.rule[keep], self.record[keep], self.at[keep], self.detail[keep])

    def __len__(self) -> int:
        return len(self.rule)
