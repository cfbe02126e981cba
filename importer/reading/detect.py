"""Which kind of file is this, and where in it are names and addresses? Decided from its beginning.

The order of the questions is the contract: only comments; a header; an inventory; hosts syntax;
columns by content; and then a stop that says what the file looks like and what to do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from importer.columns.shown import shown
from importer.errors import InputError, UsageError
from importer.reading.forms import is_address_like, is_ipv4, is_name
from importer.reading.headings import MANAGEMENT_IP, SERVICE_IP, Role, normal, role_of
from importer.reading.options import ReadOptions
from importer.reading.rows import BLANKS, Row, read_rows
from importer.reading.unknown import looks_like, refuse_binary

CONTENT_LINES = 100
"""How many lines, or rows, decide."""
_HEADER_ROWS = 10
_SHARE = 0.8
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|", "\\t": "\t"}
_SNIFFED = b",;\t|"


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


class _Table(NamedTuple):
    """The first rows of a text under one delimiter."""

    delimiter: int
    rows: tuple[Row, ...]
    """Up to ten rows that are not blank, and the comments among them, which may hide a header."""
    content: tuple[Row, ...]
    """Up to 100 rows that are neither blank nor comment."""


def detect(head: bytes, display: str, options: ReadOptions, *, complete: bool) -> Layout:
    """The layout of a file that begins with these bytes. Raises InputError where there is none.

    `complete` says that the head is the whole file.
    """
    refuse_binary(head, display)
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
    tables = [_table(head, d, options) for d in _delimiters(options)]
    for table in tables:
        layout = _by_header(table, options, display)
        if layout is not None:
            return layout
    if _is_gb18030(head, options, display):
        return Layout("csv", encoding="gb18030")
    if not settled and not options.syntax:
        looks_like(lines, display, only_groups=True)
        if _is_hosts(lines):
            return Layout("hosts")
    if not lines:
        return Layout("csv", delimiter=_delimiters(options)[0], name=1, width=2)
    for role, wanted in (("ip", options.ip_column), ("name", options.name_column)):
        _stop_at_missing_column(role, wanted, tables, display)
    for table in tables:
        _stop_at_half_a_header(table, options, display)
    layout = _by_content(tables, options, display)
    if layout is not None:
        return layout
    looks_like(lines, display)
    for table in tables:
        _stop_at_unclear_columns(table, display)
    raise InputError(
        "is neither hosts syntax nor delimited text with a name and an IPv4 address in each row",
        source=display,
        hint="give it a header such as ip,name, or say --from, --delimiter, --ip-column, --name-column",
    )


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


def _delimiters(options: ReadOptions) -> bytes:
    if not options.delimiter:
        return _SNIFFED
    mark = DELIMITERS.get(options.delimiter, options.delimiter)
    if len(mark) != 1 or mark.encode("utf-8")[0] not in _SNIFFED:
        raise UsageError(
            f"--delimiter {options.delimiter!r} is none of , ; tab |", hint="write a tab as --delimiter tab"
        )
    return mark.encode("ascii")


def _table(head: bytes, delimiter: int, options: ReadOptions) -> _Table:
    rows: list[Row] = []
    content: list[Row] = []
    for row in read_rows(head, delimiter, ended=True, max_cell=options.max_line):
        if row.broken_at >= 0 or row.is_blank():
            continue
        comment = row.comment
        if len(content) < _HEADER_ROWS:
            rows.append(row)
        if not comment:
            content.append(row)
            if len(content) == CONTENT_LINES:
                break
    return _Table(delimiter, tuple(rows), tuple(content))


def _texts(row: Row) -> list[str]:
    return [_text(row, i) for i in range(len(row.cells))]


# --- a header -------------------------------------------------------------------------------------


def _by_header(table: _Table, options: ReadOptions, display: str) -> Layout | None:
    """The layout that a header gives; None if no row of the first ten is one."""
    if options.ip_column.isdecimal() and options.name_column.isdecimal():
        return None
    for row in table.rows:
        headings = _texts(row)
        names = _candidates(headings, "name", options.name_column)
        addresses = _candidates(headings, "ip", options.ip_column)
        if not names or not addresses or (row.comment and not _comment_heads_rows(row, table)):
            continue
        if any(is_ipv4(h) for h in headings):
            continue
        name = _one(names, headings, "name", display)
        taken, others = _one_address(addresses, headings, table, row, display, options)
        _stop_at_one_column(taken, name)
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


def _comment_heads_rows(header: Row, table: _Table) -> bool:
    """Whether the rows behind a header that looks like a comment have cells at all under its delimiter."""
    below = [row for row in table.content if row.start > header.start]
    return not below or 2 * sum(len(row.cells) > 1 for row in below) >= len(below)


def _candidates(headings: list[str], role: Role, wanted: str) -> list[int]:
    """Columns that may have the role: the one asked for, or all with a known heading."""
    if wanted.isdecimal():
        return [int(wanted) - 1] if 1 <= int(wanted) <= len(headings) else []
    if wanted:
        return [i for i, h in enumerate(headings) if normal(h) == normal(wanted)]
    return [i for i, h in enumerate(headings) if role_of(h) == role]


def _one(columns: list[int], headings: list[str], role: Role, display: str) -> int:
    if len(columns) > 1:
        kind = "name" if role == "name" else "address"
        raise InputError(
            f"has {len(columns)} {kind} columns: {_listed(columns, headings)}",
            source=display,
            hint=f"settle it with --{role}-column {columns[0] + 1}, or another heading or number",
        )
    return columns[0]


def _one_address(
    columns: list[int], headings: list[str], table: _Table, header: Row, display: str, options: ReadOptions
) -> tuple[int, list[int]]:
    """The address column, and the other columns that hold addresses where a finding must tell of them."""
    found = [normal(headings[i]) for i in columns]
    if options.ip_column:
        return _one(columns, headings, "ip", display), []
    if sorted(found) == sorted([SERVICE_IP, MANAGEMENT_IP]):
        service = columns[found.index(SERVICE_IP)]
        return service, [i for i in columns if i != service]
    taken = _one(columns, headings, "ip", display)
    below = [row for row in table.content if row.start > header.start]
    others = [i for i in range(len(headings)) if i != taken and _fits(below, i, is_ipv4)]
    return taken, others


def _stop_at_unclear_columns(table: _Table, display: str) -> None:
    """Rows of cells of which nothing tells the names and the addresses."""
    if table.content and 2 * sum(len(row.cells) > 1 for row in table.content) > len(table.content):
        texts = _texts(table.content[0])
        raise InputError(
            f"is delimited by {_quoted(chr(table.delimiter))}, but its columns of names and addresses "
            f"do not show: {_listed(range(len(texts)), texts)}",
            source=display,
            hint="say --name-column and --ip-column, each a heading or a number",
        )


def _stop_at_one_column(ip: int, name: int) -> None:
    if ip == name:
        raise UsageError(
            f"--ip-column and --name-column are both column {ip + 1}",
            hint="each role needs a column of its own",
        )


def _stop_at_missing_column(role: str, wanted: str, tables: list[_Table], display: str) -> None:
    """A column that was asked for by heading or number and is nowhere in the file."""
    rows = [row for table in tables for row in table.rows]
    if wanted.isdecimal():
        if not 1 <= int(wanted) <= max((len(row.cells) for row in rows), default=0):
            raise InputError(
                f"has no column {wanted} for --{role}-column",
                source=display,
                hint="columns are numbered from 1",
            )
    elif wanted and not any(normal(text) == normal(wanted) for row in rows for text in _texts(row)):
        raise InputError(
            f"has no heading {_quoted(wanted)} for --{role}-column",
            source=display,
            hint="write the heading as the file does, or give the column's number from 1",
        )


def _stop_at_half_a_header(table: _Table, options: ReadOptions, display: str) -> None:
    """A known heading for one role alone is a header that lacks the other column."""
    if options.ip_column.isdecimal() and options.name_column.isdecimal():
        return
    for row in [r for r in table.rows if not r.comment]:
        headings = _texts(row)
        if len(headings) < 2 or any(is_address_like(h) for h in headings):
            continue
        names = _candidates(
            headings, "name", options.name_column if not options.name_column.isdecimal() else ""
        )
        addresses = _candidates(
            headings, "ip", options.ip_column if not options.ip_column.isdecimal() else ""
        )
        if bool(names) == bool(addresses):
            continue
        if (names and options.ip_column.isdecimal()) or (addresses and options.name_column.isdecimal()):
            continue
        lacking: Role = "ip" if names else "name"
        raise InputError(
            f"has a header without {'an address' if lacking == 'ip' else 'a name'} column: "
            f"{_listed(range(len(headings)), headings)}",
            source=display,
            hint=f"say which column it is with --{lacking}-column",
        )


def _is_gb18030(head: bytes, options: ReadOptions, display: str) -> bool:
    """Whether a text that is no UTF-8 has a header with known headings when read as GB18030."""
    if options.encoding or head.isascii():
        return False
    try:
        head.decode("utf-8")
    except UnicodeDecodeError:
        converted = head.decode("gb18030", "replace").encode("utf-8")
        tables = (_table(converted, d, options) for d in _delimiters(options))
        return any(_by_header(table, options, display) is not None for table in tables)
    return False


# --- columns by content ---------------------------------------------------------------------------


def _by_content(tables: list[_Table], options: ReadOptions, display: str) -> Layout | None:
    """The layout of a file without known headings: columns whose cells are what they should be."""
    for table in (t for t in tables if t.content):
        first = table.content[0]
        width = len(first.cells)
        names = _asked(options.name_column, width) or _columns(table.content, width, is_name)
        addresses = _asked(options.ip_column, width) or _columns(table.content, width, is_ipv4)
        if width < 2 or not names or not addresses:
            continue
        headings = [f"column {i + 1}" for i in range(width)]
        ip, name = _one(addresses, headings, "ip", display), _one(names, headings, "name", display)
        _stop_at_one_column(ip, name)
        numbered = options.ip_column or options.name_column
        if numbered and not is_address_like(_text(first, ip)):
            return Layout("csv", table.delimiter, ip, name, width, first.start, first.following)
        return Layout("csv", table.delimiter, ip, name, width)
    return None


def _asked(column: str, width: int) -> list[int]:
    return [int(column) - 1] if column.isdecimal() and 1 <= int(column) <= width else []


def _columns(rows: Sequence[Row], width: int, fits: Callable[[str], bool]) -> list[int]:
    return [i for i in range(width) if _fits(rows, i, fits)]


def _fits(rows: Sequence[Row], column: int, fits: Callable[[str], bool]) -> bool:
    """Whether at least 80 % of the non-empty cells of a column are what they should be."""
    cells = [text for row in rows if (text := _text(row, column))]
    return bool(cells) and sum(map(fits, cells)) >= _SHARE * len(cells)


def _text(row: Row, column: int) -> str:
    """One cell; empty where the row has no such cell."""
    return row.cells[column].value.decode("utf-8", "surrogateescape") if column < len(row.cells) else ""


def _quoted(heading: str) -> str:
    return shown(heading, 60)


def _listed(columns: Iterable[int], headings: list[str]) -> str:
    """The first twelve headings, quoted, with their numbers."""
    named = [f"{i + 1} {_quoted(headings[i])}" for i in columns]
    return ", ".join(named[:12]) + (f" and {len(named) - 12} more" if len(named) > 12 else "")
