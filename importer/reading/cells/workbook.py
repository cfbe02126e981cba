"""Excel workbooks (.xlsx, .xlsm): the cells of one sheet as the text that a person sees."""

from __future__ import annotations

import datetime
import os
import tempfile
from collections.abc import Iterator
from functools import partial
from itertools import islice
from typing import IO, Any

import numpy as np

from importer.columns.batch import Note, Piece, Source
from importer.columns.text import TextColumn
from importer.errors import InputError
from importer.reading.cells.batches import CellPlaces, cell_batch, refuse_long_cells
from importer.reading.cells.workbook_parts import SAVE_AGAIN, SAVE_AS_CSV, checked_copy
from importer.reading.detect import detect_cells
from importer.reading.extras import extra_package
from importer.reading.layout import FileLayout
from importer.reading.options import ReadOptions
from importer.reading.quoted import BLANKS, Cell, Row
from importer.reading.source import no_room
from importer.reading.tables import CONTENT_LINES, HEADER_ROWS, Table
from importer.shown import shown

_CELLS = 1 << 16
"""Cells that are Python objects at a time."""
_BLANKS = BLANKS.decode()

_Rows = list[tuple[int, list[Any]]]
"""Rows that are not blank: the number from 1, and the cells from the first used column of the sheet."""


def workbook_pieces(file: IO[bytes], source: Source, options: ReadOptions) -> Iterator[Piece]:
    """The records of one sheet; at least one batch, perhaps empty. Lines are rows of the sheet.

    Raises InputError.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "copy.xlsx")  # the reader takes a file object into memory, but not a path
        try:
            with open(path, "wb") as copy:
                checked_copy(file, copy, options)
        except OSError as error:
            raise no_room(error) from None
        calamine = extra_package("python_calamine", "excel", "an Excel workbook", SAVE_AS_CSV)
        try:
            with calamine.load_workbook(path) as workbook:
                sheet = _sheet(calamine, workbook, options)
        except (calamine.CalamineError, OSError) as error:
            raise InputError(
                f"is an Excel workbook that cannot be read: {str(error)[:200]}",
                hint=SAVE_AGAIN,
            ) from None
    yield from _pieces(sheet, source._replace(format="xlsx"), options)


# --- which sheet ----------------------------------------------------------------------------------


def _sheet(calamine: Any, workbook: Any, options: ReadOptions) -> Any:
    """The sheet asked for, or the only one with data; None where all sheets are empty."""
    kind = calamine.SheetTypeEnum.WorkSheet
    names = [sheet.name for sheet in workbook.sheets_metadata if sheet.typ == kind]
    if options.sheet:
        return workbook.get_sheet_by_name(_named(options.sheet, names))
    taken, filled = None, []
    for name in names:
        sheet = workbook.get_sheet_by_name(name)
        if sheet.start is not None:
            filled.append(name)
            taken = taken or sheet
    if len(filled) > 1:
        raise InputError(
            f"has {len(filled)} sheets with data: {_listed(filled, names)}",
            hint=f"choose one with --sheet {names.index(filled[0]) + 1}, or another name or number",
        )
    return taken


def _named(wanted: str, names: list[str]) -> str:
    """The sheet of this name, else of this name in another letter case, else of this number."""
    if wanted in names:
        return wanted
    for name in names:
        if name.casefold() == wanted.casefold():
            return name
    if wanted.isdecimal() and len(wanted) < 6 and 1 <= int(wanted) <= len(names):
        return names[int(wanted) - 1]
    raise InputError(
        f"has no sheet {shown(wanted, 60)}; its sheets are {_listed(names, names)}",
        hint="write the name as it is in the workbook, or give its number from 1",
    )


def _listed(some: list[str], names: list[str]) -> str:
    listed = [f"{names.index(name) + 1} {shown(name, 60)}" for name in some]
    return ", ".join(listed[:12]) + (f" and {len(listed) - 12} more" if len(listed) > 12 else "")


# --- its rows -------------------------------------------------------------------------------------


def _pieces(sheet: Any, source: Source, options: ReadOptions) -> Iterator[Piece]:
    """The records of a sheet; without a sheet, one empty batch."""
    used = sheet is not None and sheet.start is not None
    lead, width, height = (sheet.start[1], sheet.end[1] + 1, sheet.end[0] + 1) if used else (0, 1, 0)
    rows = enumerate(sheet.iter_rows() if used else (), 1)
    head = list(islice((row for row in rows if not _is_blank(row[1])), CONTENT_LINES))
    lines = head[-1][0] if len(head) == CONTENT_LINES else height
    content = tuple(_detected(number, cells, lead) for number, cells in head)
    layout = detect_cells(Table(0, content[:HEADER_ROWS], content), options, source.name)
    places = CellPlaces(max(width, layout.width))

    def piece(part: _Rows, lines: int, blank: int, notes: tuple[Note, ...] = ()) -> Piece:
        row = np.array([number for number, _ in part], np.int64)
        ip, name = (_texts(part, column - lead) for column in (layout.ip, layout.name))
        for texts in (ip, name):
            refuse_long_cells(texts, row, options.max_line)
        columns = (layout.ip, layout.name)
        return partial(
            cell_batch, source, places, row, columns, ip, name, lines=lines, blank=blank, notes=notes
        )

    below = [row for row in head if row[0] >= layout.header_end]
    yield piece(below, lines, lines - len(head), _notes(head, layout, places))
    while part := list(islice(rows, max(1, _CELLS // width))):
        kept = [row for row in part if not _is_blank(row[1])]
        yield piece(kept, len(part), len(part) - len(kept))


def _notes(head: _Rows, layout: FileLayout, places: CellPlaces) -> tuple[Note, ...]:
    """R104 and R105, about the header and the rows above it."""
    notes = [Note("R104", number * places.width, {}) for number, _ in head if number < layout.header_at]
    notes += layout.choice(layout.header_at * places.width)
    return tuple(notes)


def _is_blank(cells: list[Any]) -> bool:
    return all(isinstance(cell, str) and not cell.strip(_BLANKS) for cell in cells)


def _detected(number: int, cells: list[Any], lead: int) -> Row:
    """A row as detection looks at it."""
    texts = [_text(cell).encode().strip(BLANKS) for cell in cells]
    return Row(number, number, number + 1, tuple(Cell(number, text) for text in (*[b""] * lead, *texts)))


def _texts(rows: _Rows, column: int) -> TextColumn:
    """One column as text; columns before the first used one of the sheet are empty."""
    if column < 0:
        return TextColumn.from_values([b""] * len(rows))
    return TextColumn.from_values([_text(cells[column]).encode() for _, cells in rows])


def _text(cell: Any) -> str:
    """A cell as a person sees it, whatever its format."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        whole = cell.is_integer() and abs(cell) < _EXACT
        return str(int(cell)) if whole else f"{cell:.15g}".upper()
    if isinstance(cell, datetime.datetime):
        return str(cell).removesuffix(" 00:00:00")
    return str(cell)


_EXACT = 1e15
"""Whole numbers below it are shown with all their digits; a cell holds 15 of them."""
