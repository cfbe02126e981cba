"""The first rows of a table, and what can be asked about their columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from importer.errors import UsageError
from importer.language import said
from importer.reading.headings import Role, normal, role_of
from importer.reading.options import ReadOptions
from importer.reading.quoted import Row, comments_above, content_rows
from importer.shown import shown

CONTENT_LINES = 100
"""So many lines, or rows, with content are looked at."""
_COMMENTS = 100
"""So many comments above the first row with content are looked at."""
HEADER_ROWS = 10
"""One of the first so many rows may be the header."""
_SHARE = 0.8
"""Part of the cells of a column that must fit a role."""
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|", "\\t": "\t"}
_SNIFFED = b",;\t|"


class Table(NamedTuple):
    """The first rows of a text under one delimiter, or of a table of cells."""

    delimiter: int
    """0 for a table of cells."""
    rows: tuple[Row, ...]
    """The first ten rows that are neither blank nor comment, and the comments above them: the header may be
    one of either."""
    content: tuple[Row, ...]
    """Up to 100 rows that are neither blank nor comment."""


def delimiters(options: ReadOptions) -> bytes:
    """The delimiters to try: the one asked for, or the four usual ones. Raises UsageError."""
    if not options.delimiter:
        return _SNIFFED
    mark = DELIMITERS.get(options.delimiter, options.delimiter)
    if len(mark) == 4 and mark.startswith("\\x"):
        try:
            mark = chr(int(mark[2:], 16))
        except ValueError:
            mark = ""
    if len(mark) != 1 or not mark.isascii() or mark.isalnum() or mark in '"\r\n\0':
        raise UsageError(
            said(
                "--delimiter {delimiter} is not one ASCII character that can delimit cells",
                delimiter=shown(options.delimiter, 20),
            ),
            hint="letters, digits, the quote and line ends cannot; write a tab as tab, others as \\xNN",
        )
    return mark.encode("ascii")


def named_delimiter(delimiter: int) -> str:
    """A delimiter as messages and reports show it."""
    return {9: "tab"}.get(delimiter) or (chr(delimiter) if 32 < delimiter < 127 else f"\\x{delimiter:02x}")


def table_of(
    head: bytes, delimiter: int, options: ReadOptions, most: int = CONTENT_LINES, cells: int = -1
) -> Table:
    """The first rows under a delimiter, `most` of them with content; broken and blank rows are left out.

    Of a row with more than so many cells, the rest may be one cell.

    Comments count only above the first row with content: below it none can be the header.
    """
    content = tuple(islice(headed_rows(head, delimiter, options, cells), most))
    return Table(delimiter, (*comments_above(head, delimiter, _COMMENTS), *content[:HEADER_ROWS]), content)


def headed_rows(head: bytes, delimiter: int, options: ReadOptions, cells: int = -1) -> Iterator[Row]:
    """All rows with content, but broken ones."""
    for row in content_rows(head, delimiter, max_cell=options.max_line, cells=cells):
        if row.broken_at < 0:
            yield row


def texts_of(row: Row) -> list[str]:
    """All cells of a row as text."""
    return [text_of(row, i) for i in range(len(row.cells))]


def candidates(headings: list[str], role: Role, wanted: str) -> list[int]:
    """Columns that may have the role: the one asked for, or all with a known heading."""
    if wanted.isdecimal():
        return [int(wanted) - 1] if 1 <= int(wanted) <= len(headings) else []
    if wanted:
        return [i for i, h in enumerate(headings) if normal(h) == normal(wanted)]
    return [i for i, h in enumerate(headings) if role_of(h) == role]


def asked_column(column: str, width: int) -> list[int]:
    """The column asked for by number, if the rows have it."""
    return [int(column) - 1] if column.isdecimal() and 1 <= int(column) <= width else []


def columns_that_fit(rows: Sequence[Row], width: int, fits: Callable[[str], bool]) -> list[int]:
    """Columns of which at least 80 % of the non-empty cells fit."""
    return [i for i in range(width) if column_fits(rows, i, fits)]


def column_fits(rows: Sequence[Row], column: int, fits: Callable[[str], bool]) -> bool:
    """Whether at least 80 % of the non-empty cells of a column fit."""
    found = fitting = 0
    for row in rows:
        text = text_of(row, column)
        found += bool(text)
        fitting += bool(text) and fits(text)
        if found - fitting > (1 - _SHARE) * len(rows) + 1:
            return False
    return found > 0 and fitting >= _SHARE * found


def text_of(row: Row, column: int) -> str:
    """One cell as text; empty where the row has no such cell."""
    return row.cells[column].value.decode("utf-8", "surrogateescape") if column < len(row.cells) else ""


def quoted(heading: str) -> str:
    """A heading as a message shows it."""
    return shown(heading, 60)


def listed(columns: Iterable[int], headings: list[str]) -> str:
    """The first twelve headings, quoted, with their numbers."""
    named = [f"{i + 1} {quoted(headings[i])}" for i in columns]
    return ", ".join(named[:12]) + (
        said(" and {number} more", number=len(named) - 12) if len(named) > 12 else ""
    )
