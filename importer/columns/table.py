"""Findings before they are worded: rows of numbers that travel inside their batch.

A finding is worded only when somebody will see it; ten million of them cost ten million rows of
numbers for as long as their batch lives, and nothing after it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from importer.columns.arrays import BoolArray, IntArray
from importer.columns.kernels import positions_of


@dataclass(frozen=True, eq=False, repr=False)
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

    def rows_of(self, rule: int) -> IntArray:
        """The rows of a rule, in the order of their places."""
        rows = positions_of(self.rule == rule)
        return rows[np.argsort(self.at[rows], kind="stable")]

    def __len__(self) -> int:
        return len(self.rule)
