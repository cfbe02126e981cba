"""From a row of numbers in a table to a `Finding`: where it stands, and the facts that its words name."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from functools import cache
from string import Formatter
from typing import Any, NamedTuple

import numpy as np

from importer.checking.catalogue import BY_CODE, RULES
from importer.checking.causes import cause_of, cause_of_row
from importer.checking.duplicates import RELATED_LIMIT
from importer.checking.elsewhere import Waiting
from importer.checking.examine import Examined
from importer.checking.findings import Finding, Place, Rule, Severity
from importer.checking.names import character_count, is_usual_local
from importer.checking.policy import Policy
from importer.columns.arrays import IntArray
from importer.columns.batch import CELL_KINDS, Block, Note, RecordBatch, Source, found_of
from importer.columns.excerpts import Span
from importer.columns.growing import Growing
from importer.columns.kernels import all_bytes, positions_of
from importer.columns.table import FindingTable
from importer.language import Character, Text, Where


class FirstPlaces:
    """Where the kept records stand, by number; beyond a million records nobody remembers."""

    def __init__(self) -> None:
        self._line = Growing(np.uint32)
        self._starts: list[int] = []
        self._sources: list[Source] = []

    def note(self, batch: RecordBatch, records: IntArray) -> None:
        """Remember the places of newly kept records."""
        if not len(records) or self._line.size >= RELATED_LIMIT:
            return
        if not self._sources or self._sources[-1] is not batch.source:
            self._starts.append(self._line.size)
            self._sources.append(batch.source)
        self._line.append(batch.lines_of(records), RELATED_LIMIT)

    def place(self, number: int) -> Place | None:
        """The place of a kept record."""
        source = self.source(number)
        if source is None:
            return None
        line = int(self._line.array[number])
        return Place(source.name, line if source.labels is None else source.labels(line))

    def source(self, number: int) -> Source | None:
        """The source of a kept record; None where nobody remembers."""
        known = 0 <= number < min(self._line.size, RELATED_LIMIT)
        return self._sources[bisect_right(self._starts, number) - 1] if known else None

    def line(self, number: int) -> int:
        """The line, or row, of a kept record; 0 where nobody remembers."""
        return int(self._line.array[number]) if number < min(self._line.size, RELATED_LIMIT) else 0


class _Row(NamedTuple):
    """One row of a table of findings with all that its facts are made from."""

    rule: Rule
    batch: RecordBatch
    policy: Policy
    record: int
    name: bytes
    ip: bytes
    at: int
    detail: int
    first: Place | None
    addresses: Growing[np.uint32]


_FACTS: dict[str, Callable[[_Row], Any]] = {
    "value": lambda row: _text(row.ip if row.rule.field == "ip" else row.name),
    "name": lambda row: _text(row.name),
    "ip": lambda row: row.ip.decode("ascii"),
    "cells": lambda row: row.detail,
    "width": lambda row: row.batch.width,
    "found": lambda row: _text(_found(row) or row.ip or row.name),
    "length": lambda row: character_count(row.name) - _is_dotted(row),
    "character": lambda row: Character(row.name[row.detail :].decode("utf-8", "surrogateescape")[:1]),
    "cidrs": lambda row: row.policy.options.cidr,
    "names": lambda row: _real_names(row.batch, row.record),
    "first": lambda row: _where(row.first, row.batch.source.name),
    "first_ip": lambda row: _dotted(int(row.addresses.array[row.detail])),
}
"""By the name that stands in a message: how the fact is found. A message of a rule may name any of them."""


@cache
def _named_facts(template: str) -> tuple[str, ...]:
    """The facts that a message names."""
    return tuple(name for _, name, _, _ in Formatter().parse(template) if name)


def tell_findings(
    table: FindingTable,
    rows: IntArray,
    batch: RecordBatch,
    policy: Policy,
    firsts: FirstPlaces,
    addresses: Growing[np.uint32],
    *,
    excerpts: int | None = None,
) -> Iterator[Finding]:
    """These rows of a table of this batch, all of one rule, as findings. `addresses` are those of the kept
    records.

    `excerpts`: so many come with their lines, if the options ask for lines at all; None for all of them.
    """
    if not len(rows):
        return
    rule, severity = RULES[int(table.rule[rows[0]])], Severity(int(policy.severity[table.rule[rows[0]]]))
    most = (len(rows) if excerpts is None else excerpts) if policy.options.excerpts else 0
    told = [(fact, _FACTS[fact]) for fact in _named_facts(rule.message)]
    decided = policy.options.on_conflict if rule.settled_by == "on_conflict" else None
    records = table.record[rows]
    columns = zip(
        *(records.tolist(), table.at[rows].tolist(), table.detail[rows].tolist()),
        batch.name.some(records),
        batch.ip.some(records if batch.owner is None else batch.owner[records]),
        strict=True,
    )
    for number, (record, at, detail, name, ip) in enumerate(columns):
        raw = name if rule.field == "name" else ip if rule.field == "ip" else None
        related = firsts.place(detail) if rule.compares else None
        row = _Row(rule, batch, policy, record, name, ip, at, detail, related, addresses)
        facts = {fact: teller(row) for fact, teller in told}
        width = len(raw) if raw else 1
        if "found" in facts:
            offset, found = found_of(detail)
            width = 1 if offset else max(found, 1)
        if "character" in facts:  # that character is what the finding is about
            width = 1
            at += detail if isinstance(batch.places, Block) else 0
        line, column = batch.places.place(at)
        yield Finding(
            rule=rule,
            severity=severity,
            source=batch.source.name,
            line=line,
            column=column,
            value=None if raw is None else _written(raw),
            ip=_written(ip) or None,
            name=_written(name) or None,
            facts=facts,
            cause=_cause(row, raw) if decided is None else decided,
            related=related,
            excerpt=batch.places.excerpt(at, width, _judged(batch, record)) if number < most else None,
        )


def _written(raw: bytes) -> str:
    return raw.decode("utf-8", "backslashreplace")


def _found(row: _Row) -> bytes:
    offset, width = found_of(row.detail)
    return row.batch.places.text_at(row.at + offset, width)


def _cause(row: _Row, raw: bytes | None) -> str:
    """Why the value, or the row, is refused, where its text shows it."""
    if raw is not None:
        return _held_as(row.batch, row.rule, row.record) or cause_of(row.rule.code, raw)
    places = row.batch.places
    return cause_of_row(row.rule.code, places.row(row.at)) if isinstance(places, Block) else ""


def _judged(batch: RecordBatch, record: int) -> list[Span]:
    """Where the name and the address of a record stand, and the other names of its line."""
    first, count, owner = record, 1, record
    if batch.owner is not None:
        owner = int(batch.owner[record])
        first = int(batch.owner.searchsorted(owner))
        count = int(batch.owner[first : first + _SHOWN_NAMES].searchsorted(owner, side="right"))
    places = [(int(batch.ip_at[owner]), batch.ip.value(owner))]
    places += [(int(batch.name_at[i]), batch.name.value(i)) for i in range(first, first + count)]
    # In a quoted cell each quote of the value is written twice.
    return [(at, at + len(value) + value.count(b'"')) for at, value in places if value]


_SHOWN_NAMES = 40


def _held_as(batch: RecordBatch, rule: Rule, record: int) -> str:
    """What a table of cells holds the cell as that is told of: `number`, `date` ...; empty for text."""
    if batch.kinds is None:
        return ""
    kinds = {"name": batch.kinds.name, "ip": batch.kinds.ip}
    return CELL_KINDS[int(kinds[rule.field][record])] if rule.field in kinds else ""


def _line_of(batch: RecordBatch, record: IntArray) -> tuple[IntArray, IntArray]:
    """The records of the line that each record stands on: the first one, and how many there are."""
    if batch.owner is None:
        return record, np.ones(len(record), np.int64)
    owner = batch.owner[record]
    first = np.searchsorted(batch.owner, owner)
    return first, np.searchsorted(batch.owner, owner, side="right") - first


def _real_names(batch: RecordBatch, record: int) -> tuple[Text, ...]:
    """The names of a line but those that a hosts file usually gives to a local address; at most five."""
    (first,), (count,) = _line_of(batch, np.array([record]))
    names = batch.name.where(np.arange(first, first + count))
    real = [value for value, usual in zip(names.values(), is_usual_local(names), strict=True) if not usual]
    return tuple(_text(value) for value in real[:_MOST_NAMES] if value)


_MOST_NAMES = 5


def lines_waiting(
    rule: int, records: IntArray, behind: IntArray, examined: Examined, policy: Policy
) -> Waiting:
    """The lines of these records, each with the names that must be ready elsewhere."""
    batch = examined.batch
    first, count = _line_of(batch, records)
    if policy.options.names == "first":
        count = np.ones(len(records), np.int64)
    _, number = all_bytes(first, count)
    line = np.repeat(np.arange(len(records)), count)
    names = examined.core.copied(number)
    counts = names.lengths() > 0
    if RULES[rule].fate == "skipped" and "names" in _named_facts(RULES[rule].message):
        counts &= ~is_usual_local(names)
    keep = positions_of(counts)
    return Waiting(names.copied(keep), line[keep], behind)


def tell_note(rule: Rule, note: Note, batch: RecordBatch, policy: Policy, severity: Severity) -> Finding:
    """A note of the reader as a Finding."""
    line, column = batch.places.place(note.at) if note.at >= 0 else (None, None)
    # A finding about the whole source points into a cell that is masked, or at headings that its words name.
    wanted = policy.options.excerpts and note.at >= 0 and rule.per != "source"
    return Finding(
        rule=rule,
        severity=severity,
        source=batch.source.name,
        line=line,
        column=column,
        facts=note.facts,
        cause=note.cause,
        excerpt=batch.places.excerpt(note.at, 1, note.keep) if wanted else None,
    )


def _text(raw: bytes) -> Text:
    return Text(raw.decode("utf-8", "surrogateescape"))


def _is_dotted(row: _Row) -> bool:
    """Whether the name ends in the one dot that is taken off before it is judged."""
    keep = row.policy.options.keep_trailing_dot
    return not keep and row.name.endswith(b".") and not row.name.endswith(b"..")


def _where(place: Place | None, source: str) -> Where:
    if place is None:
        return Where(None, None)
    return Where(None if place.source == source else place.source, place.line)


def _dotted(address: int) -> str:
    return ".".join(str(address >> shift & 255) for shift in (24, 16, 8, 0))


def too_many(source: str | None, line: int | str | None, column: int | None) -> Finding:
    """L401 at the record that is one too many; how many there are is known at the end."""
    return Finding(
        rule=BY_CODE["L401"], severity=Severity.ERROR, source=source, line=line, column=column, facts={}
    )


def nothing_ready(sources: list[str], records: int) -> Finding:
    """L402: no record of these sources is ready."""
    return Finding(
        rule=BY_CODE["L402"],
        severity=Severity.ERROR,
        source=sources[0] if len(sources) == 1 else None,
        line=None,
        column=None,
        facts={"records": records},
    )
