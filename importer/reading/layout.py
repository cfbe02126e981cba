"""How a file is read, and two ways to find out which columns it has: from a header, and from its cells."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from importer.columns.forms import is_address_like, is_ipv4, is_name
from importer.reading.headings import MANAGEMENT_IP, SERVICE_IP, normal
from importer.reading.options import ReadOptions
from importer.reading.quoted import Row
from importer.reading.stops import only_one, stop_at_one_column
from importer.reading.tables import (
    Table,
    asked_column,
    candidates,
    column_fits,
    columns_that_fit,
    text_of,
    texts_of,
)


class FileLayout(NamedTuple):
    """How a file is read."""

    syntax: str
    """`hosts` or `csv`."""
    delimiter: int = 0
    ip: int = 0
    """0-based column of the addresses."""
    name: int = 0
    width: int = 0
    """Cells of the header, or of the first row."""
    header_at: int = -1
    """Offset of the header row; -1 without a header."""
    header_end: int = 0
    encoding: str = ""
    """Set where the content shows another encoding than it was read in. Then only this field is set, and
    the text must be looked at again in that encoding."""
    taken: str = ""
    """Heading of the address column that was taken, where several columns hold addresses."""
    others: tuple[str, ...] = ()
    """Headings of the address columns that were not taken."""


def layout_by_header(
    rows: Sequence[Row], whole: Callable[[], Table], options: ReadOptions
) -> FileLayout | None:
    """The layout that the first row with both headings gives; None if no row has them.

    `whole` makes the table with the rows below it. Raises InputError where several columns have one role.
    """
    if options.ip_column.isdecimal() and options.name_column.isdecimal():
        return None
    for row in rows:
        headings = texts_of(row)
        names = candidates(headings, "name", options.name_column)
        addresses = candidates(headings, "ip", options.ip_column)
        if not names or not addresses or any(map(is_ipv4, headings)):
            continue
        table = whole()
        below = [other for other in table.content if other.start > row.start]
        if row.comment and not _have_cells(below):
            continue
        name = only_one(names, headings, "name")
        ip, others = _one_address(addresses, headings, below, options)
        stop_at_one_column(ip, name)
        return FileLayout(
            "csv",
            table.delimiter,
            ip,
            name,
            width=len(headings),
            header_at=row.start,
            header_end=row.following,
            taken=headings[ip] if others else "",
            others=tuple(headings[i] for i in others),
        )
    return None


def _have_cells(rows: list[Row]) -> bool:
    """Whether the rows below a header that looks like a comment have several cells under its delimiter."""
    return not rows or 2 * sum(len(row.cells) > 1 for row in rows) >= len(rows)


def _one_address(
    columns: list[int], headings: list[str], below: list[Row], options: ReadOptions
) -> tuple[int, list[int]]:
    """The address column, and the other columns that hold addresses where a finding must name them."""
    found = [normal(headings[i]) for i in columns]
    if options.ip_column:
        return only_one(columns, headings, "ip"), []
    if sorted(found) == sorted([SERVICE_IP, MANAGEMENT_IP]):
        service = columns[found.index(SERVICE_IP)]
        return service, [i for i in columns if i != service]
    taken = only_one(columns, headings, "ip")
    return taken, [i for i in range(len(headings)) if i != taken and column_fits(below, i, is_ipv4)]


def layout_by_content(tables: Sequence[Table], options: ReadOptions) -> FileLayout | None:
    """The layout of the first table in which the cells show the columns; None if no table has them.

    Raises InputError where several columns fit one role.
    """
    for table in tables:
        if not table.content:
            continue
        first = table.content[0]
        width = len(first.cells)
        names = asked_column(options.name_column, width) or columns_that_fit(table.content, width, is_name)
        addresses = asked_column(options.ip_column, width) or columns_that_fit(table.content, width, is_ipv4)
        if width < 2 or not names or not addresses:
            continue
        headings = [f"column {i + 1}" for i in range(width)]
        ip, name = only_one(addresses, headings, "ip"), only_one(names, headings, "name")
        stop_at_one_column(ip, name)
        layout = FileLayout("csv", table.delimiter, ip, name, width)
        numbered = options.ip_column or options.name_column
        if numbered and not is_address_like(text_of(first, ip)):
            return layout._replace(header_at=first.start, header_end=first.following)
        return layout
    return None
