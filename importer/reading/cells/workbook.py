"""Excel workbooks (.xlsx, .xlsm): the cells of one sheet as the text that a person sees."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import IO, NamedTuple

from importer.columns.batch import Note, Piece, Source
from importer.errors import InputError
from importer.language import said
from importer.reading.cells.batches import (
    sample_row,
    sampled,
)
from importer.reading.cells.book import Book, Sheet, open_book
from importer.reading.cells.cell_values import NOTHING, CellTexts
from importer.reading.cells.markup import MarkupError
from importer.reading.cells.package import SAVE_AGAIN, Package
from importer.reading.cells.sheet import RawRow, sheet_rows
from importer.reading.cells.sheet_records import Footer, Part, is_header_again
from importer.reading.detect import detect_cells
from importer.reading.layout import FileLayout
from importer.reading.options import ReadOptions
from importer.reading.quoted import BLANKS, Row
from importer.reading.stops import SeveralColumns
from importer.reading.tables import CONTENT_LINES, HEADER_ROWS, Table, listed
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
            said("is an Excel workbook with a sheet that cannot be read: {error}", error=error),
            hint=SAVE_AGAIN,
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
        return _Found(sheet, _layout(book, sheet, _head(book, sheet), options, name))
    found, unclear, others = (
        list[_Found](),
        list[tuple[Sheet, InputError]](),
        list[tuple[Sheet, InputError]](),
    )
    for sheet in book.sheets:
        head = _NO_ROWS if sheet.hidden else _head(book, sheet)
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
    _refuse_all(book, unclear or others)
    return None


def _layout(book: Book, sheet: Sheet, head: Table, options: ReadOptions, name: str) -> FileLayout:
    """The columns of a sheet. Raises InputError that names it."""
    try:
        return detect_cells(head, options, name)
    except InputError as error:
        error.message = said(
            "sheet {value} {message}", value=_listed([sheet], book.sheets), message=error.message
        )
        raise


_NO_ROWS = Table(0, (), ())


def _several(book: Book, sheets: list[Sheet]) -> InputError:
    """The error for sheets of which each may be the list."""
    names = _listed([sheet for sheet in book.sheets if sheet in sheets], book.sheets)
    return InputError(
        said("has {number} sheets with names and addresses: {names}", number=len(sheets), names=names),
        hint=said(
            "choose one with --sheet {index}, or another name or number",
            index=min(map(book.sheets.index, sheets)) + 1,
        ),
    )


def _refuse_all(book: Book, problems: list[tuple[Sheet, InputError]]) -> None:
    """Raise InputError where there are data in some sheets, but the columns are found in none of them."""
    if len(problems) == 1:
        raise problems[0][1]
    if problems:
        raise InputError(
            said(
                "has {number} sheets with data, but none of them shows which columns are names "
                "and IPv4 addresses: {problems}",
                number=len(problems),
                problems=_listed([sheet for sheet, _ in problems], book.sheets),
            ),
            hint="choose one with --sheet, and say --name-column and --ip-column",
        )
    hidden = [sheet for sheet in book.sheets if sheet.hidden and _head(book, sheet).content]
    if hidden:
        raise InputError(
            said("has data in hidden sheets only: {hidden}", hidden=_listed(hidden, book.sheets)),
            hint=said("if it is meant, name it: --sheet {hidden}", hidden=book.sheets.index(hidden[0]) + 1),
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
        said(
            "has no sheet {wanted}; its sheets are {sheets}",
            wanted=shown(wanted, 60),
            sheets=_listed(sheets, sheets),
        ),
        hint="write the name as it is in the workbook, or give its number from 1",
    )


def _listed(some: Sequence[Sheet], sheets: tuple[Sheet, ...]) -> str:
    return listed(map(sheets.index, some), [sheet.name for sheet in sheets])


def _head(book: Book, sheet: Sheet) -> Table:
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
        yield Part(FileLayout("csv", name=1, width=2), 0).piece(source, options)
        return
    layout, texts = chosen.layout, book.texts
    part, hidden, footer = Part(layout, 0), 0, Footer()
    header = layout.header_at if layout.header_at >= 0 else None
    heading = layout.headings[layout.ip].encode("utf-8", "surrogateescape") if header is not None else b""
    source = source._replace(understood=layout.understood(None, header, chosen.sheet.name))
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
        if raw.number < layout.header_end:
            part.take_above(raw.number, ip, name, [texts.of(cell).value for cell in raw.cells])
        elif ip.value and name.value:
            if ip.value == heading and is_header_again(_texts(raw, texts), layout):
                part.pass_over(raw.number, "R116")
                continue
            footer.end(part)
            footer.after_a_record = True
            part.add(raw.number, ip, name)
        else:
            footer.take(
                part, raw.number, ip, name, [texts.of(cell).value.strip(BLANKS) for cell in raw.cells]
            )
        if len(part.row) >= _ROWS or part.size >= _TEXT:
            book.package.count(part.size)
            yield part.piece(source, options)
            part = Part(layout, raw.number)
    footer.finish(part)
    book.package.count(part.size)
    if hidden:
        part.notes.append(Note("R119", -1, {"count": hidden}))
    yield part.piece(source, options)


def _texts(raw: RawRow, texts: CellTexts) -> Iterator[tuple[int, str]]:
    """The cells of a row as text, with their columns from 0."""
    for cell in raw.cells:
        yield cell[0], texts.of(cell).value.strip(BLANKS).decode("utf-8", "surrogateescape")
