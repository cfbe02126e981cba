"""Where the header of delimited text is, and which columns hold addresses and names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from oracle.addresses import ipv4, is_form_of_address
from oracle.cells import Item, item_at, items
from oracle.headings import (
    MANAGEMENT,
    SERVICE,
    compared,
    is_address_heading,
    is_name_heading,
)
from oracle.model import Options, Stop
from oracle.names import is_valid_name

FIRST_ROWS = 10
CONTENT_ROWS = 100
FIRST_BYTES = 1 << 20
NO_ADDRESS = ("n/a", "na", "tbd", "none", "null", "nil", "-", "?", "unknown")
"""R113: an address cell that is one of these does not make a header of its row."""


@dataclass(frozen=True)
class Layout:
    """How a file of delimited text is laid out."""

    delimiter: str
    ip: int
    name: int
    header_at: int | None = None
    body_at: int = 0
    """Rows that start before this offset stand above the header, or above the first wide row."""
    header: list[str] = field(default_factory=list)
    width: int | None = None
    """The header's; without a header it is the first row's."""
    notes: tuple[tuple[str, int], ...] = ()

    @property
    def first_heading(self) -> str:
        """The heading of the first column."""
        return self.header[0] if self.header else ""

    def headed(self, item: Item) -> Layout:
        """The same with this row for its header."""
        return replace(
            self, header_at=item.start, body_at=item.start, header=item.texts(), width=len(item.cells)
        )


def layout_of(text: str, options: Options) -> Layout:
    """What the caller says, or what the contract finds."""
    delimiter = options.delimiter
    if options.find:
        return found_layout(text, delimiter, options)
    told = Layout(delimiter, options.ip_column, options.name_column)
    if not options.header:
        return told
    for item in items(text, delimiter):
        whole = as_row(text, item, delimiter)
        if whole.kind == "row":
            return told.headed(whole)
    return replace(told, body_at=len(text) + 1)


def as_row(text: str, item: Item, delimiter: str) -> Item:
    """A comment as the row it would be if it were the header."""
    if item.kind != "comment":
        return item
    return item_at(text, item.start, delimiter, is_header=True)[0]


# -- the header


def found_layout(text: str, delimiter: str, options: Options) -> Layout:
    """The header rule."""
    by_number = [given.isdigit() for given in (options.ip, options.name)]
    if options.header_at == "none":
        return without_header(text, delimiter, options)
    if options.header_at:
        return at_line(text, delimiter, options)
    for item, ip, name in headers(text, delimiter, options):
        layout = Layout(delimiter, ip, name).headed(item)
        return replace(layout, notes=tuple(columns_chosen(text, layout, options)))
    if all(by_number):
        return first_wide_row(text, delimiter, options)
    if any(by_number) or options.ip or options.name:
        raise Stop("a column that was given is not found")
    return by_content(text, delimiter)


def headers(text: str, delimiter: str, options: Options) -> Iterator[tuple[Item, int, int]]:
    """'The first of the first ten non-blank rows in which one cell is a known name heading and another a
    known address heading', with the columns of address and name; and those after it."""
    given = any(word and not word.isdigit() for word in (options.ip, options.name))
    rows = 0
    for item in items(text, delimiter):
        # 'a heading so given ... is looked for in the first 1 MiB, not in ten rows only'
        if item.start >= FIRST_BYTES if given else rows == FIRST_ROWS:
            return
        if item.kind == "blank":
            continue
        whole = as_row(text, item, delimiter)
        columns = header_columns(whole, options) if whole.kind == "row" else None
        if columns is not None and (
            item.kind == "row" or (rows == 0 and holds_next(text, whole, columns[0], delimiter))
        ):
            yield whole, *columns
        rows += item.kind != "comment"


def holds_next(text: str, header: Item, ip: int, delimiter: str) -> bool:
    """'A `#` line can be the header only if ... the next row has a form of address in the column that it
    names.'"""
    for item in items(text, delimiter, header.start):
        if item.start > header.start and item.kind in ("row", "bad"):
            return ip < len(item.cells) and is_form_of_address(item.cells[ip].text)
    return False


def header_columns(item: Item, options: Options) -> tuple[int, int] | None:
    """The columns that the headings of a row name, or nothing if the row is not a header."""
    texts = item.texts()
    if any(map(is_form_of_address, texts)):
        return None
    ips = candidates(texts, options.ip, is_address_heading)
    names = candidates(texts, options.name, is_name_heading)
    known = any(map(is_address_heading, texts)) and any(map(is_name_heading, texts))
    if not ips or not names or (not known and options.ip.isdigit() and options.name.isdigit()):
        return None
    if len(ips) == 2 and {compared(texts[i]) for i in ips} == {SERVICE, MANAGEMENT}:
        ips = [i for i in ips if compared(texts[i]) == SERVICE]
    if len(ips) > 1 or len(names) > 1:
        raise Stop("two candidates for one role")
    return ips[0], names[0]


def candidates(texts: list[str], given: str, is_known: object) -> list[int]:
    """The columns of a row that may have a role: by number, by the given heading, or by a known one."""
    if given.isdigit():
        return [int(given) - 1] if int(given) <= len(texts) else []
    if given:
        return [i for i, text in enumerate(texts) if compared(text) == compared(given)]
    assert callable(is_known)
    return [i for i, text in enumerate(texts) if is_known(text)]


def columns_chosen(text: str, layout: Layout, options: Options) -> Iterator[tuple[str, int]]:
    """R105: 'of several columns that hold addresses one was taken', told at the header."""
    assert layout.header_at is not None
    if options.ip:
        return
    rows = [i for i in items(text, layout.delimiter, layout.header_at) if i.start > layout.header_at]
    rows = [i for i in rows if i.kind == "row"][:CONTENT_ROWS]
    fusion = any(compared(heading) == MANAGEMENT for heading in layout.header)
    others = [i for i in range(len(layout.header)) if i not in (layout.ip, layout.name)]
    if (fusion and compared(layout.header[layout.ip]) == SERVICE) or any(
        fits(column(rows, i), is_address) for i in others
    ):
        yield "R105", layout.header_at


# -- without known headings


def numbers(options: Options) -> tuple[int, int]:
    """0-based columns that were given by number."""
    if not (options.ip.isdigit() and options.name.isdigit()):
        raise Stop("without a header columns are given by number")
    return int(options.ip) - 1, int(options.name) - 1


def first_wide_row(text: str, delimiter: str, options: Options) -> Layout:
    """R113: 'the first row that is wide enough is a header only if its address cell is not empty, has no
    digit and is none of ...'."""
    ip, name = numbers(options)
    layout = without_header(text, delimiter, options)
    first = next(
        (i for i in items(text, delimiter) if i.kind == "row" and len(i.cells) > max(ip, name)), None
    )
    if first is None:
        return layout
    cell = first.cells[ip].text
    if cell == "" or any(c.isdigit() for c in cell) or cell.lower() in NO_ADDRESS:
        return layout
    return replace(layout.headed(first), notes=(("R113", first.start),))


def without_header(text: str, delimiter: str, options: Options) -> Layout:
    """'otherwise there is no header. Narrower rows above it are banner lines if among the first ten.'"""
    if not options.ip and not options.name:
        return by_content(text, delimiter)
    ip, name = numbers(options)
    layout = Layout(delimiter, ip, name)
    rows = [item for item in items(text, delimiter) if item.kind in ("row", "bad")]
    for number, item in enumerate(rows):
        if item.kind == "row" and len(item.cells) > max(ip, name):
            tenth = rows[FIRST_ROWS].start if number > FIRST_ROWS else item.start
            return replace(layout, body_at=tenth, width=len(item.cells))
    return layout


def at_line(text: str, delimiter: str, options: Options) -> Layout:
    """'`--header N` (a physical line) settles it.'"""
    for item in items(text, delimiter):
        whole = as_row(text, item, delimiter)
        if text.count("\n", 0, item.start) + 1 == int(options.header_at) and whole.kind == "row":
            columns = header_columns(whole, options)
            if columns is None:
                columns = numbers(options)
            layout = Layout(delimiter, *columns).headed(whole)
            return replace(layout, notes=tuple(columns_chosen(text, layout, options)))
    raise Stop("no row starts at that line")


def by_content(text: str, delimiter: str) -> Layout:
    """'A column has a role when at least 80 % of its non-empty cells over the first 100 rows fit it'.

    'A known heading for one role only: the other role is settled by content if exactly one column fits it.'
    """
    rows = [item for item in items(text, delimiter) if item.kind == "row"]
    while rows and sum(text != "" for text in rows[-1].texts()) == 1:
        rows.pop()
    for item in rows[:FIRST_ROWS]:
        texts = item.texts()
        ips, names = candidates(texts, "", is_address_heading), candidates(texts, "", is_name_heading)
        if ips or names:
            if any(map(is_form_of_address, texts)):
                raise Stop("a known heading in a row with an address: is it a header, or a record?")
            if len(ips) > 1 or len(names) > 1:
                raise Stop("two candidates for one role")
            below = [row for row in rows if row.start > item.start][:CONTENT_ROWS]
            ips = ips or fitting(below, is_address, names)
            names = names or fitting(below, is_valid_name, ips)
            if len(ips) != 1 or len(names) != 1:
                raise Stop("a known heading for one role only")
            layout = Layout(delimiter, ips[0], names[0]).headed(item)
            return replace(layout, notes=(("R105", item.start),))
    below = rows[:CONTENT_ROWS]
    ips = fitting(below, is_address, [])
    names = fitting(below, is_valid_name, ips)
    if len(ips) != 1 or len(names) != 1:
        raise Stop("no column, or two columns, for a role")
    return Layout(delimiter, ips[0], names[0])


def is_address(text: str) -> bool:
    """'an IPv4 address'."""
    return ipv4(text) is not None


def column(rows: list[Item], number: int) -> list[str]:
    """The non-empty cells of a column."""
    return [row.cells[number].text for row in rows if number < len(row.cells) and row.cells[number].text]


def fits(texts: list[str], role: object) -> bool:
    """'at least 80 % of its non-empty cells'."""
    assert callable(role)
    return bool(texts) and sum(map(role, texts)) * 100 >= 80 * len(texts)


def fitting(rows: list[Item], role: object, taken: list[int]) -> list[int]:
    """The columns that fit a role."""
    width = max((len(row.cells) for row in rows), default=0)
    return [i for i in range(width) if i not in taken and fits(column(rows, i), role)]
