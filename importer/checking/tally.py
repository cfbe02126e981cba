"""The fold over judged batches: exact counts, and the findings that will be shown."""

from __future__ import annotations

from dataclasses import astuple, dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np

from importer.checking.catalogue import INDEX, RULES
from importer.checking.duplicates import RELATED_LIMIT, Ledger
from importer.checking.elsewhere import CAUSE, Elsewhere, severity_of
from importer.checking.examine import Examined
from importer.checking.findings import Severity
from importer.checking.last import Withdrawn
from importer.checking.offering import Offers
from importer.checking.one_by_one import OneByOne
from importer.checking.policy import Policy
from importer.checking.report import Reason, Report, SourceCount, Totals
from importer.checking.sums import FateTally, Found, SourceTally
from importer.checking.telling import (
    FirstPlaces,
    lines_waiting,
    nothing_ready,
    tell_findings,
    tell_note,
    too_many,
)
from importer.columns.arrays import BoolArray, IntArray
from importer.columns.batch import Note, Notes, RecordBatch
from importer.columns.kernels import positions_of
from importer.columns.table import FindingTable
from importer.errors import InputError
from importer.language import said

Memory = Ledger | OneByOne
"""What remembers the kept records of a run."""


class Judged(NamedTuple):
    """A batch with the fate of each record."""

    examined: Examined
    kept: IntArray
    """Records that are ready, ascending."""
    merged: int
    skipped: int
    refused: int
    findings: FindingTable


def _by_rule() -> IntArray:
    return np.zeros((len(RULES), len(Severity) + 1), np.int64)


@dataclass
class Tally:
    """Everything the report needs. First places and waiting lines grow with the input, within bounds."""

    policy: Policy
    sources: dict[int, SourceTally] = field(default_factory=dict)
    """By number of the source, in input order."""
    fates: FateTally = field(default_factory=FateTally)
    counts: IntArray = field(default_factory=_by_rule)
    """By rule and severity: findings."""
    records: IntArray = field(default_factory=_by_rule)
    """By rule and severity: the records behind the findings."""
    kept: IntArray = field(default_factory=_by_rule)
    """By rule and severity: findings that are kept."""
    findings: list[Found] = field(default_factory=list)
    firsts: FirstPlaces = field(default_factory=FirstPlaces)
    told: set[tuple[int, int]] = field(default_factory=set)
    """Source and rule of what is told once a source, and was."""
    waiting: dict[int, Elsewhere] = field(default_factory=dict)
    """By rule: skipped lines whose severity the end of the list decides."""
    crossing: Found | None = None
    """The finding that a list is too long, from the record that crosses the limit on."""

    @cached_property
    def offers(self) -> Offers:
        """What `fix` could repair."""
        return Offers(self.policy)

    def add(self, judged: Judged, ledger: Memory) -> None:
        """Count a batch, and make those of its findings that will be shown."""
        batch = judged.examined.batch
        source = self.sources.setdefault(batch.source.number, SourceTally(batch.source))
        source.lines += batch.lines
        source.blank += batch.blank
        source.records += len(batch)
        options = self.policy.options
        if self.fates.records + len(batch) > options.max_records:
            raise InputError(
                said("has more than {max_records:,} records", max_records=options.max_records),
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
        for notes in batch.many:
            self._add_notes(notes, batch)
        self._add_shape(batch, source)
        self._add_findings(judged.findings, judged.examined, ledger)

    def _add_shape(self, batch: RecordBatch, source: SourceTally) -> None:
        """Remember what the lines of a source look like, and where they begin."""
        if batch.shape is None:
            return
        if source.shape is None:
            source.shape = batch.shape
            if batch.shape.cells and self.policy.is_told("R118"):
                number = INDEX["R118"]
                note = Note("R118", batch.shape.at, {"cells": batch.shape.cells})
                severity = Severity(self.policy.severity[number])
                source.table = self._found(note, batch, severity)
        else:
            source.shape = source.shape.joined(batch.shape)

    def _add_note(self, note: Note, batch: RecordBatch) -> None:
        number = INDEX[note.code]
        rule, severity = RULES[number], self.policy.severity[number]
        if rule.per == "source":
            if (batch.source.number, number) in self.told:
                return
            self.told.add((batch.source.number, number))
        if not severity:
            return
        severity = self._raised(number, raised=note.raised)
        if self._shows(number, severity):
            self.findings.append(self._found(note, batch, severity))

    def _add_notes(self, notes: Notes, batch: RecordBatch) -> None:
        """Count all of them, and make those that are shown."""
        number = INDEX[notes.code]
        if not self.policy.severity[number]:
            return
        severity = self._raised(number, raised=notes.raised)
        shown = min(len(notes.at), self._room(number, severity))
        self.counts[number, severity] += len(notes.at)
        self.kept[number, severity] += shown
        self.findings += [self._found(notes.note(i), batch, severity) for i in range(shown)]

    def _raised(self, rule: int, *, raised: bool) -> Severity:
        """The severity of a note, which may be a warning here unless the user chose another one."""
        severity = Severity(self.policy.severity[rule])
        return max(severity, Severity.WARNING) if raised and rule not in self.policy.chosen else severity

    def _found(self, note: Note, batch: RecordBatch, severity: Severity) -> Found:
        line = int(batch.places.line_of(np.array([note.at]))[0]) if note.at >= 0 else 0
        told = tell_note(RULES[INDEX[note.code]], note, batch, self.policy, severity)
        return Found(batch.source.number, line, told)

    def _shows(self, rule: int, severity: int) -> bool:
        """Count one finding; whether it is among those that are shown."""
        self.counts[rule, severity] += 1
        shown = self._room(rule, severity) > 0
        self.kept[rule, severity] += shown
        return shown

    def _add_findings(self, table: FindingTable, examined: Examined, ledger: Memory) -> None:
        if not len(table):
            return
        batch = examined.batch
        self.offers.add(batch, table)
        found = np.bincount(table.rule, minlength=len(RULES))
        behind = np.where(_OF_ADDRESSES[table.rule], table.detail, 1)
        records = np.bincount(table.rule, behind, minlength=len(RULES)).astype(np.int64)
        told = positions_of(found > 0)
        severity = np.array(self.policy.severity)[told]
        self.counts[told, severity] += found[told]
        self.records[told, severity] += records[told]
        for rule in told.tolist():
            room, waits = self._room(rule, self.policy.severity[rule]), self._waits(rule)
            rows: IntArray | None = None
            first = -1
            if waits is not None and waits.room():
                rows = table.rows_of(rule)[: waits.room()]
                first = waits.add(
                    lines_waiting(rule, table.record[rows], table.detail[rows], examined, self.policy)
                )
                room = max(0, _WAITING_SHOWN - first)
            if not room:
                continue
            rows = (table.rows_of(rule) if rows is None else rows)[:room]
            shown = len(rows)  # of so many the line is kept
            if first < 0:
                kept = int(self.kept[rule, self.policy.severity[rule]])
                if self.policy.options.max_excerpts is not None:
                    shown = self.policy.options.max_excerpts - kept
                self.kept[rule, self.policy.severity[rule]] += len(rows)
            if RULES[rule].compares and RULES[rule].field == "ip":
                shared = examined.address[table.record[rows]]
                table.detail[rows] = ledger.first_with(shared, RELATED_LIMIT)
            lines = batch.places.line_of(table.at[rows])
            findings = tell_findings(
                *(table, rows, batch, self.policy, self.firsts, ledger.address), excerpts=shown
            )
            for number, (finding, line) in enumerate(zip(findings, lines.tolist(), strict=True)):
                which = first + number if first >= 0 else -1
                self.findings.append(Found(batch.source.number, line, finding, which))

    def _waits(self, rule: int) -> Elsewhere | None:
        """The lines of this rule that wait for the end of the list; None where its severity is settled."""
        if not RULES[rule].softens or rule in self.policy.chosen:
            return None
        return self.waiting.setdefault(rule, Elsewhere())

    def _room(self, rule: int, severity: int) -> int:
        """How many more findings of a rule are wanted at a severity."""
        options = self.policy.options
        limit = options.max_findings
        if options.max_infos is not None and severity == Severity.INFO:
            limit = options.max_infos
        return int(limit - self.kept[rule, severity]) if limit else 1 << 62

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

    def settle(self, ledger: Memory) -> dict[int, BoolArray]:
        """All records are known; by rule, in order, whether each line that waited is an info."""
        self.offers.settle(ledger, self.firsts)
        infos: dict[int, BoolArray] = {}
        for source in self.sources.values():
            if source.table is not None and source.shape is not None and source.shape.is_table():
                number, severity = INDEX["R118"], self.policy.severity[INDEX["R118"]]
                if self._shows(number, severity):
                    self.findings.append(source.table)
        for rule, waiting in self.waiting.items():
            settled = list(waiting.settled(ledger))
            ready = np.concatenate([part for part, _ in settled]) if settled else np.zeros(0, np.bool_)
            infos[rule] = ready
            behind = sum(int(records[part].sum()) for part, records in settled)
            for table, number in ((self.counts, int(ready.sum())), (self.records, behind)):
                table[rule, Severity.WARNING] -= number
                table[rule, Severity.INFO] += number
            shown: list[Found] = []
            for one in self.findings:
                if one.waits < 0 or one.finding.code != RULES[rule].code:
                    shown.append(one)
                    continue
                severity = severity_of(bool(ready[one.waits]))
                if self._room(rule, severity) > 0:
                    self.kept[rule, severity] += 1
                    cause = CAUSE if severity == Severity.INFO else ""
                    shown.append(one._replace(finding=replace(one.finding, severity=severity, cause=cause)))
            self.findings = shown
        return infos

    def report(self) -> Report:
        """The report, now that all is counted."""
        fates = self.fates
        findings = list(self.findings)
        counts = self.counts.copy()
        if self.crossing is not None:
            told = replace(self.crossing.finding, facts={"ready": fates.ready})
            findings.append(self.crossing._replace(finding=told))
            counts[INDEX["L401"], Severity.ERROR] = 1
        if not fates.ready:
            names = [one.source.name for one in self.sources.values()]
            findings.append(Found(-1, 0, nothing_ready(names, fates.records)))
            counts[INDEX["L402"], Severity.ERROR] = 1
        findings.sort(key=lambda one: (one.source, one.line, one.finding.column or 0, one.finding.code))
        lines = sum(one.lines for one in self.sources.values())
        return Report(
            sources=tuple(map(_counted, self.sources.values())),
            totals=Totals(lines, fates.records, *astuple(fates)),
            reasons=tuple(
                Reason(
                    RULES[rule],
                    Severity(severity),
                    int(counts[rule, severity]),
                    int(self.records[rule, severity]),
                )
                for rule, severity in np.argwhere(counts > 0).tolist()
            ),
            findings=tuple(self.offers.with_fix(one.source, one.line, one.finding) for one in findings),
            repairable=self.offers.counts,
            all_looked_at=self.offers.complete,
        )


def _counted(one: SourceTally) -> SourceCount:
    source = one.source
    return SourceCount(
        source.name, source.format, source.encoding, one.lines, one.blank, one.records, source.understood
    )


_WAITING_SHOWN = 10_000
"""Of so many lines that wait, the findings are made at once; which are shown is chosen at the end."""


_OF_ADDRESSES = np.array([rule.per == "address" for rule in RULES])
"""Rules told once a line, for all records that share its address."""
