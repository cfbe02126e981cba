"""Which kind of file is this, and where in it are names and addresses? Decided from its beginning.

`detect` asks the questions of `_QUESTIONS` one after the other. Each is a function that looks at the
beginning of the file and answers with a layout, or with None, and then the next question is asked; or it
stops with an InputError that says what the file looks like and what to do. Their order is the contract.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import islice

from importer.columns.forms import address_code, is_form_of_address, is_ipv4
from importer.errors import InputError, UsageError
from importer.language import said
from importer.reading.headings import role_of
from importer.reading.layout import (
    FileLayout,
    layout_by_content,
    layout_by_half_a_header,
    layout_by_header,
    layout_of_line,
)
from importer.reading.options import ReadOptions
from importer.reading.quoted import BLANKS
from importer.reading.stops import stop_at_missing_columns, stop_at_unclear_columns
from importer.reading.tables import CONTENT_LINES, HEADER_ROWS, Table, delimiters, headed_rows, table_of
from importer.reading.unknown import refuse_at_once, refuse_binary, refuse_known
from importer.shown import shown

_MAX_DIGITS = 9


@dataclass(frozen=True)
class Beginning:
    """The beginning of a file, and what the user said about it."""

    head: bytes
    """Whole lines."""
    options: ReadOptions

    @cached_property
    def lines(self) -> list[bytes]:
        """The first 100 lines with content."""
        return content_lines(self.head)

    @cached_property
    def tables(self) -> list[Table]:
        """The first rows under each delimiter that comes into question."""
        return [table_of(self.head, delimiter, self.options) for delimiter in self.delimiters]

    @property
    def delimiters(self) -> bytes:
        """The delimiters that come into question. Raises UsageError."""
        return delimiters(self.options)

    @property
    def asks_for_headings(self) -> bool:
        """Whether the user named a column by its heading."""
        named = (self.options.ip_column, self.options.name_column)
        return any(column and not column.isdecimal() for column in named)

    @property
    def is_said_to_be_a_table(self) -> bool:
        """Whether the user named a delimiter or a column, which only delimited text has."""
        options = self.options
        return bool(options.delimiter or options.ip_column or options.name_column or options.header)


def detect(head: bytes, options: ReadOptions, *, complete: bool) -> FileLayout:
    """The layout of a file that begins with these bytes. Raises InputError where there is none.

    `complete` says that the head is the whole file.
    """
    refuse_binary(head)
    _refuse_long_numbers(options)
    if not complete:  # the last line may be cut
        head = head[: head.rfind(b"\n") + 1]
    beginning = Beginning(head, options)
    for question in _QUESTIONS:
        layout = question(beginning)
        if layout is not None:
            return layout
    raise InputError(
        "is neither hosts syntax nor delimited text with a name and an IPv4 address in each row",
        hint="give it a header such as ip,name, or use --from, --delimiter, --ip-column or --name-column",
    )


# --- the questions --------------------------------------------------------------------------------


def _said_to_be_hosts(file: Beginning) -> FileLayout | None:
    """Did the user say that it is hosts syntax?"""
    if file.options.syntax != "hosts":
        return None
    if file.is_said_to_be_a_table:
        raise UsageError(
            "--delimiter, --header, --ip-column and --name-column are for delimited text, "
            "not for --from hosts"
        )
    return _hosts_layout(file)


def _only_comments(file: Beginning) -> FileLayout | None:
    """Are there only blanks and comments?"""
    return FileLayout("hosts") if not file.lines and file.options.syntax != "csv" else None


def _header(file: Beginning) -> FileLayout | None:
    """Is there a header, and is it where the user says?"""
    if file.options.header == "none":
        return None
    if file.options.header:
        return _header_of_line(file)
    for delimiter in file.delimiters:
        first = table_of(file.head, delimiter, file.options, HEADER_ROWS)
        whole = partial(table_of, file.head, delimiter, file.options, CONTENT_LINES)
        layout = layout_by_header(first.rows, whole, file.options)
        if layout is None and file.asks_for_headings:
            # a heading that the user gave may stand far below
            layout = layout_by_header(headed_rows(file.head, delimiter, file.options), whole, file.options)
        if layout is not None:
            return layout
    return None


def _header_of_line(file: Beginning) -> FileLayout | None:
    """The layout with the header in the line that the user says, by the delimiter that splits it most."""
    start = _start_of_line(file.head, int(file.options.header))
    rows = {
        delimiter: next(
            (row for row in headed_rows(file.head, delimiter, file.options) if row.start == start), None
        )
        for delimiter in file.delimiters
    }
    best = max(rows, key=lambda delimiter: len(row.cells) if (row := rows[delimiter]) else 0)
    below = (row for row in headed_rows(file.head, best, file.options) if row.start > start)
    return layout_of_line(rows[best], Table(best, (), tuple(islice(below, CONTENT_LINES))), file.options)


def _start_of_line(head: bytes, number: int) -> int:
    """Where the line of this number begins; the end of the text if it has fewer lines."""
    start = 0
    for _ in range(number - 1):
        start = head.find(b"\n", start) + 1
        if not start:
            return len(head)
    return start


def _header_in_gb18030(file: Beginning) -> FileLayout | None:
    """Is it not UTF-8, and is there a header when it is read as GB18030?"""
    if file.options.encoding or file.head.isascii():
        return None
    try:
        file.head.decode("utf-8")
    except UnicodeDecodeError:
        converted = Beginning(file.head.decode("gb18030", "replace").encode("utf-8"), file.options)
        return FileLayout("csv", encoding="gb18030") if _header(converted) is not None else None
    return None


def _hosts(file: Beginning) -> FileLayout | None:
    """Do at least half of the lines begin with a form of address and another token?

    An inventory with `[group]` lines has such lines too, so it is looked for first.
    """
    if file.is_said_to_be_a_table or file.options.syntax:
        return None
    refuse_at_once(file.lines)
    fitting = sum(map(_is_hosts_line, file.lines)) + (_hosts_header(file) >= 0)
    if fitting:  # among good lines, those with a literal \\t or \\n are faults and not another kind of file
        fitting += sum(b"\\t" in line and _is_hosts_line(line.replace(b"\\t", b" ")) for line in file.lines)
    return _hosts_layout(file) if 2 * fitting >= len(file.lines) > 0 else None


def _hosts_layout(file: Beginning) -> FileLayout:
    local = sum(_is_on_local_address(line) for line in file.lines)
    blocks = local >= _BLOCK_LIST and 2 * local > len(file.lines)
    return FileLayout("hosts", header_at=_hosts_header(file), block_list=blocks)


def _hosts_header(file: Beginning) -> int:
    """Offset of the first line with content if it is an address heading and a name heading; else -1."""
    if not file.lines:
        return -1
    words = file.lines[0].decode("utf-8", "replace").split()
    if len(words) != 2 or role_of(words[0]) != "ip" or role_of(words[1]) != "name":
        return -1
    found = _CONTENT_LINE.search(file.head)
    return found.start() if found else -1


_BLOCK_LIST = 20
"""Lines on local addresses, at the least, that make a block list."""


def _nothing_in_a_table(file: Beginning) -> FileLayout | None:
    """Is it delimited text, as the user says, without any row?"""
    return None if file.lines else FileLayout("csv", file.delimiters[0], name=1, width=2)


def _asked_columns(file: Beginning) -> None:
    """Are the columns there that the user named?"""
    stop_at_missing_columns(file.tables, file.options)


def _half_a_header(file: Beginning) -> FileLayout | None:
    """Is there a known heading for one of the two columns, and do the cells show the other one?"""
    for table in file.tables:
        layout = layout_by_half_a_header(table, file.options)
        if layout is not None:
            return layout
    return None


def _columns_by_content(file: Beginning) -> FileLayout | None:
    """Do the cells show which columns are names and addresses?"""
    return layout_by_content(file.tables, file.options)


def _known_kind(file: Beginning) -> None:
    """Is it a known kind of file that is not a host list?"""
    refuse_known(file.lines)


def _unclear_columns(file: Beginning) -> None:
    """Is it delimited text at all?"""
    for table in file.tables:
        stop_at_unclear_columns(table)


_QUESTIONS: tuple[Callable[[Beginning], FileLayout | None], ...] = (
    _said_to_be_hosts,
    _only_comments,
    _header,
    _header_in_gb18030,
    _hosts,
    _nothing_in_a_table,
    _asked_columns,
    _half_a_header,
    _columns_by_content,
    _known_kind,
    _unclear_columns,
)


# --- tables of cells ------------------------------------------------------------------------------


def detect_cells(table: Table, options: ReadOptions, name: str) -> FileLayout:
    """The layout of a table that is not text, as that of a workbook. Raises InputError where there is none.

    The same questions about a header and about the cells; offsets are numbers of rows. `name` is what the
    user calls the file.
    """
    _refuse_long_numbers(options)
    if options.syntax not in ("", "csv"):
        raise UsageError(
            said("--from {syntax} is for text, and {name} is a table", syntax=options.syntax, name=name),
            hint="leave --from out",
        )
    if options.header and options.header != "none":
        number = int(options.header)
        row = next((row for row in table.content if row.start == number), None)
        return layout_of_line(row, table, options)
    layout = None if options.header else layout_by_header(table.rows, lambda _: table, options)
    if layout is None and not table.content:
        return FileLayout("csv", name=1, width=2)
    if layout is None:
        stop_at_missing_columns([table], options)
        layout = layout_by_half_a_header(table, options) or layout_by_content([table], options)
    if layout is None:
        raise InputError(
            "has rows, but does not show which columns are names and IPv4 addresses",
            hint="name them with --name-column and --ip-column, each a heading or a number from 1",
        )
    return layout


# --- parts of the questions -----------------------------------------------------------------------


def _is_line_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= _MAX_DIGITS and int(text) > 0


def _refuse_long_numbers(options: ReadOptions) -> None:
    header = options.header
    if header not in ("", "none") and not _is_line_number(header):
        told = said("--header {header} is neither a line from 1 nor none", header=shown(header, 20))
        raise UsageError(told, hint="number lines from 1")
    for column in (options.ip_column, options.name_column):
        if column.isdecimal() and len(column) > _MAX_DIGITS:
            raise UsageError("a column number has too many digits", hint="columns are numbered from 1")


def content_lines(head: bytes) -> list[bytes]:
    """The first 100 lines that are neither blank nor comment, without their outer blanks."""
    found = islice(_CONTENT_LINE.finditer(head), CONTENT_LINES)
    return [match[0].strip(BLANKS) for match in found]


_CONTENT_LINE = re.compile(rb"^[ \t\v\f\r]*[^# \t\v\f\r\n][^\n]*", re.MULTILINE)


def _is_on_local_address(line: bytes) -> bool:
    """Whether a line begins with a local address and another token."""
    tokens = line.split(b"#")[0].split(maxsplit=2)
    if len(tokens) < 2:
        return False
    text = tokens[0].decode("utf-8", "replace")
    return address_code(text) == "A210" or (is_ipv4(text) and _LOCAL.match(text) is not None)


_LOCAL = re.compile(r"127\.|0\.0\.0\.0\Z|255\.255\.255\.255\Z")


def _is_hosts_line(line: bytes) -> bool:
    """Whether a line begins with a form of address and another token."""
    tokens = line.split(b"#")[0].split(maxsplit=2)
    return len(tokens) > 1 and is_form_of_address(tokens[0].decode("utf-8", "replace"))
