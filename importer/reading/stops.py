"""Tables whose columns cannot be told: each way to fail, with what was found and what settles it."""

from __future__ import annotations

from collections.abc import Sequence

from importer.columns.forms import is_address_like
from importer.errors import InputError, UsageError
from importer.reading.headings import Role, normal
from importer.reading.options import ReadOptions
from importer.reading.quoted import Row
from importer.reading.tables import Table, candidates, listed, quoted, text_of, texts_of


class SeveralColumns(InputError):
    """Several columns may have one role."""


def only_one(columns: list[int], headings: list[str], role: Role) -> int:
    """The one candidate for a role. Raises SeveralColumns where there are several."""
    if len(columns) > 1:
        kind = "name" if role == "name" else "address"
        raise SeveralColumns(
            f"has {len(columns)} {kind} columns: {listed(columns, headings)}",
            hint=f"choose with --{role}-column {columns[0] + 1}, or another heading or number",
        )
    return columns[0]


def stop_at_one_column(ip: int, name: int) -> None:
    """Raise UsageError where one column was asked for in both roles."""
    if ip == name:
        raise UsageError(
            f"--ip-column and --name-column are both column {ip + 1}",
            hint="each role needs a column of its own",
        )


def stop_at_missing_columns(tables: Sequence[Table], options: ReadOptions) -> None:
    """Raise InputError where a column was asked for that no table has."""
    rows = [row for table in tables for row in table.rows]
    for role, wanted in (("ip", options.ip_column), ("name", options.name_column)):
        if wanted.isdecimal():
            if not 1 <= int(wanted) <= max((len(row.cells) for row in rows), default=0):
                raise InputError(
                    f"has no column {wanted} for --{role}-column", hint="columns are numbered from 1"
                )
        elif wanted and not any(normal(text) == normal(wanted) for row in rows for text in texts_of(row)):
            raise InputError(
                f"has no heading {quoted(wanted)} for --{role}-column",
                hint="write the heading as it is in the file, or give the number of the column, from 1",
            )


def stop_at_half_a_header(table: Table, options: ReadOptions) -> None:
    """Raise InputError for a header with a known heading for one role and none for the other."""
    if options.ip_column.isdecimal() and options.name_column.isdecimal():
        return
    for row in table.rows:
        headings = texts_of(row)
        if row.comment or len(headings) < 2 or any(map(is_address_like, headings)):
            continue
        names = _by_heading(headings, "name", options.name_column)
        addresses = _by_heading(headings, "ip", options.ip_column)
        if bool(names) == bool(addresses) or _is_repeated(table, row, (names or addresses)[0]):
            continue
        lacking: Role = "ip" if names else "name"
        if (options.ip_column if names else options.name_column).isdecimal():
            continue  # the other column is given by its number
        raise InputError(
            f"has a header without {'an address' if lacking == 'ip' else 'a name'} column: "
            f"{listed(range(len(headings)), headings)}",
            hint=f"say which column it is with --{lacking}-column",
        )


def _by_heading(headings: list[str], role: Role, wanted: str) -> list[int]:
    """Columns that may have the role by their headings, whatever number was asked for."""
    return candidates(headings, role, "" if wanted.isdecimal() else wanted)


def _is_repeated(table: Table, row: Row, column: int) -> bool:
    """Whether another row has the same text in a column; a heading stands there once."""
    text = text_of(row, column)
    return any(text_of(other, column) == text for other in table.content if other.start != row.start)


def stop_at_unclear_columns(table: Table) -> None:
    """Raise InputError where most rows have several cells; they are not shown, as they may be secrets."""
    if table.content and 2 * sum(len(row.cells) > 1 for row in table.content) > len(table.content):
        raise InputError(
            f"is delimited by {quoted(chr(table.delimiter))}, but does not show which columns are names "
            "and addresses",
            hint="say --name-column and --ip-column, each a heading or a number from 1",
        )
