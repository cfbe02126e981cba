"""The first reading of the files: which findings have a repair, and which lines repeat earlier ones."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field

import numpy as np

from importer.checking.catalogue import INDEX, RULES
from importer.checking.changes import Change, Wish, changes_of
from importer.checking.findings import Severity
from importer.checking.tally import Judged
from importer.checking.telling import FirstPlaces
from importer.columns.arrays import IntArray
from importer.columns.batch import Block, RecordBatch
from importer.columns.kernels import positions_of, starts_of_runs
from importer.errors import InputError
from importer.language import said
from importer.repairing.files import FilePlan


@dataclass
class Gathered:
    """What the first reading of a list has found."""

    wish: Wish
    closing: ExitStack
    """Ends the life of temporary files."""
    files: dict[int, FilePlan] = field(default_factory=dict)
    """By number of the source."""
    firsts: FirstPlaces = field(default_factory=FirstPlaces)
    counts: Counter[str] = field(default_factory=Counter)
    """Findings by code."""
    errors: int = 0
    """Findings at error."""
    unsafe: Counter[str] = field(default_factory=Counter)
    """Findings by code that only an unsafe repair would settle, where none is wanted."""

    def add(self, judged: Judged, severity: tuple[int, ...]) -> None:
        """Take note of a batch. Its findings are looked at here, and only those of it."""
        batch, table = judged.examined.batch, judged.findings
        self.firsts.note(batch, judged.kept)
        plan = self.files.get(batch.source.number)
        if plan is None:
            plan = self.files[batch.source.number] = FilePlan(
                batch.source.name, batch.source.number, self.closing
            )
            plan.encoding, plan.format = batch.source.encoding, batch.source.format
        block = batch.places
        found = np.bincount(table.rule, minlength=len(RULES)).tolist()
        for number, many in enumerate(found):
            if many:
                self.counts[RULES[number].code] += many
                self.errors += many if severity[number] == Severity.ERROR else 0
        self.errors += sum(severity[INDEX[note.code]] == Severity.ERROR for note in batch.notes)
        self.errors += sum(
            len(notes.at) for notes in batch.many if severity[INDEX[notes.code]] == Severity.ERROR
        )
        if not isinstance(block, Block):
            raise InputError(
                said("is not a text file that can be edited ({format})", format=batch.source.format),
                source=batch.source.name,
                hint="repair a text made of it: dli-hosts emit FILE --as csv --skip-refused -o NEW.csv",
            )
        plan.delimiter = block.delimiter
        changes = changes_of(batch, table, self.wish)
        for change in changes.values():
            self.unsafe.update(code for code, *_ in change.possible)
        repeats = positions_of(table.rule == INDEX["D301"])
        if len(repeats) and self.wish.takes("D301"):
            for line in _repeats(batch, table.record[repeats]):
                changes[line] = changes.get(line, Change(line))._replace(repeat=True)
            for number in table.detail[repeats].tolist():
                place = self.firsts.place(number)
                if place is not None and place.source == batch.source.name:
                    plan.compared.append(self.firsts.line(number))
        for line in sorted(changes):
            if changes[line].edits or changes[line].repeat:
                plan.found.add(changes[line])


def _repeats(batch: RecordBatch, records: IntArray) -> list[int]:
    """The lines of which every record is one of these."""
    lines = batch.lines_of(np.arange(len(batch)))
    mine = np.sort(lines[records])
    starts = starts_of_runs(mine)
    own = mine[starts]
    count = np.bincount(np.cumsum(starts) - 1)
    all_of = np.searchsorted(lines, own, side="right") - np.searchsorted(lines, own)
    whole: list[int] = own[count == all_of].tolist()
    return whole
