"""Excel workbooks (.xlsx, .xlsm): the cells of one sheet as the text that a person sees."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import IO, NamedTuple

import numpy as np

from importer.columns.batch import CellKinds, Note, Piece, Source
from importer.columns.text import TextColumn
from importer.errors import InputError
from importer.reading.cells.batches import (
    CellPlaces,
    cell_batch,
    refuse_long_cells,
    sample_row,
    sampled,
)
from importer.reading.cells.book import Book, Sheet, open_book
from importer.reading.cells.cell_values import NOTHING, CellText
from importer.reading.cells.markup import MarkupError
from importer.reading.cells.package import SAVE_AGAIN, Package
from importer.reading.cells.sheet import sheet_rows
from importer.reading.detect import detect_cells
from importer.reading.layout import FileLayout
from importer.reading.options import ReadOptions
from importer.reading.quoted import BLANKS, Row
from importer.reading.stops import SeveralColumns
from importer.reading.tables import CONTENT_LINES, HEADER_ROWS, Table
from importer.shown import shown

_ROWS = 1 << 15
"""Rows of a batch, unless their text is long."""
_TEXT = 1 << 23
"""Bytes of the text of a batch."""
_FIRST_CELLS = 1 << 18
"""Cells that are looked at to find out which columns a sheet has."""


def workbook_pieces(file: IO[bytes], source: Source, options: ReadOptions) -> Iterator[Piece]:
    """The records of one sheet; at least one batch, perhaps empty. Lines are rows of the sheet.

    Raises InputError.
    """
    source = source._replace(format="xlsx")
    package = Package(file, options)
    try:
        book = open_book(package)
        chosen = _chosen(book, options, source.name)
        yield from _pieces(book, chosen, source, options)
    except MarkupError as error:
        raise InputError(
            f"is an Excel workbook with a sheet that cannot be read: {error}", hint=SAVE_AGAIN
        ) from None


# --- which sheet ----------------------------------------------------------------------------------


class _Found(NamedTuple):
    """A sheet and its columns."""

    sheet: Sheet
    layout: FileLayout


def _chosen(book: Book, options: ReadOptions, name: str) -> _Found | None:
    """The sheet asked for, or the only visible one with columns; None where no sheet has data.

    Raises InputError, MarkupError.
    """
    if options.sheet:
        sheet = _named(options.sheet, book.sheets)
        return _Found(sheet, _layout(book, sheet, _head(book, sheet, options), options, name))
    found, unclear, others = (
        list[_Found](),
        list[tuple[Sheet, InputError]](),
        list[tuple[Sheet, InputError]](),
    )
    for sheet in book.sheets:
        head = _NO_ROWS if sheet.hidden else _head(book, sheet, options)
        if not head.content:
            continue
        try:
            found.append(_Found(sheet, _layout(book, sheet, head, options, name)))
        except SeveralColumns as error:
            unclear.append((sheet, error))
        except InputError as error:
            others.append((sheet, error))
    if len(found) + len(unclear) > 1:
        raise _several(book, [*(one.sheet for one in found), *(sheet for sheet, _ in unclear)])
    if found:
        return found[0]
    _refuse_all(book, unclear or others, options)
    return None


def _layout(book: Book, sheet: Sheet, head: Table, options: ReadOptions, name: str) -> FileLayout:
    """The columns of a sheet. Raises InputError that names it."""
    try:
        return detect_cells(head, options, name)
    except InputError as error:
        error.message = f"sheet {_listed([sheet], book.sheets)} {error.message}"
        raise


_NO_ROWS = Table(0, (), ())


def _several(book: Book, sheets: list[Sheet]) -> InputError:
    """The error for sheets of which each may be the list."""
    listed = _listed([sheet for sheet in book.sheets if sheet in sheets], book.sheets)
    return InputError(
        f"has {len(sheets)} sheets with names and addresses: {listed}",
        hint=f"choose one with --sheet {min(map(book.sheets.index, sheets)) + 1}, or another name or number",
    )


def _refuse_all(book: Book, problems: list[tuple[Sheet, InputError]], options: ReadOptions) -> None:
    """Raise InputError where there are data in some sheets, but the columns are found in none of them."""
    if len(problems) == 1:
        raise problems[0][1]
    if problems:
        raise InputError(
            f"has {len(problems)} sheets with data, but none of them shows which columns are names and "
            f"IPv4 addresses: {_listed([sheet for sheet, _ in problems], book.sheets)}",
            hint="choose one with --sheet, and say --name-column and --ip-column",
        )
    hidden = [sheet for sheet in book.sheets if sheet.hidden and _head(book, sheet, options).content]
    if hidden:
        raise InputError(
            f"has data in hidden sheets only: {_listed(hidden, book.sheets)}",
            hint=f"if it is meant, name it: --sheet {book.sheets.index(hidden[0]) + 1}",
        )


def _named(wanted: str, sheets: tuple[Sheet, ...]) -> Sheet:
    """The sheet of this name, else of this name in another letter case, else of this number."""
    for same in (str, str.casefold):
        for sheet in sheets:
            if same(sheet.name) == same(wanted):
                return sheet
    if wanted.isdecimal() and len(wanted) < 6 and 1 <= int(wanted) <= len(sheets):
        return sheets[int(wanted) - 1]
    raise InputError(
        f"has no sheet {shown(wanted, 60)}; its sheets are {_listed(sheets, sheets)}",
        hint="write the name as it is in the workbook, or give its number from 1",
    )


def _listed(some: Sequence[Sheet], sheets: tuple[Sheet, ...]) -> str:
    listed = [f"{sheets.index(sheet) + 1} {shown(sheet.name, 60)}" for sheet in some]
    return ", ".join(listed[:12]) + (f" and {len(listed) - 12} more" if len(listed) > 12 else "")


def _head(book: Book, sheet: Sheet, options: ReadOptions) -> Table:
    """The first rows of a sheet that are not blank; they show which columns are names and addresses."""
    content, cells = list[Row](), 0
    samples: dict[bytes, bytes] = {}  # many cells may have one text
    for raw in sheet_rows(book.package, sheet.part, first=True):
        values = [(cell[0], book.texts.of(cell).value) for cell in raw.cells]
        book.package.count(sum(len(value) for _, value in values))
        values = [(column, sample) for column, value in values if (sample := sampled(value))]
        if not values:
            continue
        row = [_NO_TEXT] * (values[-1][0] + 1)
        for column, sample in values:
            row[column] = samples.setdefault(sample, sample)
        content.append(sample_row(raw.number, row))
        cells += len(row)
        if len(content) == CONTENT_LINES or cells > _FIRST_CELLS:
            break
    return Table(0, tuple(content[:HEADER_ROWS]), tuple(content))


_NO_TEXT = b""


# --- its rows -------------------------------------------------------------------------------------


def _pieces(book: Book, chosen: _Found | None, source: Source, options: ReadOptions) -> Iterator[Piece]:
    """The records of a sheet; without a sheet, one empty batch. Raises InputError, MarkupError."""
    if chosen is None:
        yield _Part(FileLayout("csv", name=1, width=2), 0).piece(source, options)
        return
    layout, texts = chosen.layout, book.texts
    part, hidden = _Part(layout, 0), 0
    for raw in sheet_rows(book.package, chosen.sheet.part):
        ip, name = NOTHING, NOTHING
        for cell in raw.cells:
            if cell[0] == layout.ip:
                ip = texts.of(cell)
            elif cell[0] == layout.name:
                name = texts.of(cell)
        if not (ip.value.strip(BLANKS) or name.value.strip(BLANKS)) and all(
            not texts.of(cell).value.strip(BLANKS) for cell in raw.cells
        ):
            part.last = raw.number
            continue
        hidden += raw.hidden
        part.add(raw.number, ip, name)
        if len(part.row) >= _ROWS or part.size >= _TEXT:
            book.package.count(part.size)
            yield part.piece(source, options)
            part = _Part(layout, raw.number)
    book.package.count(part.size)
    if hidden:
        part.notes.append(Note("R119", -1, {"count": hidden}))
    yield part.piece(source, options)


class _Part:
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

    def add(self, number: int, ip: CellText, name: CellText) -> None:
        """Take a row that is not blank."""
        self.last = number
        self._content += 1
        if number < self._layout.header_end:
            self._take_heading(number)
            return
        self.row.append(number)
        self._ip.append(ip.value)
        self._name.append(name.value)
        self._kinds[0].append(name.kind)
        self._kinds[1].append(ip.kind)
        self.size += len(ip.value) + len(name.value)

    def _take_heading(self, number: int) -> None:
        """R104 and R105, about the header and the rows above it."""
        at = number * self._places.width
        if number < self._layout.header_at:
            self.notes.append(Note("R104", at, {}))
        elif number == self._layout.header_at:
            self.notes += self._layout.choice(at)

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
            kinds=CellKinds(*(np.array(kinds, np.uint8) for kinds in self._kinds)),
        )
