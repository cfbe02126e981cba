"""Word a finding: from numbers in a table to a `Finding` that people and machines read."""

from __future__ import annotations

from bisect import bisect_right

import numpy as np

from importer.checking.catalogue import RULES
from importer.checking.names import character_count
from importer.checking.policy import Policy
from importer.columns.arrays import IntArray
from importer.columns.batch import Block, Note, RecordBatch, Source
from importer.columns.findings import Finding, Place, Rule, Severity
from importer.columns.growing import Growing
from importer.columns.table import FindingTable
from importer.shown import character, shown, visible

VALUE_CHARS = 60
RELATED_LIMIT = 1_000_000
"""The places of this many kept records are remembered, for `related`."""


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
        if not 0 <= number < min(self._line.size, RELATED_LIMIT):
            return None
        source = self._sources[bisect_right(self._starts, number) - 1]
        line = int(self._line.array[number])
        return Place(source.name, line if source.labels is None else source.labels(line))

    def line(self, number: int) -> int:
        """The line, or row, of a kept record; 0 where nobody remembers."""
        return int(self._line.array[number]) if number < min(self._line.size, RELATED_LIMIT) else 0


def word_finding(
    table: FindingTable,
    i: int,
    batch: RecordBatch,
    policy: Policy,
    firsts: FirstPlaces,
    addresses: Growing[np.uint32],
) -> Finding:
    """Row i of a table of this batch as a Finding. `addresses` are those of the kept records."""
    rule = RULES[int(table.rule[i])]
    record, at, detail = int(table.record[i]), int(table.at[i]), int(table.detail[i])
    owner = record if batch.owner is None else int(batch.owner[record])
    raw = batch.name.value(record) if rule.field == "name" else None
    raw = batch.ip.value(owner) if rule.field == "ip" else raw
    words: dict[str, str] = {}
    related = None
    if rule.code.startswith("R1"):
        words = {"cells": str(detail), "width": str(batch.width)}
    elif rule.code == "N102":
        dot = (
            raw is not None
            and raw.endswith(b".")
            and not raw.endswith(b"..")
            and not policy.options.keep_trailing_dot
        )
        words = {"length": f"{character_count(raw or b'') - dot}"}
    elif rule.code == "N104":
        words = {"character": _character(raw or b"", detail)}
        at += detail if isinstance(batch.places, Block) else 0
    elif rule.code == "A213":
        words = {"cidrs": ", ".join(policy.options.cidr)}
    elif rule.code.startswith("D3"):
        related = firsts.place(detail)
        words = {
            "first": _where(related, batch.source.name),
            "ip": batch.ip.value(owner).decode("ascii"),
            "name": _shown(batch.name.value(record)),
            "first_ip": _dotted(int(addresses.array[detail])) if rule.code == "D303" else "",
        }
    line, column = batch.places.place(at)
    excerpt = batch.places.excerpt(at, _width(rule, raw)) if policy.options.excerpts else None
    value = None if raw is None else raw.decode("utf-8", "backslashreplace")
    return Finding(
        code=rule.code,
        slug=rule.slug,
        severity=Severity(int(policy.severity[table.rule[i]])),
        source=batch.source.name,
        line=line,
        column=column,
        field=rule.field,
        value=value,
        message=rule.message.format(value=_shown(raw or b""), **words),
        hint=_CONFLICT_HINTS.get(policy.options.on_conflict, rule.hint) if rule.code == "D303" else rule.hint,
        related=related,
        excerpt=excerpt,
    )


def word_note(rule: Rule, note: Note, batch: RecordBatch, policy: Policy, severity: Severity) -> Finding:
    """A note of the reader as a Finding."""
    line, column = batch.places.place(note.at) if note.at >= 0 else (None, None)
    words = {
        key: ", ".join(shown(w, VALUE_CHARS) for w in text.split("\n")) for key, text in note.words.items()
    }
    if rule.code in ("R101", "R106"):
        words = {key: visible(text) for key, text in note.words.items()}
    # R101 points into a cell that is masked, R105 at headings that its message names.
    wanted = policy.options.excerpts and note.at >= 0 and rule.code not in ("R101", "R105")
    excerpt = batch.places.excerpt(note.at, 1) if wanted else None
    return Finding(
        code=rule.code,
        slug=rule.slug,
        severity=severity,
        source=batch.source.name,
        line=line,
        column=column,
        field=rule.field,
        value=None,
        message=rule.message.format(**words),
        hint=rule.hint,
        excerpt=excerpt,
    )


_CONFLICT_HINTS = {
    "first": "the first address is sent, as --on-conflict first says",
    "last": "the last address in the input is sent, as --on-conflict last says",
    "keep": "all addresses are sent, as --on-conflict keep says",
}


def _shown(raw: bytes) -> str:
    return shown(raw.decode("utf-8", "surrogateescape"), VALUE_CHARS)


def _character(raw: bytes, offset: int) -> str:
    return character(raw[offset:].decode("utf-8", "surrogateescape")[:1])


def _where(place: Place | None, source: str) -> str:
    if place is None:
        return "an earlier record"
    if place.source == source:
        return f"line {place.line}" if isinstance(place.line, int) else f"row {visible(str(place.line))}"
    return f"{visible(place.source)}:{place.line}"


def _dotted(address: int) -> str:
    return ".".join(str(address >> shift & 255) for shift in (24, 16, 8, 0))


def _width(rule: Rule, raw: bytes | None) -> int:
    """Bytes that a caret underlines: the value, or the one character the rule points at."""
    return len(raw) if raw and rule.code != "N104" else 1
