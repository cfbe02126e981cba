"""From tallies and a few findings of all parts to the report that one machine would have made."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import repeat
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from importer.checking.catalogue import RULES
from importer.checking.findings import Finding, Rule
from importer.checking.policy import Policy
from importer.checking.report import Report
from importer.checking.sums import FateTally, Found, SourceTally
from importer.checking.tally import Tally
from importer.checking.telling import FirstPlaces, tell_findings, too_many
from importer.columns.arrays import IntArray
from importer.columns.batch import RecordBatch, Source
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


class Columns(NamedTuple):
    """Where the cells of a list stand, for positions as `check_frame` tells them."""

    width: int
    """Columns of the frame."""
    ip: int
    """Position of the addresses among them."""
    name: int

    def column(self, rule: Rule) -> int:
        """The column that a finding of a rule is about."""
        return {"ip": self.ip, "name": self.name}.get(rule.field, 0)


def report_of(
    policy: Policy,
    columns: Columns,
    total: IntArray,
    findings: pd.DataFrame,
    numbering: Numbering,
    crossing: int,
) -> Report:
    """The report. `crossing` is the row of the record that is one too many, -1 if there is none."""
    from importer.reading.cells.frame import NAME

    records, *fates = total[: row.COUNTS].tolist()
    counts = total[row.COUNTS :]
    source = SourceTally(Source(NAME, "frame", "utf-8", 0), records, 0, records)
    tally = Tally(policy, {0: source}, FateTally(*fates))
    for table in (tally.counts, tally.records):
        table[np.arange(len(RULES)), policy.severity] = counts
    findings = findings.sort_values(["rule", "seq"])
    for low in range(0, len(findings), _CHUNK):
        part = findings.iloc[low : low + _CHUNK]
        line = numbering.rows_of(part["seq"].to_numpy(np.int64))
        first = part["first"].to_numpy(np.int64)
        first = np.where(first < 0, -1, numbering.rows_of(np.maximum(first, 0)))
        told = _told(part, line, first, policy, columns)
        tally.findings += map(Found, repeat(0), line.tolist(), told)
    if crossing >= 0:
        tally.crossing = Found(0, crossing, too_many(NAME, crossing, 1))
    return tally.report()


def _told(
    findings: pd.DataFrame, line: IntArray, first: IntArray, policy: Policy, columns: Columns
) -> Iterator[Finding]:
    """Findings in words: their records become a batch, and their first records another."""
    number = np.arange(len(findings))
    rule, detail = findings["rule"].to_numpy(np.int64), findings["detail"].to_numpy(np.int64)
    compared = first >= 0
    addresses: Growing[np.uint32] = Growing(np.uint32)
    addresses.append(np.where(compared, detail, 0))
    firsts = FirstPlaces()
    firsts.note(_batch(findings, first, columns), number)
    at = number * columns.width + np.array([columns.column(RULES[i]) for i in rule.tolist()], np.int64)
    table = FindingTable(rule, number, at, np.where(compared, number, detail))
    batch = _batch(findings, line, columns)
    for rows in np.split(number, np.flatnonzero(np.diff(rule)) + 1):
        yield from tell_findings(table, rows, batch, policy, firsts, addresses)


def _batch(findings: pd.DataFrame, line: IntArray, columns: Columns) -> RecordBatch:
    """The records of findings, at these rows of the whole list."""
    from importer.reading.cells.batches import CellPlaces
    from importer.reading.cells.frame import NAME

    ip, name = (
        TextColumn.from_values([row.raw(text) for text in findings[column]]) for column in ("ip", "name")
    )
    number, label = np.arange(len(line)), line.tolist().__getitem__
    return RecordBatch(
        source=Source(NAME, "frame", "utf-8", 0, labels=label),
        places=CellPlaces(columns.width, label),
        name=name,
        name_at=number * columns.width + columns.name,
        ip=ip,
        ip_at=number * columns.width + columns.ip,
        line=number,
        width=columns.width,
    )
