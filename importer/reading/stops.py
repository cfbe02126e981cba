"""Tables whose columns cannot be told: each way to fail, with what was found and what settles it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

from importer.columns.forms import is_ipv4
from importer.errors import InputError, UsageError
from importer.language import said
from importer.reading.headings import Role, normal
from importer.reading.options import ReadOptions
from importer.reading.quoted import Row
from importer.reading.tables import Table, listed, named_delimiter, quoted, text_of, texts_of


class SeveralColumns(InputError):
    """Several columns may have one role."""


def only_one(columns: list[int], headings: list[str], role: Role) -> int:
    """The one candidate for a role. Raises SeveralColumns where there are several."""
    if len(columns) > 1:
        kind = "name" if role == "name" else "address"
        raise SeveralColumns(
            said(
                "has {number} {kind} columns: {columns}",
                number=len(columns),
                kind=kind,
                columns=listed(columns, headings),
            ),
            hint=said(
                "choose with --{role}-column {columns}, or another heading or number",
                role=role,
                columns=columns[0] + 1,
            ),
        )
    return columns[0]


def stop_at_one_column(ip: int, name: int) -> None:
    """Raise UsageError where one column was asked for in both roles."""
    if ip == name:
        raise UsageError(
            said("--ip-column and --name-column are both column {ip}", ip=ip + 1),
            hint="each role needs a column of its own",
        )


def stop_at_missing_columns(tables: Sequence[Table], options: ReadOptions) -> None:
    """Raise InputError where a column was asked for that no table has."""
    rows = [row for table in tables for row in table.rows]
    for role, wanted in (("ip", options.ip_column), ("name", options.name_column)):
        if wanted.isdecimal():
            if not 1 <= int(wanted) <= max((len(row.cells) for row in rows), default=0):
                raise InputError(
                    said("has no column {wanted} for --{role}-column", wanted=wanted, role=role),
                    hint="columns are numbered from 1",
                )
        elif wanted and not any(normal(text) == normal(wanted) for row in rows for text in texts_of(row)):
            raise InputError(
                said("has no heading {wanted} for --{role}-column", wanted=quoted(wanted), role=role),
                hint="write the heading as it is in the file, or give the number of the column, from 1",
            )


def stop_at_no_header(line: str) -> NoReturn:
    """Raise InputError where the line of `--header` does not begin a row with cells."""
    raise InputError(
        said("has no row that begins in line {line}, where --header says that the header is", line=line),
        hint="give the physical line of the header, or --header none",
    )


def stop_at_half_a_header(headings: list[str], below: Sequence[Row], lacking: Role) -> NoReturn:
    """Raise InputError for a header without a column for one role, with the first value of each column."""
    kind = "an address" if lacking == "ip" else "a name"
    told = listed(range(len(headings)), headings)
    if lacking == "ip" and not any(is_ipv4(text) for row in below for text in texts_of(row)):
        raise InputError(
            said(
                "has a header without an address column, and no column holds a single IPv4 address: {told}",
                told=told,
            ),
            hint="add a column with the address of each host",
        )
    firsts = [next((text for row in below if (text := text_of(row, i))), "") for i in range(len(headings))]
    told = ", ".join(
        said("{i} {heading} (first value {first})", i=i + 1, heading=quoted(heading), first=quoted(first))
        for i, (heading, first) in enumerate(zip(headings[:_MOST], firsts, strict=False))
    )
    raise InputError(
        said("has a header without {kind} column: {told}", kind=kind, told=told),
        hint=said("say which column it is with --{lacking}-column", lacking=lacking),
    )


_MOST = 12
"""Columns that are named."""


def stop_at_unclear_columns(table: Table) -> None:
    """Raise InputError where most rows have several cells; they are not shown, as they may be secrets."""
    if table.content and 2 * sum(len(row.cells) > 1 for row in table.content) > len(table.content):
        raise InputError(
            said(
                "is delimited by {delimiter}, but does not show which columns are names and addresses",
                delimiter=quoted(named_delimiter(table.delimiter)),
            ),
            hint="name them with --name-column and --ip-column, each a heading or a number from 1",
        )
