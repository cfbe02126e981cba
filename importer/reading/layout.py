"""How a file is read, and the ways to find out which columns it has: from a header, and from its cells."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from importer.columns.batch import Note
from importer.columns.forms import is_address_like, is_ipv4, is_name
from importer.columns.understood import Column, Understood
from importer.language import Text, said
from importer.reading.headings import MANAGEMENT_IP, SERVICE_IP, Role, normal
from importer.reading.options import ReadOptions
from importer.reading.quoted import Row
from importer.reading.stops import only_one, stop_at_half_a_header, stop_at_no_header, stop_at_one_column
from importer.reading.tables import (
    HEADER_ROWS,
    Table,
    asked_column,
    candidates,
    column_fits,
    columns_that_fit,
    text_of,
    texts_of,
)

_PLACEHOLDERS = frozenset({"n/a", "na", "tbd", "none", "null", "nil", "-", "?", "unknown"})
"""What stands in an address cell without an address; a heading is none of these."""


class Chosen(NamedTuple):
    """A choice among columns, which a finding tells."""

    taken: str
    """Heading of the column that was taken."""
    others: tuple[str, ...]
    """Headings of the columns that were not taken; none where the cells alone settled it."""
    role: Role = "ip"


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
    """Offset behind the header, or behind the rows above the first one that is wide enough."""
    headings: tuple[str, ...] = ()
    """Cells of the header."""
    encoding: str = ""
    """Set where the content shows another encoding than it was read in. Then only this field is set, and
    the text must be looked at again in that encoding."""
    chosen: Chosen | None = None
    passed_over: tuple[int, ...] = ()
    """Columns that could have been taken for the address and were not."""
    assumed: bool = False
    """Whether the header has no known headings, and only its address cell shows that it is one."""
    block_list: bool = False
    """Whether most lines of hosts syntax put a name on a local address."""

    def choice(self, at: int) -> tuple[Note, ...]:
        """R105 at a position, where a choice among columns has to be told."""
        if self.chosen is None:
            return ()
        facts = {"taken": Text(self.chosen.taken), "others": tuple(map(Text, self.chosen.others))}
        cause = "" if self.chosen.others else f"content_{self.chosen.role}"
        return (Note("R105", at, facts, cause=cause),)

    @property
    def hash_heading(self) -> bool:
        """Whether the first heading has a `#`, so that rows with one are no surprise."""
        return bool(self.headings) and self.headings[0].lstrip().startswith("#")

    def understood(self, delimiter: str | None, header: int | None, sheet: str | None = None) -> Understood:
        """What a report tells of it; `header` is the physical line, or row, of the header."""
        name, ip = self._column(self.name, "name"), self._column(self.ip, "ip")
        others = tuple(self._column(i, "ip") for i in self.passed_over)
        return Understood(delimiter, header, name, ip, others, sheet)

    def _column(self, column: int, role: Role) -> Column:
        heading = self.headings[column] if column < len(self.headings) else None
        return Column(column + 1, heading, role)


# --- by a header ----------------------------------------------------------------------------------


def layout_by_header(
    rows: Iterable[Row], whole: Callable[[int], Table], options: ReadOptions
) -> FileLayout | None:
    """The layout that the first row with both headings gives; None if no row has them.

    `whole` makes the table with the rows below it, of which so many cells matter.
    Raises InputError where several columns have one role.
    """
    for row in rows:
        headings = texts_of(row)
        found = _both(headings, options)
        if found is None or any(map(is_ipv4, headings)):
            continue
        table = whole(len(headings))
        if row.comment and not _heads_the_next(row, table, found[1]):
            continue
        return _headed(row, table, options, *found)
    return None


def _both(headings: list[str], options: ReadOptions) -> tuple[list[int], list[int]] | None:
    """Columns of names and of addresses, where a row has a heading for both roles; else None.

    A column asked for by its number needs no known heading, if the other role has one.
    """
    named = _by_heading(headings, "name", options.name_column)
    addressed = _by_heading(headings, "ip", options.ip_column)
    by_number = [column.isdecimal() for column in (options.name_column, options.ip_column)]
    if not (named or (by_number[0] and not by_number[1])) or not (
        addressed or (by_number[1] and not by_number[0])
    ):
        return None
    width = len(headings)
    names = asked_column(options.name_column, width) if by_number[0] else named
    addresses = asked_column(options.ip_column, width) if by_number[1] else addressed
    return (names, addresses) if names and addresses else None


def _heads_the_next(header: Row, table: Table, addresses: list[int]) -> bool:
    """Whether a comment is the header: no row with content above it, and in the row below it, the column that
    it names for addresses holds a form of address."""
    if not table.content or table.content[0].start < header.start:
        return not table.content
    return any(is_address_like(text_of(table.content[0], column)) for column in addresses)


def _headed(
    row: Row, table: Table, options: ReadOptions, names: list[int], addresses: list[int]
) -> FileLayout:
    headings = texts_of(row)
    below = [other for other in table.content if other.start > row.start]
    name = only_one(names, headings, "name")
    ip, others, chosen = _one_address(addresses, headings, below, options)
    stop_at_one_column(ip, name)
    return _with_header(row, table.delimiter, ip, name)._replace(
        chosen=Chosen(headings[ip], tuple(headings[i] for i in others)) if chosen else None,
        passed_over=tuple(others),
    )


def _with_header(row: Row, delimiter: int, ip: int, name: int) -> FileLayout:
    return FileLayout(
        "csv",
        delimiter,
        ip,
        name,
        width=len(row.cells),
        header_at=row.start,
        header_end=row.following,
        headings=tuple(texts_of(row)),
    )


def _one_address(
    columns: list[int], headings: list[str], below: list[Row], options: ReadOptions
) -> tuple[int, list[int], bool]:
    """The address column, the other columns that hold addresses, and whether a finding must name them."""
    found = [normal(headings[i]) for i in columns]
    others = [i for i in range(len(headings)) if column_fits(below, i, is_ipv4)]
    if options.ip_column:
        taken = only_one(columns, headings, "ip")
        return taken, [i for i in others if i != taken], False
    if sorted(found) == sorted([SERVICE_IP, MANAGEMENT_IP]):
        taken = columns[found.index(SERVICE_IP)]
        return taken, [i for i in range(len(headings)) if i != taken and i in {*others, *columns}], True
    taken = only_one(columns, headings, "ip")
    others = [i for i in others if i != taken]
    return taken, others, bool(others)


def layout_of_line(row: Row | None, table: Table, options: ReadOptions) -> FileLayout:
    """The layout of a table whose header is where the user says. Raises InputError."""
    if row is None:
        stop_at_no_header(options.header)
    headings = texts_of(row)
    below = [other for other in table.content if other.start > row.start]
    names = candidates(headings, "name", options.name_column)
    addresses = candidates(headings, "ip", options.ip_column)
    names = names or [i for i in columns_that_fit(below, len(headings), is_name) if i not in addresses]
    addresses = addresses or columns_that_fit(below, len(headings), is_ipv4)
    if not names or not addresses:
        stop_at_half_a_header(headings, below, "name" if not names else "ip")
    return _headed(row, table, options, names, addresses)


def layout_by_half_a_header(table: Table, options: ReadOptions) -> FileLayout | None:
    """The layout of a table with a known heading for one role, where exactly one column fits the other one.

    Raises InputError where none or several do.
    """
    if options.header or (options.ip_column.isdecimal() and options.name_column.isdecimal()):
        return None
    for row in table.rows:
        headings = texts_of(row)
        if row.comment or len(headings) < 2 or any(map(is_address_like, headings)):
            continue
        names = _by_heading(headings, "name", options.name_column)
        addresses = _by_heading(headings, "ip", options.ip_column)
        if bool(names) == bool(addresses) or _is_repeated(table, row, (names or addresses)[0]):
            continue
        lacking: Role = "ip" if names else "name"
        wanted = options.ip_column if names else options.name_column
        if wanted.isdecimal():
            continue  # the other column is given by its number
        below = [other for other in table.content if other.start > row.start]
        fits = is_ipv4 if names else is_name
        taken = names or addresses
        fitting = [i for i in columns_that_fit(below, len(headings), fits) if i not in taken]
        if wanted or len(fitting) != 1:
            stop_at_half_a_header(headings, below, lacking)
        name, ip = (
            only_one(names or fitting, headings, "name"),
            only_one(addresses or fitting, headings, "ip"),
        )
        chosen = Chosen(headings[fitting[0]], (), lacking)
        return _with_header(row, table.delimiter, ip, name)._replace(chosen=chosen)
    return None


def _by_heading(headings: list[str], role: Role, wanted: str) -> list[int]:
    """Columns that may have the role by their headings, whatever number was asked for."""
    return candidates(headings, role, "" if wanted.isdecimal() else wanted)


def _is_repeated(table: Table, row: Row, column: int) -> bool:
    """Whether another row has the same text in a column; a heading stands there once."""
    text = text_of(row, column)
    return any(
        text_of(other, column) == text and texts_of(other) != texts_of(row)
        for other in table.content
        if other.start != row.start
    )


# --- by the cells ---------------------------------------------------------------------------------


def layout_by_content(tables: Sequence[Table], options: ReadOptions) -> FileLayout | None:
    """The layout of the first table in which the cells show the columns; None if no table has them.

    Raises InputError where several columns fit one role.
    """
    for table in tables:
        if not table.content:
            continue
        first = next(_wide_enough(table, options), table.content[0])
        width = len(first.cells)
        rows = _without_single_cells_at_end(table.content)
        names = asked_column(options.name_column, width) or columns_that_fit(rows, width, is_name)
        addresses = asked_column(options.ip_column, width) or columns_that_fit(rows, width, is_ipv4)
        if width < 2 or not names or not addresses:
            continue
        headings = [said("column {i}", i=i + 1) for i in range(width)]
        ip, name = only_one(addresses, headings, "ip"), only_one(names, headings, "name")
        stop_at_one_column(ip, name)
        numbered = bool(options.ip_column or options.name_column)
        if numbered and not options.header and _is_heading(text_of(first, ip)):
            return _with_header(first, table.delimiter, ip, name)._replace(assumed=True)
        above = first.start if numbered and first in table.content[:HEADER_ROWS] else 0
        return FileLayout("csv", table.delimiter, ip, name, width, header_end=above)
    return None


def _without_single_cells_at_end(rows: Sequence[Row]) -> Sequence[Row]:
    """The rows without those at the end that have one filled cell, as a footer has."""
    end = len(rows)
    while end > 1 and sum(bool(cell.value) for cell in rows[end - 1].cells) == 1:
        end -= 1
    return rows[:end]


def _wide_enough(table: Table, options: ReadOptions) -> Iterator[Row]:
    """The rows that have the columns which were asked for by number."""
    numbers = [int(column) for column in (options.ip_column, options.name_column) if column.isdecimal()]
    return (row for row in table.content if len(row.cells) >= max(numbers, default=0))


def _is_heading(cell: str) -> bool:
    """Whether the address cell of a first row shows that the row is a header."""
    digit = any(char.isdigit() for char in cell)
    return bool(cell) and not digit and cell.lower() not in _PLACEHOLDERS
