"""The rows of a sheet as records, and the rows that are passed over, each with its finding."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

import numpy as np

from importer.columns.batch import CellKinds, Note, Piece, Source
from importer.columns.forms import is_form_of_address
from importer.columns.text import TextColumn
from importer.language import Text
from importer.reading.cells.batches import CellPlaces, cell_batch, refuse_long_cells
from importer.reading.cells.cell_values import CellText
from importer.reading.footers import FOOTER_ROWS, is_footer_cell
from importer.reading.layout import FileLayout
from importer.reading.options import ReadOptions


def is_header_again(cells: Iterable[tuple[int, str]], layout: FileLayout) -> bool:
    """Whether a row has the very cells of the header."""
    filled = {column: text for column, text in cells if text}
    return filled == {i: text for i, text in enumerate(layout.headings) if text}


class Footer:
    """The rows so far that may be a footer, which only the end of the sheet shows (R114)."""

    def __init__(self) -> None:
        self._rows: list[tuple[int, CellText, CellText]] = []
        self._too_long = False
        self.after_a_record = False

    def take(self, part: Part, number: int, ip: CellText, name: CellText, cells: list[bytes]) -> None:
        """Take a row that lacks one of the two cells."""
        filled = [cell for cell in cells if cell]
        if not is_footer_cell(filled):
            self.end(part)
            part.add(number, ip, name)
        elif self._too_long:
            part.add(number, ip, name)
        else:
            self._rows.append((number, ip, name))
            if len(self._rows) > FOOTER_ROWS:
                self.end(part)
                self._too_long = True

    def end(self, part: Part) -> None:
        """A row follows that is not of a footer, so the rows before it are none."""
        for row in self._rows:
            part.add(*row)
        self._rows.clear()
        self._too_long = False

    def finish(self, part: Part) -> None:
        """The sheet ends."""
        if not self.after_a_record:
            self.end(part)
        for number, _, _ in self._rows:
            part.pass_over(number, "R114")


class Part:
    """Rows that become one batch."""

    def __init__(self, layout: FileLayout, before: int) -> None:
        self._layout, self._before = layout, before
        self.last = before
        """The last row so far, blank ones too."""
        self._content = 0
        """Rows that are not blank."""
        self.row: list[int] = []
        self._ip: list[bytes] = []
        self._name: list[bytes] = []
        self._kinds: tuple[list[int], list[int]] = [], []
        """Of the names, and of the addresses."""
        self.size = 0
        """Bytes of text."""
        self._places = CellPlaces(max(layout.width, layout.ip + 1, layout.name + 1))
        self.notes: list[Note] = []
        self._above: list[int] = []
        """Records that stand above the header."""

    def add(self, number: int, ip: CellText, name: CellText) -> None:
        """Take a row that is not blank."""
        self.last = number
        self._content += 1
        self.row.append(number)
        self._ip.append(ip.value)
        self._name.append(name.value)
        self._kinds[0].append(name.kind)
        self._kinds[1].append(ip.kind)
        self.size += len(ip.value) + len(name.value)

    def take_above(self, number: int, ip: CellText, name: CellText, cells: list[bytes]) -> None:
        """The header, or a row above it: one with a form of address is a refused record (R115)."""
        layout, at = self._layout, number * self._places.width
        if number != layout.header_at and any(
            is_form_of_address(cell.decode("utf-8", "replace")) for cell in cells
        ):
            self._above.append(len(self.row))
            self.add(number, ip, name)
            return
        self.last = number
        self._content += 1
        if number == layout.header_at:
            self.notes += layout.choice(at)
            if layout.assumed:
                self.notes.append(Note("R113", at, {"found": Text(layout.headings[layout.ip])}))
        else:
            self.notes.append(Note("R104", at, {}))

    def pass_over(self, number: int, code: str) -> None:
        """A row that is not a record, and is told by this code."""
        self.last = number
        self._content += 1
        self.notes.append(Note(code, number * self._places.width, {}))

    def piece(self, source: Source, options: ReadOptions) -> Piece:
        """The rows as a batch. Raises InputError where a cell is too long."""
        row = np.array(self.row, np.int64)
        ip, name = TextColumn.from_values(self._ip), TextColumn.from_values(self._name)
        for column in (ip, name):
            refuse_long_cells(column, row, options.max_line)
        lines = self.last - self._before
        return partial(
            cell_batch,
            source,
            self._places,
            row,
            (self._layout.ip, self._layout.name),
            ip,
            name,
            lines=lines,
            blank=lines - self._content,
            notes=tuple(self.notes),
            above=np.array(self._above, np.int64),
            kinds=CellKinds(*(np.array(kinds, np.uint8) for kinds in self._kinds)),
        )
