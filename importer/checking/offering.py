"""What `fix` could repair of a list that is only checked: the repair of each finding, and their number."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import groupby

from importer.checking.changes import Change, Told, Wish, changes_of
from importer.checking.duplicates import Ledger
from importer.checking.findings import Finding, Fix, FixEdit
from importer.checking.holding import Holding
from importer.checking.one_by_one import OneByOne
from importer.checking.policy import Policy
from importer.checking.telling import FirstPlaces
from importer.columns.batch import RecordBatch
from importer.columns.table import FindingTable

LEAST, MOST = 1_000, 10_000
"""Findings that are looked at: as many as are shown of each rule, but at least and at most so many."""


@dataclass
class Offers:
    """The changes that wait for the end of the list, and what became of them."""

    policy: Policy
    looked_at: int = 0
    waiting: list[tuple[int, Change]] = field(default_factory=list)
    """Each with the number of its source, in the order of the list."""
    settled: dict[tuple[int, int], Change] = field(default_factory=dict)
    """By source and line."""
    counts: Counter[str] = field(default_factory=Counter)
    """Findings by code that have a safe repair."""
    complete: bool = True
    """Whether all findings were looked at."""

    def add(self, batch: RecordBatch, table: FindingTable) -> None:
        """Note the repairs of a batch, as far as there is room."""
        wanted = self.policy.options.max_findings or MOST
        room = max(LEAST, min(wanted, MOST)) - self.looked_at
        if room <= 0:
            self.complete = False
            return
        wish = Wish(keep_dot=self.policy.options.keep_trailing_dot)
        found = changes_of(batch, table, wish, room)
        self.waiting += [(batch.source.number, found[line]) for line in sorted(found)]
        self.looked_at += sum(len(one.told) + len(one.possible) for one in found.values())

    def settle(self, memory: Ledger | OneByOne, firsts: FirstPlaces) -> None:
        """All records are known: which repairs take no host from its place."""
        holding = Holding(memory, firsts)
        for source, group in groupby(self.waiting, key=lambda one: one[0]):
            for change in holding.decided([change for _, change in group], source):
                self.settled[source, change.line] = change
                self.counts.update(told[0] for told in change.told)
        self.waiting.clear()

    def with_fix(self, source: int, line: int, finding: Finding) -> Finding:
        """The finding with its repair, if there is one."""
        change = self.settled.get((source, line))
        if change is None or finding.column is None:
            return finding
        at = finding.column - 1
        for told in (*change.told, *change.possible):
            code, start, old = told[:3]
            if code == finding.code and start <= at < start + max(len(old), 1):
                return _with(finding, line, told)
        return finding


def _with(finding: Finding, line: int, told: Told) -> Finding:
    _, _, _, new, causes, safe, edits = told
    placed = tuple(FixEdit(line, start + 1, line, end + 1, text) for start, end, text in edits)
    return replace(finding, fix=Fix(safe, tuple(causes.split()), new, placed))
