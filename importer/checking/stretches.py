"""Where in each source its errors and warnings lie: how many of all of them in each stretch of lines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from importer.checking.catalogue import RULES
from importer.checking.findings import Severity
from importer.checking.policy import Policy
from importer.columns.arrays import BoolArray, IntArray
from importer.columns.batch import Block
from importer.columns.kernels import positions_of

if TYPE_CHECKING:
    from importer.checking.tally import Judged

MOST = 128
"""Stretches of a source, at most."""


class Stretches(NamedTuple):
    """The lines of a source in stretches of equal length, and what is in each."""

    width: int = 1
    """Lines in each."""
    errors: tuple[int, ...] = ()
    warnings: tuple[int, ...] = ()


class StretchTally:
    """Is shown each judged batch. It keeps two numbers for each stretch, and the lines that wait."""

    def __init__(self) -> None:
        self._counts: dict[int, _Counts] = {}
        self._waiting: dict[int, list[tuple[int, IntArray]]] = {}
        """By rule: number of the source, and lines of findings whose severity the end of the list decides."""

    def add(self, judged: Judged, policy: Policy) -> None:
        """Count the findings of a batch."""
        batch, table = judged.examined.batch, judged.findings
        counts = self._counts.setdefault(batch.source.number, _Counts())
        if not len(table):
            return
        severity = np.array(policy.severity)[table.rule]
        line = batch.places.line_of(table.at) - isinstance(batch.places, Block)
        for rule in np.unique(table.rule).tolist():
            if RULES[rule].softens and rule not in policy.chosen:
                rows = positions_of(table.rule == rule)
                rows = rows[np.argsort(table.at[rows], kind="stable")]
                self._waiting.setdefault(rule, []).append((batch.source.number, line[rows]))
                severity[rows] = 0
        for level in (Severity.ERROR, Severity.WARNING):
            counts.add(level, line[severity == level])

    def settle(self, ready: Mapping[int, BoolArray]) -> None:
        """Count what waited and is a warning. `ready`: by rule, whether each of the first lines is none."""
        for rule, waiting in self._waiting.items():
            done = ready.get(rule, np.zeros(0, np.bool_))
            for number, line in waiting:
                softened = np.zeros(len(line), np.bool_)
                softened[: len(done)] = done[: len(line)]
                done = done[len(line) :]
                self._counts[number].add(Severity.WARNING, line[~softened])

    def stretches(self) -> tuple[Stretches, ...]:
        """What it comes to, for each source in order."""
        return tuple(counts.stretches() for counts in self._counts.values())


class _Counts:
    """The stretches of one source: they become twice as long where there are more lines than they hold."""

    def __init__(self) -> None:
        self._width = 1
        self._of = np.zeros((2, MOST), np.int64)

    def add(self, severity: Severity, line: IntArray) -> None:
        """Count findings at these lines, which begin at 0."""
        if not len(line):
            return
        at = np.maximum(line, 0)
        while int(at.max()) // self._width >= MOST:
            self._width *= 2
            folded = self._of.reshape(2, MOST // 2, 2).sum(axis=2)
            self._of = np.concatenate([folded, np.zeros_like(folded)], axis=1)
        self._of[int(severity == Severity.WARNING)] += np.bincount(at // self._width, minlength=MOST)

    def stretches(self) -> Stretches:
        """What it comes to."""
        errors, warnings = self._of.tolist()
        return Stretches(self._width, tuple(errors), tuple(warnings))
