"""From batches to the report: examine, compare with all before, count. One pass, in input order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import astuple, dataclass, field, replace
from functools import partial
from typing import NamedTuple

import numpy as np

from importer.checking.catalogue import BY_CODE, INDEX, RULES
from importer.checking.duplicates import Ledger
from importer.checking.examine import Examined, RunKeys, examine
from importer.checking.findings import Finding, Severity
from importer.checking.hosts import HostBatch, Hosts
from importer.checking.last import Withdrawn
from importer.checking.policy import Policy
from importer.checking.report import Report, SourceCount, Totals
from importer.checking.telling import RELATED_LIMIT, FirstPlaces, tell_finding, tell_note
from importer.checking.threads import in_order
from importer.columns.arrays import BoolArray, IntArray
from importer.columns.batch import Note, Piece, Pieced, RecordBatch, Source, at_hand
from importer.columns.kernels import positions_of
from importer.columns.table import FindingTable
from importer.errors import InputError


class Judged(NamedTuple):
    """A batch with the fate of each record."""

    examined: Examined
    kept: IntArray
    """Records that are ready, ascending."""
    merged: int
    skipped: int
    refused: int
    findings: FindingTable


def judge(batches: Iterable[RecordBatch], policy: Policy, ledger: Ledger, keys: RunKeys) -> Iterator[Judged]:
    """Each batch examined, on threads, and compared with all earlier ones, in input order."""
    if isinstance(batches, Pieced):
        pieces, workers = batches.pieces(), batches.workers
    else:
        pieces, workers = map(at_hand, batches), 1
    for examined in in_order((partial(_examined, piece, policy, keys) for piece in pieces), workers):
        fates = ledger.judge(examined)
        yield Judged(
            examined,
            examined.candidates[fates.kept],
            _count(fates.merged),
            _count(examined.skipped) + _count(fates.skipped),
            _count(examined.refused) + _count(fates.refused),
            FindingTable.concat([examined.findings, *fates.findings]),
        )
        del examined, fates  # its block goes before the next one comes


def _count(mask: BoolArray) -> int:
    return int(np.count_nonzero(mask))


def _examined(piece: Piece, policy: Policy, keys: RunKeys) -> Examined:
    return examine(piece(), policy, keys)


def run(
    batches: Iterable[RecordBatch],
    policy: Policy,
    *,
    hosts: Callable[[HostBatch], None] | None = None,
) -> tuple[Report, IntArray]:
    """The report on all batches, and the numbers of ready records that are not sent after all.

    `hosts` is handed the ready records batch by batch; with `--on-conflict last` some of them may
    be withdrawn at the end. Raises InputError where the input cannot be read to its end.
    """
    keys = RunKeys.random()
    ledger = Ledger(policy, keys)
    tally = Tally(policy)
    for judged in judge(batches, policy, ledger, keys):
        tally.add(judged, ledger)
        if hosts is not None:
            hosts(HostBatch.of(judged.examined, judged.kept))
        del judged
    withdrawn = np.empty(0, np.int64)
    if ledger.last_wins is not None:
        lost = ledger.last_wins.withdrawn()
        withdrawn = lost.kept
        tally.withdraw(lost)
    return tally.report(), withdrawn


class Found(NamedTuple):
    """A finding with the numbers that say where it stands in the order of the input; 0 for no place."""

    source: int
    line: int
    """Line, or row."""
    finding: Finding


@dataclass
class SourceTally:
    """How much was in one source."""

    source: Source
    lines: int = 0
    blank: int = 0
    records: int = 0


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


@dataclass
class Tally:
    """The fold: everything the report needs, and nothing that grows with the input but first places."""

    policy: Policy
    sources: dict[int, SourceTally] = field(default_factory=dict)
    """By number of the source, in input order."""
    fates: FateTally = field(default_factory=FateTally)
    counts: IntArray = field(default_factory=lambda: np.zeros(len(RULES), np.int64))
    """By rule: its findings."""
    records: IntArray = field(default_factory=lambda: np.zeros(len(RULES), np.int64))
    """By rule: the records behind its findings."""
    kept: IntArray = field(default_factory=lambda: np.zeros(len(RULES), np.int64))
    """By rule: its findings that are kept."""
    findings: list[Found] = field(default_factory=list)
    firsts: FirstPlaces = field(default_factory=FirstPlaces)
    told: set[tuple[int, int]] = field(default_factory=set)
    """Source and rule of what is told once a source, and was."""
    crossing: Found | None = None
    """The finding that a list is too long, from the record that crosses the limit on."""

    def add(self, judged: Judged, ledger: Ledger) -> None:
        """Count a batch, and make those of its findings that will be shown."""
        batch = judged.examined.batch
        source = self.sources.setdefault(batch.source.number, SourceTally(batch.source))
        source.lines += batch.lines
        source.blank += batch.blank
        source.records += len(batch)
        options = self.policy.options
        if sum(one.records for one in self.sources.values()) > options.max_records:
            raise InputError(
                f"has more than {options.max_records:,} records",
                source=batch.source.name,
                hint="raise --max-records",
            )
        before = self.fates.ready
        self.fates.ready += len(judged.kept)
        self.fates.merged += judged.merged
        self.fates.skipped += judged.skipped
        self.fates.refused += judged.refused
        self.firsts.note(batch, judged.kept)
        limited = not options.split and options.on_conflict != "last"
        if limited and before <= options.max_hosts < self.fates.ready:
            self._cross(batch, judged.kept[options.max_hosts - before])
        for note in batch.notes:
            self._add_note(note, batch)
        self._add_findings(judged.findings, judged.examined, ledger)

    def _add_note(self, note: Note, batch: RecordBatch) -> None:
        number = INDEX[note.code]
        rule, severity = RULES[number], self.policy.severity[number]
        if rule.per == "source":
            if (batch.source.number, number) in self.told:
                return
            self.told.add((batch.source.number, number))
        if not severity:
            return
        self.counts[number] += 1
        if self._room(number):
            self.kept[number] += 1
            line = int(batch.places.line_of(np.array([note.at]))[0]) if note.at >= 0 else 0
            told = tell_note(rule, note, batch, self.policy, Severity(severity))
            self.findings.append(Found(batch.source.number, line, told))

    def _add_findings(self, table: FindingTable, examined: Examined, ledger: Ledger) -> None:
        if not len(table):
            return
        batch = examined.batch
        found = np.bincount(table.rule, minlength=len(RULES))
        self.counts += found
        behind = np.where(_OF_ADDRESSES[table.rule], table.detail, 1)
        self.records += np.bincount(table.rule, behind, minlength=len(RULES)).astype(np.int64)
        for rule in positions_of(found > 0).tolist():
            room = self._room(rule)
            if not room:
                continue
            rows = positions_of(table.rule == rule)
            rows = rows[np.argsort(table.at[rows], kind="stable")][:room]
            self.kept[rule] += len(rows)
            if rule == INDEX["D304"]:
                shared = examined.address[table.record[rows]]
                table.detail[rows] = ledger.first_with(shared, RELATED_LIMIT)
            lines = batch.places.line_of(table.at[rows])
            for i, line in zip(rows.tolist(), lines.tolist(), strict=True):
                told = tell_finding(table, i, batch, self.policy, self.firsts, ledger.address)
                self.findings.append(Found(batch.source.number, line, told))

    def _room(self, rule: int) -> int:
        """How many more findings of a rule are wanted."""
        options = self.policy.options
        limit = options.max_findings
        if options.max_infos is not None and self.policy.severity[rule] == Severity.INFO:
            limit = options.max_infos
        return int(limit - self.kept[rule]) if limit else 1 << 62

    def _cross(self, batch: RecordBatch, record: np.int64) -> None:
        """The list is too long from this record on: that is told at the row of the record."""
        at = int(batch.name_at[record] if batch.row_at is None else batch.row_at[record])
        line, column = batch.places.place(at)
        if batch.row_at is None and column is not None:
            column = 1
        number = int(batch.lines_of(np.array([record]))[0])
        self.crossing = Found(batch.source.number, number, too_many(batch.source.name, line, column))

    def withdraw(self, lost: Withdrawn) -> None:
        """Ready and merged records that are skipped after all, and L401 for what then remains."""
        fates, gone = self.fates, len(lost.kept)
        fates.ready -= gone
        fates.merged -= lost.merged
        fates.skipped += gone + lost.merged
        options = self.policy.options
        if fates.ready > options.max_hosts and not options.split:
            remaining = np.delete(np.arange(fates.ready + gone), lost.kept)
            crossing = int(remaining[options.max_hosts])
            place = self.firsts.place(crossing)
            source, line = (place.source, place.line) if place is not None else (None, None)
            number = next((n for n, one in self.sources.items() if one.source.name == source), 0)
            found = too_many(source, line, None if place is None else 1)
            self.crossing = Found(number, self.firsts.line(crossing), found)

    def report(self) -> Report:
        """The report, now that all is counted."""
        fates = self.fates
        findings = list(self.findings)
        counts = self.counts.copy()
        if self.crossing is not None:
            told = replace(self.crossing.finding, facts={"ready": fates.ready})
            findings.append(self.crossing._replace(finding=told))
            counts[INDEX["L401"]] = 1
        if not fates.ready:
            findings.append(Found(-1, 0, self._nothing()))
            counts[INDEX["L402"]] = 1
        findings.sort(key=lambda one: (one.source, one.line, one.finding.column or 0, one.finding.code))
        by_code = {RULES[i].code: int(counts[i]) for i in positions_of(counts > 0).tolist()}
        lines = sum(one.lines for one in self.sources.values())
        return Report(
            sources=tuple(
                SourceCount(one.source.name, one.source.format, one.source.encoding, *astuple(one)[1:])
                for one in self.sources.values()
            ),
            totals=Totals(lines, fates.records, *astuple(fates)),
            counts=by_code,
            records={code: int(self.records[INDEX[code]]) for code in by_code if self.records[INDEX[code]]},
            severities={code: Severity(self.policy.severity[INDEX[code]]) for code in by_code},
            findings=tuple(one.finding for one in findings),
        )

    def _nothing(self) -> Finding:
        """L402: no record is ready."""
        only, *others = self.sources.values()
        return Finding(
            rule=BY_CODE["L402"],
            severity=Severity.ERROR,
            source=None if others else only.source.name,
            line=None,
            column=None,
            facts={"records": self.fates.records},
        )


def too_many(source: str | None, line: int | str | None, column: int | None) -> Finding:
    """L401 at the record that is one too many; how many there are is known at the end."""
    return Finding(
        rule=BY_CODE["L401"], severity=Severity.ERROR, source=source, line=line, column=column, facts={}
    )


_OF_ADDRESSES = np.array([rule.per == "address" for rule in RULES])
"""Rules told once a line, for all records that share its address."""


def collect(batches: Iterable[RecordBatch], policy: Policy) -> tuple[Report, Hosts]:
    """The report and all ready records."""
    hosts = Hosts()
    report, withdrawn = run(batches, policy, hosts=hosts.add)
    hosts.withdraw(withdrawn)
    return report, hosts
