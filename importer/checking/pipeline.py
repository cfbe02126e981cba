"""From batches to the report: examine, compare with all before, count. One pass, in input order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import NamedTuple

import numpy as np

from importer.checking.catalogue import BY_CODE, INDEX, RULES
from importer.checking.duplicates import Ledger
from importer.checking.examine import Examined, RunKeys, examine
from importer.checking.hosts import HostBatch, Hosts
from importer.checking.policy import Policy
from importer.checking.report import Report, SourceCount, Totals
from importer.checking.threads import in_order
from importer.checking.wording import RELATED_LIMIT, FirstPlaces, word_finding, word_note
from importer.columns.arrays import BoolArray, IntArray
from importer.columns.batch import Piece, Pieced, RecordBatch, Source, at_hand
from importer.columns.findings import Finding, Severity
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
    tally = Tally(policy, ledger)
    for judged in judge(batches, policy, ledger, keys):
        tally.add(judged)
        if hosts is not None:
            hosts(HostBatch.of(judged.examined, judged.kept))
        del judged
    withdrawn = np.empty(0, np.int64)
    if ledger.last_wins is not None:
        lost = ledger.last_wins.withdrawn()
        withdrawn = lost.kept
        tally.withdraw(lost.kept, lost.merged)
    return tally.report(), withdrawn


@dataclass
class Tally:
    """The fold: everything the report needs, and nothing that grows with the input but first places."""

    policy: Policy
    ledger: Ledger
    sources: dict[int, tuple[Source, list[int]]] = field(default_factory=dict)
    fates: list[int] = field(default_factory=lambda: [0, 0, 0, 0])
    counts: IntArray = field(default_factory=lambda: np.zeros(len(RULES), np.int64))
    kept: IntArray = field(default_factory=lambda: np.zeros(len(RULES), np.int64))
    records: IntArray = field(default_factory=lambda: np.zeros(len(RULES), np.int64))
    """Records behind the findings of each rule."""
    findings: list[tuple[int, int, Finding]] = field(default_factory=list)
    """With the number of their source and of their line, or row, in it; 0 where they have no place."""
    firsts: FirstPlaces = field(default_factory=FirstPlaces)
    stray: set[int] = field(default_factory=set)
    """Numbers of the sources in which a stray byte was told."""
    crossing: tuple[int, int, Finding] | None = None
    """L401 in waiting: where the limit is crossed, with the numbers of source and line."""

    def add(self, judged: Judged) -> None:
        """Count a batch and word those of its findings that will be shown."""
        batch = judged.examined.batch
        _, count = self.sources.setdefault(batch.source.number, (batch.source, [0, 0, 0]))
        for i, number in enumerate((batch.lines, batch.blank, len(batch))):
            count[i] += number
        options = self.policy.options
        if sum(c[2] for _, c in self.sources.values()) > options.max_records:
            raise InputError(
                f"has more than {options.max_records:,} records",
                source=batch.source.name,
                hint="raise --max-records",
            )
        before = self.fates[0]
        for i, number in enumerate((len(judged.kept), judged.merged, judged.skipped, judged.refused)):
            self.fates[i] += number
        self.firsts.note(batch, judged.kept)
        if (
            before <= options.max_hosts < self.fates[0]
            and not options.split
            and options.on_conflict != "last"
        ):
            record = int(judged.kept[options.max_hosts - before])
            line = int(batch.lines_of(judged.kept[options.max_hosts - before :][:1])[0])
            self.crossing = batch.source.number, line, self._at_row(batch, record)
        for note in batch.notes:
            rule = INDEX[note.code]
            if note.code == "R101":  # told once a source, at its first place
                if batch.source.number in self.stray:
                    continue
                self.stray.add(batch.source.number)
            severity = Severity(int(self.policy.severity[rule])) if self.policy.severity[rule] else None
            if severity is None:
                continue
            self.counts[rule] += 1
            if self._room(rule):
                self.kept[rule] += 1
                line = int(batch.places.line_of(np.array([note.at]))[0]) if note.at >= 0 else 0
                worded = word_note(RULES[rule], note, batch, self.policy, severity)
                self.findings.append((batch.source.number, line, worded))
        self._add_findings(judged.findings, judged.examined)

    def _add_findings(self, table: FindingTable, examined: Examined) -> None:
        if not len(table):
            return
        batch = examined.batch
        found = np.bincount(table.rule, minlength=len(RULES))
        self.counts += found
        of_addresses = _OF_ADDRESSES[table.rule]
        behind = np.where(of_addresses, table.detail, 1)
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
                table.detail[rows] = self.ledger.first_with(shared, RELATED_LIMIT)
            lines = batch.places.line_of(table.at[rows])
            for i, line in zip(rows.tolist(), lines.tolist(), strict=True):
                worded = word_finding(table, i, batch, self.policy, self.firsts, self.ledger.address)
                self.findings.append((batch.source.number, line, worded))

    def _room(self, rule: int) -> int:
        """How many more findings of a rule are wanted."""
        options = self.policy.options
        limit = options.max_findings
        if options.max_infos is not None and self.policy.severity[rule] == Severity.INFO:
            limit = options.max_infos
        return int(limit - self.kept[rule]) if limit else 1 << 62

    def _at_row(self, batch: RecordBatch, record: int) -> Finding:
        at = int(batch.name_at[record] if batch.row_at is None else batch.row_at[record])
        line, column = batch.places.place(at)
        if batch.row_at is None and column is not None:
            column = 1
        return self.unworded("L401", batch.source.name, line, column)

    def unworded(self, code: str, source: str | None, line: int | str | None, column: int | None) -> Finding:
        """A finding about the whole list, with the blanks of its message not filled in."""
        rule = BY_CODE[code]
        return Finding(
            code=code,
            slug=rule.slug,
            severity=Severity.ERROR,
            source=source,
            line=line,
            column=column,
            field=rule.field,
            value=None,
            message=rule.message,
            hint=rule.hint,
        )

    def withdraw(self, kept: IntArray, merged: int) -> None:
        """Ready and merged records that are skipped after all, and L401 for what then remains."""
        self.fates[0] -= len(kept)
        self.fates[1] -= merged
        self.fates[2] += len(kept) + merged
        options = self.policy.options
        if self.fates[0] > options.max_hosts and not options.split:
            remaining = np.delete(np.arange(self.fates[0] + len(kept)), kept)
            crossing = int(remaining[options.max_hosts])
            place = self.firsts.place(crossing)
            source, line = (place.source, place.line) if place is not None else (None, None)
            column = None if place is None else 1
            number = next((n for n, (s, _) in self.sources.items() if s.name == source), 0)
            found = self.unworded("L401", source, line, column)
            self.crossing = number, self.firsts.line(crossing), found

    def report(self) -> Report:
        """The report, now that all is counted."""
        ready, merged, skipped, refused = self.fates
        records = ready + merged + skipped + refused
        if self.crossing is not None:
            number, line, crossing = self.crossing
            message = crossing.message.format(ready=f"{ready:,}")
            self.findings.append((number, line, replace(crossing, message=message)))
            self.counts[INDEX["L401"]] = 1
        if not ready:
            (source, _), *others = self.sources.values()
            empty = self.unworded("L402", None if others else source.name, None, None)
            message = empty.message.format(records=f"{records:,}")
            self.findings.append((-1, 0, replace(empty, message=message)))
            self.counts[INDEX["L402"]] = 1
        order = sorted(self.findings, key=lambda f: (f[0], f[1], f[2].column or 0, f[2].code))
        counts = {RULES[i].code: int(self.counts[i]) for i in positions_of(self.counts > 0).tolist()}
        totals = [sum(c[i] for _, c in self.sources.values()) for i in range(3)]
        return Report(
            sources=tuple(
                SourceCount(source.name, source.format, source.encoding, *count)
                for source, count in self.sources.values()
            ),
            totals=Totals(totals[0], totals[2], ready, merged, skipped, refused),
            counts=counts,
            records={code: int(self.records[INDEX[code]]) for code in counts if self.records[INDEX[code]]},
            severities={code: Severity(int(self.policy.severity[INDEX[code]])) for code in counts},
            findings=tuple(finding for _, _, finding in order),
        )


_OF_ADDRESSES = np.array([rule.code.startswith("A2") for rule in RULES])
"""Rules told once a line, for all records that share its address."""


def collect(batches: Iterable[RecordBatch], policy: Policy) -> tuple[Report, Hosts]:
    """The report and all ready records."""
    hosts = Hosts()
    report, withdrawn = run(batches, policy, hosts=hosts.add)
    hosts.withdraw(withdrawn)
    return report, hosts
