"""From findings of a batch to changes of its lines: the repairs that settle them, and what becomes valid."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from importer.checking.catalogue import INDEX, RULES
from importer.checking.repairs import (
    REPAIRABLE,
    CellAt,
    Edit,
    Repair,
    edited,
    pairs_of_line,
    repairs_of_line,
    repairs_of_row,
)
from importer.columns.arrays import IntArray
from importer.columns.batch import Block, RecordBatch
from importer.columns.forms import is_ipv4, is_name
from importer.columns.kernels import positions_of, starts_of_runs
from importer.columns.table import FindingTable

_Edit = tuple[int, int, str]
Told = tuple[str, int, str, str, str, bool, tuple[_Edit, ...]]
"""One repair for people: the code of the finding, the 0-based character in the line at which its name or
address begins, what stands there, what is to stand there, the causes with blanks between them, whether it is
safe, and all edits of the repair."""


class Wish(NamedTuple):
    """Which repairs are wanted."""

    unsafe: bool = False
    codes: frozenset[str] = frozenset()
    """Only findings of these rules; empty: of all."""
    keep_dot: bool = False
    prefix: str = ""
    """What goes before names that begin with a digit; empty: they are left alone."""

    def takes(self, code: str) -> bool:
        """Whether findings of this rule are to be repaired."""
        return not self.codes or code in self.codes


class Change(NamedTuple):
    """What is to be done to one physical line; plain tuples inside, so that it is quickly stored."""

    line: int
    """1-based."""
    edits: tuple[_Edit, ...] = ()
    """Stretches of the line, in characters, and what is written in their place."""
    told: tuple[Told, ...] = ()
    neutral_edits: tuple[_Edit, ...] = ()
    """The edits among them that change nothing that is sent."""
    neutral_told: tuple[Told, ...] = ()
    possible: tuple[Told, ...] = ()
    """Unsafe repairs that are not wanted."""
    pairs: tuple[tuple[str, int], ...] = ()
    """Names and addresses that the other edits make valid."""
    clean: bool = False
    """Whether each record of the line is as it should be, once it is edited."""
    repeat: bool = False
    """Whether all its records repeat earlier ones."""

    def joined(self, other: Change) -> Change:
        """Both changes of one line, in which a lone CR ends a row."""
        return self._replace(
            edits=self.edits + other.edits,
            told=self.told + other.told,
            neutral_edits=self.neutral_edits + other.neutral_edits,
            neutral_told=self.neutral_told + other.neutral_told,
            possible=self.possible + other.possible,
            pairs=self.pairs + other.pairs,
        )

    def held_back(self) -> Change:
        """What of it is done where its pairs may not become ready."""
        return self._replace(edits=self.neutral_edits, told=self.neutral_told, clean=False)


_WANTED = np.zeros(len(RULES), np.bool_)
_WANTED[[INDEX[code] for code in REPAIRABLE]] = True
_OF_NAMES = np.array([rule.field == "name" for rule in RULES])


def changes_of(batch: RecordBatch, table: FindingTable, wish: Wish, most: int = 0) -> dict[int, Change]:
    """By line, the changes that settle findings of a batch; of the first `most` findings, 0 for all."""
    block = batch.places
    wanted = positions_of(_WANTED.take(table.rule))
    if not isinstance(block, Block) or not len(wanted):
        return {}
    record, code = table.record[wanted], table.rule[wanted]
    order = np.argsort(record, kind="stable")
    if 0 < most < len(order):
        order = order[:most]
    changes: dict[int, Change] = {}
    of = _of_lines if block.delimiter < 0 else _of_rows
    for change in of(batch, block, record[order], code[order], wish):
        known = changes.get(change.line)
        changes[change.line] = change if known is None else known.joined(change)
    return changes


def _number(address: str) -> int:
    first, second, third, fourth = map(int, address.split("."))
    return first << 24 | second << 16 | third << 8 | fourth


def _of_lines(
    batch: RecordBatch,
    block: Block,
    record: IntArray,
    code: IntArray,
    wish: Wish,
) -> Iterator[Change]:
    """The changes of lines of hosts syntax, given the findings in the order of their records."""
    assert batch.line is not None
    assert batch.owner is not None
    lines = batch.line[record]
    by_name = _OF_NAMES.take(code)
    at = np.where(by_name, batch.name_at[record], batch.ip_at[batch.owner[record]])
    ends = block.line_ends
    cuts = [*positions_of(starts_of_runs(lines)).tolist(), len(lines)]
    lines_of, at_of, code_of = lines.tolist(), at.tolist(), code.tolist()
    text = block.text
    for low, high in pairwise(cuts):
        number = lines_of[low] - block.first_line
        start = int(ends[number - 1]) + 1 if number else block.start
        raw = text[start - block.start : int(ends[number]) - block.start].tobytes()
        line = raw.decode("utf-8", "surrogateescape")
        found: dict[int, list[str]] = {}
        for i in range(low, high):
            offset = at_of[i] - start
            if not line.isascii():
                offset = len(raw[:offset].decode("utf-8", "surrogateescape"))
            found.setdefault(offset, []).append(RULES[code_of[i]].code)
        repairs = repairs_of_line(line, keep_dot=wish.keep_dot, prefix=wish.prefix)
        change = _change_of(lines_of[low], repairs, found, wish, _Words(line))
        if change is not None:
            new = edited(line, [Edit(*one) for one in change.edits])
            before, after = pairs_of_line(line), pairs_of_line(new)
            pairs = tuple((name, _number(ip)) for name, ip in sorted(after.pairs - before.pairs))
            yield change._replace(pairs=pairs, clean=after.clean)


class _Words(NamedTuple):
    """What stands in a line of hosts syntax."""

    line: str

    def at(self, edit: Edit) -> str:
        """What an edit takes away."""
        return self.line[edit.start : edit.end]


class _Cells(NamedTuple):
    """What stands in the cells of a row."""

    values: dict[int, str]
    """By the character that each begins at."""

    def at(self, edit: Edit) -> str:
        """What an edit takes away."""
        return self.values[edit.start]


def _change_of(
    number: int,
    repairs: Iterable[Repair],
    found: dict[int, list[str]],
    wish: Wish,
    written: _Words | _Cells,
) -> Change | None:
    """The change that the repairs of these findings are, by the place of each; None where there is none."""
    edits: list[Edit] = []
    told: list[Told] = []
    neutral_edits: list[Edit] = []
    neutral_told: list[Told] = []
    possible: list[Told] = []
    for repair in repairs:
        settled = [(at, code) for at in repair.at for code in found.get(at, ()) if wish.takes(code)]
        if not settled:
            continue
        words, plain = " ".join(repair.causes), tuple(map(tuple, repair.edits))
        mine: list[Told] = [
            (code, at, written.at(edit), edit.text, words, repair.safe, plain)  # type: ignore[misc]
            for at, code in settled
            for edit in repair.edits
            if edit.start == at
        ]
        if not repair.safe and not wish.unsafe:
            possible += mine
            continue
        edits += repair.edits
        told += mine
        if repair.neutral:
            neutral_edits += repair.edits
            neutral_told += mine
    if not edits and not possible:
        return None
    return Change(
        number,
        tuple(map(tuple, edits)),  # type: ignore[arg-type]
        tuple(told),
        tuple(map(tuple, neutral_edits)),  # type: ignore[arg-type]
        tuple(neutral_told),
        tuple(possible),
    )


def _of_rows(
    batch: RecordBatch,
    block: Block,
    record: IntArray,
    code: IntArray,
    wish: Wish,
) -> Iterator[Change]:
    """The changes of rows of delimited text, given the findings in the order of their records."""
    cuts = [*positions_of(starts_of_runs(record)).tolist(), len(record)]
    for low, high in pairwise(cuts):
        i = int(record[low])
        name, ip = batch.name.value(i), batch.ip.value(i)
        spans = [_span(block, int(batch.name_at[i]), name), _span(block, int(batch.ip_at[i]), ip)]
        if None in spans or not (name and ip):
            continue
        (line, name_cell), (ip_line, ip_cell) = spans  # type: ignore[misc]
        only_two = line == ip_line and batch.width == 2
        found: dict[int, dict[int, list[str]]] = {}
        for at_line, cell, is_name_cell in ((line, name_cell, True), (ip_line, ip_cell, False)):
            codes = [RULES[n].code for n in code[low:high].tolist() if bool(_OF_NAMES[n]) == is_name_cell]
            found.setdefault(at_line, {})[cell.start] = codes
        repairs = list(
            repairs_of_row(name_cell, ip_cell, only_two=only_two, keep_dot=wish.keep_dot, prefix=wish.prefix)
        )
        mark = chr(block.delimiter)
        for at_line, cells in found.items():
            values = {cell.start: cell.value for at, cell in spans if at == at_line}  # type: ignore[misc]
            mine = (
                one
                for one in repairs
                if set(one.at) <= cells.keys() and not any(mark in edit.text for edit in one.edits)
            )
            change = _change_of(at_line, mine, cells, wish, _Cells(values))
            if change is None:
                continue
            new_name, new_ip = name_cell.value, ip_cell.value
            for start, _, written in change.edits:
                if at_line == line and start == name_cell.start:
                    new_name = written
                if at_line == ip_line and start == ip_cell.start:
                    new_ip = written
            core = new_name.removesuffix(".")
            clean = is_ipv4(new_ip) and is_name(core)
            made = ((core, _number(new_ip)),) if clean else ()
            if is_ipv4(ip_cell.value) and is_name(name_cell.value.removesuffix(".")):
                made = ()
            yield change._replace(pairs=made, clean=clean)


def _span(block: Block, at: int, value: bytes) -> tuple[int, CellAt] | None:
    """The line of a cell, and where its value is written there; None where that is not to be seen."""
    for raw in (value, value.replace(b'"', b'""')):
        if block.data[at : at + len(raw)].tobytes() == raw:
            break
    else:
        return None
    if b"\n" in raw:
        return None
    line, column = block.line_and_column(at)
    text = value.decode("utf-8", "surrogateescape")
    return line, CellAt(text, column - 1, column - 1 + len(raw.decode("utf-8", "surrogateescape")))
