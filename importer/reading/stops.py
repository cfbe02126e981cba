"""Delimited text whose columns cannot be told: each way to fail, with what was found and what settles it."""

from __future__ import annotations

from importer.columns.forms import is_address_like
from importer.errors import InputError, UsageError
from importer.reading.headings import Role, normal
from importer.reading.options import ReadOptions
from importer.reading.quoted import Row
from importer.reading.tables import Table, candidates, listed, quoted, text_of, texts_of


def only_one(columns: list[int], headings: list[str], role: Role, display: str) -> int:
    """The one candidate for a role. Raises InputError where there are several."""
    if len(columns) > 1:
        kind = "name" if role == "name" else "address"
        raise InputError(
            f"has {len(columns)} {kind} columns: {listed(columns, headings)}",
            source=display,
            hint=f"settle it with --{role}-column {columns[0] + 1}, or another heading or number",
        )
    return columns[0]


def stop_at_unclear_columns(table: Table, display: str) -> None:
    """Rows of cells of which nothing tells the names and the addresses; the cells may be secrets."""
    if table.content and 2 * sum(len(row.cells) > 1 for row in table.content) > len(table.content):
        raise InputError(
            f"is delimited by {quoted(chr(table.delimiter))}, but which columns are names and addresses "
            "does not show",
            source=display,
            hint="say --name-column and --ip-column, each a heading or a number from 1",
        )


def stop_at_one_column(ip: int, name: int) -> None:
    """Raise UsageError where one column was asked for in both roles."""
    if ip == name:
        raise UsageError(
            f"--ip-column and --name-column are both column {ip + 1}",
            hint="each role needs a column of its own",
        )


def stop_at_missing_column(role: str, wanted: str, tables: list[Table], display: str) -> None:
    """A column that was asked for by heading or number and is nowhere in the file."""
    rows = [row for table in tables for row in table.rows]
    if wanted.isdecimal():
        if not 1 <= int(wanted) <= max((len(row.cells) for row in rows), default=0):
            raise InputError(
                f"has no column {wanted} for --{role}-column",
                source=display,
                hint="columns are numbered from 1",
            )
    elif wanted and not any(normal(text) == normal(wanted) for row in rows for text in texts_of(row)):
        raise InputError(
            f"has no heading {quoted(wanted)} for --{role}-column",
            source=display,
            hint="write the heading as the file does, or give the column's number from 1",
        )


def stop_at_half_a_header(table: Table, options: ReadOptions, display: str) -> None:
    """A known heading for one role alone is a header that lacks the other column."""
    if options.ip_column.isdecimal() and options.name_column.isdecimal():
        return
    for row in [r for r in table.rows if not r.comment]:
        headings = texts_of(row)
        if len(headings) < 2 or any(is_address_like(h) for h in headings):
            continue
        names = candidates(
            headings, "name", options.name_column if not options.name_column.isdecimal() else ""
        )
        addresses = candidates(headings, "ip", options.ip_column if not options.ip_column.isdecimal() else "")
        if bool(names) == bool(addresses) or _is_repeated(table, row, (names or addresses)[0]):
            continue
        if (names and options.ip_column.isdecimal()) or (addresses and options.name_column.isdecimal()):
            continue
        lacking: Role = "ip" if names else "name"
        raise InputError(
            f"has a header without {'an address' if lacking == 'ip' else 'a name'} column: "
            f"{listed(range(len(headings)), headings)}",
            source=display,
            hint=f"say which column it is with --{lacking}-column",
        )


def _is_repeated(table: Table, row: Row, column: int) -> bool:
    """Whether other rows have the same text in a column, as no heading does."""
    text = text_of(row, column)
    return any(text_of(other, column) == text for other in table.content if other.start != row.start)
