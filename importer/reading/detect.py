"""Which kind of file is this, and where in it are names and addresses? Decided from its beginning.

The order of the questions is the contract: only comments; a header; an inventory; hosts syntax;
columns by content; and then a stop that says what the file looks like and what to do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from importer.columns.forms import is_address_like, is_ipv4, is_name
from importer.errors import InputError, UsageError
from importer.reading.headings import MANAGEMENT_IP, SERVICE_IP, normal
from importer.reading.options import ReadOptions
from importer.reading.quoted import BLANKS, Row
from importer.reading.stops import (
    only_one,
    stop_at_half_a_header,
    stop_at_missing_column,
    stop_at_one_column,
    stop_at_unclear_columns,
)
from importer.reading.tables import (
    CONTENT_LINES,
    HEADER_ROWS,
    Table,
    asked_column,
    candidates,
    column_fits,
    columns_that_fit,
    delimiters,
    table_of,
    text_of,
    texts_of,
)
from importer.reading.unknown import looks_like, refuse_binary

_MAX_DIGITS = 9


class Layout(NamedTuple):
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
    """Set where the content shows another encoding than it was read in: then only this is set, and
    the text is to be looked at once more in that encoding."""
    taken: str = ""
    """Heading of the address column that was taken where several columns hold addresses."""
    others: tuple[str, ...] = ()
    """Headings of the address columns that were not."""


def detect(head: bytes, display: str, options: ReadOptions, *, complete: bool) -> Layout:
    """The layout of a file that begins with these bytes. Raises InputError where there is none.

    `complete` says that the head is the whole file.
    """
    refuse_binary(head, display)
    _refuse_long_numbers(options)
    if not complete:  # the last line may be cut
        head = head[: head.rfind(b"\n") + 1]
    lines = content_lines(head)
    settled = bool(options.delimiter or options.ip_column or options.name_column)
    if options.syntax == "hosts":
        if settled:
            raise UsageError(
                "--delimiter, --ip-column and --name-column are for delimited text, not for --from hosts"
            )
        return Layout("hosts")
    if not lines and options.syntax != "csv":
        return Layout("hosts")
    for delimiter in delimiters(options):
        layout = _by_header(head, delimiter, options, display)
        if layout is not None:
            return layout
    if _is_gb18030(head, options, display):
        return Layout("csv", encoding="gb18030")
    if not settled and not options.syntax:
        looks_like(lines, display, only_groups=True)
        if _is_hosts(lines):
            return Layout("hosts")
    if not lines:
        return Layout("csv", delimiter=delimiters(options)[0], name=1, width=2)
    tables = [table_of(head, d, options) for d in delimiters(options)]
    for role, wanted in (("ip", options.ip_column), ("name", options.name_column)):
        stop_at_missing_column(role, wanted, tables, display)
    for table in tables:
        stop_at_half_a_header(table, options, display)
    layout = _by_content(tables, options, display)
    if layout is not None:
        return layout
    looks_like(lines, display)
    for table in tables:
        stop_at_unclear_columns(table, display)
    raise InputError(
        "is neither hosts syntax nor delimited text with a name and an IPv4 address in each row",
        source=display,
        hint="give it a header such as ip,name, or say --from, --delimiter, --ip-column, --name-column",
    )


def detect_cells(table: Table, options: ReadOptions, display: str) -> Layout:
    """The layout of a table whose cells are no text of one file, as those of a workbook.

    The same questions as of delimited text; without a delimiter there is one table to ask. Offsets
    are numbers of rows. Raises InputError where there is no layout.
    """
    _refuse_long_numbers(options)
    if options.syntax == "hosts":
        raise UsageError(f"--from hosts is for text, and {display} is a table", hint="leave --from out")
    layout = _header_layout(table.rows, lambda: table, options, display)
    if layout is None and not table.content:
        return Layout("csv", name=1, width=2)
    if layout is None:
        for role, wanted in (("ip", options.ip_column), ("name", options.name_column)):
            stop_at_missing_column(role, wanted, [table], display)
        stop_at_half_a_header(table, options, display)
        layout = _by_content([table], options, display)
    if layout is None:
        raise InputError(
            "has rows, but which columns are names and IPv4 addresses does not show",
            source=display,
            hint="say --name-column and --ip-column, each a heading or a number from 1",
        )
    return layout


def _refuse_long_numbers(options: ReadOptions) -> None:
    for column in (options.ip_column, options.name_column):
        if column.isdecimal() and len(column) > _MAX_DIGITS:
            raise UsageError("a column number has too many digits", hint="columns are numbered from 1")


def content_lines(head: bytes) -> list[bytes]:
    """The first 100 lines that are neither blank nor comment."""
    found = []
    for line in head.split(b"\n"):
        bare = line.strip(BLANKS)
        if bare and not bare.startswith(b"#"):
            found.append(bare)
            if len(found) == CONTENT_LINES:
                break
    return found


def _is_hosts(lines: list[bytes]) -> bool:
    """Whether at least half of the lines begin with a form of address and another token."""
    fitting = 0
    for line in lines:
        tokens = re.split(rb"[ \t\v\f\r]+", line.split(b"#")[0].strip(BLANKS), maxsplit=2)
        fitting += len(tokens) > 1 and is_address_like(tokens[0].decode("utf-8", "replace"))
    return 2 * fitting >= len(lines) > 0


# --- a header -------------------------------------------------------------------------------------


def _by_header(head: bytes, delimiter: int, options: ReadOptions, display: str) -> Layout | None:
    """The layout that a header gives under a delimiter; None if no row of the first ten is one."""
    first = table_of(head, delimiter, options, HEADER_ROWS)
    return _header_layout(first.rows, lambda: table_of(head, delimiter, options), options, display)


def _header_layout(
    rows: Sequence[Row], whole: Callable[[], Table], options: ReadOptions, display: str
) -> Layout | None:
    """The layout that the first row with headings gives; `whole` makes the table it heads."""
    if options.ip_column.isdecimal() and options.name_column.isdecimal():
        return None
    for row in rows:
        headings = texts_of(row)
        names = candidates(headings, "name", options.name_column)
        addresses = candidates(headings, "ip", options.ip_column)
        if not names or not addresses or any(is_ipv4(h) for h in headings):
            continue
        table = whole()
        if row.comment and not _comment_heads_rows(row, table):
            continue
        name = only_one(names, headings, "name", display)
        taken, others = _one_address(addresses, headings, table, row, display, options)
        stop_at_one_column(taken, name)
        return Layout(
            "csv",
            table.delimiter,
            taken,
            name,
            len(headings),
            row.start,
            row.following,
            taken=headings[taken] if others else "",
            others=tuple(headings[i] for i in others),
        )
    return None


def _comment_heads_rows(header: Row, table: Table) -> bool:
    """Whether the rows behind a header that looks like a comment have cells at all under its delimiter."""
    below = [row for row in table.content if row.start > header.start]
    return not below or 2 * sum(len(row.cells) > 1 for row in below) >= len(below)


def _one_address(
    columns: list[int], headings: list[str], table: Table, header: Row, display: str, options: ReadOptions
) -> tuple[int, list[int]]:
    """The address column, and the other columns that hold addresses where a finding must tell of them."""
    found = [normal(headings[i]) for i in columns]
    if options.ip_column:
        return only_one(columns, headings, "ip", display), []
    if sorted(found) == sorted([SERVICE_IP, MANAGEMENT_IP]):
        service = columns[found.index(SERVICE_IP)]
        return service, [i for i in columns if i != service]
    taken = only_one(columns, headings, "ip", display)
    below = [row for row in table.content if row.start > header.start]
    others = [i for i in range(len(headings)) if i != taken and column_fits(below, i, is_ipv4)]
    return taken, others


def _is_gb18030(head: bytes, options: ReadOptions, display: str) -> bool:
    """Whether a text that is no UTF-8 has a header with known headings when read as GB18030."""
    if options.encoding or head.isascii():
        return False
    try:
        head.decode("utf-8")
    except UnicodeDecodeError:
        converted = head.decode("gb18030", "replace").encode("utf-8")
        return any(_by_header(converted, d, options, display) is not None for d in delimiters(options))
    return False


# --- columns by content ---------------------------------------------------------------------------


def _by_content(tables: list[Table], options: ReadOptions, display: str) -> Layout | None:
    """The layout of a file without known headings: columns whose cells are what they should be."""
    for table in (t for t in tables if t.content):
        first = table.content[0]
        width = len(first.cells)
        names = asked_column(options.name_column, width) or columns_that_fit(table.content, width, is_name)
        addresses = asked_column(options.ip_column, width) or columns_that_fit(table.content, width, is_ipv4)
        if width < 2 or not names or not addresses:
            continue
        headings = [f"column {i + 1}" for i in range(width)]
        ip, name = only_one(addresses, headings, "ip", display), only_one(names, headings, "name", display)
        stop_at_one_column(ip, name)
        numbered = options.ip_column or options.name_column
        if numbered and not is_address_like(text_of(first, ip)):
            return Layout("csv", table.delimiter, ip, name, width, first.start, first.following)
        return Layout("csv", table.delimiter, ip, name, width)
    return None
