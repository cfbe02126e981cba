"""From tallies and a few findings of all parts to the report that one machine would have made."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from importer.checking.catalogue import RULES
from importer.checking.duplicates import Ledger
from importer.checking.examine import RunKeys
from importer.checking.pipeline import Tally
from importer.checking.policy import Policy
from importer.checking.report import Report
from importer.checking.wording import FirstPlaces, word_finding
from importer.columns.arrays import IntArray
from importer.columns.batch import RecordBatch, Source
from importer.columns.findings import Finding
from importer.columns.growing import Growing
from importer.columns.table import FindingTable
from importer.columns.text import TextColumn
from importer.distributed import rows as row

if TYPE_CHECKING:
    import pandas as pd

_CHUNK = 10_000


class Numbering(NamedTuple):
    """Turns places in the order of the input into row numbers of the whole list."""

    offset: IntArray
    """By number of the part: rows in all parts before it."""

    @staticmethod
    def of(tallies: pd.DataFrame) -> Numbering:
        """From the tallies of `examine_rows`."""
        parts = tallies[tallies["key"] == row.RECORDS]
        number = parts["seq"].to_numpy(np.int64) >> row.PART_BITS
        length = np.zeros(int(number.max(initial=-1)) + 1, np.int64)
        np.add.at(length, number, parts["detail"].to_numpy(np.int64))
        return Numbering(np.cumsum(length) - length)

    def rows_of(self, seq: IntArray) -> IntArray:
        """0-based row of each record."""
        rows: IntArray = self.offset[seq >> row.PART_BITS] + (seq & ((1 << row.PART_BITS) - 1))
        return rows


def totals_of(tallies: pd.DataFrame) -> IntArray:
    """By key of a tally: the sum over all parts."""
    total = np.zeros(row.COUNTS + len(RULES), np.int64)
    np.add.at(total, tallies["key"].to_numpy(np.int64), tallies["detail"].to_numpy(np.int64))
    return total


def report_of(
    policy: Policy, total: IntArray, findings: pd.DataFrame, numbering: Numbering, crossing: int
) -> Report:
    """The report. `crossing` is the row of the record that is one too many, -1 if there is none."""
    from importer.reading.frame import NAME

    records, *fates = total[: row.COUNTS].tolist()
    counts = total[row.COUNTS :]
    tally = Tally(policy, Ledger(policy, RunKeys.random()))
    tally.sources = {0: (Source(NAME, "frame", "utf-8", 0), [records, 0, records])}
    tally.fates, tally.counts, tally.records = fates, counts.copy(), counts.copy()
    findings = findings.sort_values(["rule", "seq"])
    for low in range(0, len(findings), _CHUNK):
        for finding in _worded(findings.iloc[low : low + _CHUNK], policy, numbering):
            tally.findings.append((0, finding))
    if crossing >= 0:
        tally.crossing = 0, tally.unworded("L401", NAME, crossing, None)
    return tally.report()


def _worded(findings: pd.DataFrame, policy: Policy, numbering: Numbering) -> Iterator[Finding]:
    """Findings in words: their records become a batch, and their first records another."""
    number = np.arange(len(findings))
    detail, first = findings["detail"].to_numpy(np.int64), findings["first"].to_numpy(np.int64)
    compared = np.flatnonzero(first >= 0)
    address: Growing[np.uint32] = Growing(np.uint32)
    address.append(np.where(first >= 0, detail, 0))
    firsts = FirstPlaces()
    firsts.note(_batch(findings, numbering.rows_of(np.maximum(first, 0))), number)
    batch = _batch(findings, numbering.rows_of(findings["seq"].to_numpy(np.int64)))
    detail = detail.copy()
    detail[compared] = compared
    table = FindingTable(findings["rule"].to_numpy(np.int64), number, number, detail)
    for i in number.tolist():
        yield word_finding(table, i, batch, policy, firsts, address)


def _batch(findings: pd.DataFrame, line: IntArray) -> RecordBatch:
    """The records of findings, at these rows of the whole list."""
    from importer.reading.frame import NAME, FramePlaces

    lines = line.tolist()
    ip, name = (
        TextColumn.from_values([row.raw(text) for text in findings[column]]) for column in ("ip", "name")
    )
    at = np.arange(len(lines))
    source = Source(NAME, "frame", "utf-8", 0, lines.__getitem__)
    return RecordBatch(source, FramePlaces(lines.__getitem__), name, at, ip, at)
