"""Good lists of hosts, rendered for every door, and everything that spoils such lists on their way.

A damaged list still knows which pairs of the good one each of its lines (rows) holds, so that a test can ask
what became of each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from hypothesis import strategies as st

Pair = tuple[str, str]
"""Address and name."""

# -- good lists

_FIRST = st.sampled_from(["nn", "dn", "kafka", "node-master", "es_node", "zk-"])
_DOMAIN = st.sampled_from(["", "", "", ".lake.internal", ".mrs-x1.com", ".rack1.node.03", ".10g"])
_NETWORK = st.sampled_from(["10.0.0.", "110.0.0.", "10.0.1.", "192.168.6.", "1.10.0."])
"""Some networks end in another one, so that glued text can be read in two ways."""


@dataclass(frozen=True)
class Host:
    """An address and its names."""

    ip: str
    names: tuple[str, ...]

    @property
    def pairs(self) -> frozenset[Pair]:
        """Address and name of each record."""
        return frozenset((self.ip, name) for name in self.names)


@st.composite
def good_lists(draw: st.DrawFn, most_names: int = 1, least: int = 2) -> list[Host]:
    """Hosts with addresses and names of their own."""
    ips = draw(
        st.lists(
            st.builds("{}{}".format, _NETWORK, st.integers(1, 30)), min_size=least, max_size=9, unique=True
        )
    )
    names = iter(
        draw(
            st.lists(
                st.builds("{}{}{}".format, _FIRST, st.integers(1, 120), _DOMAIN),
                min_size=len(ips) * most_names,
                max_size=len(ips) * most_names,
                unique_by=str.lower,
            )
        )
    )
    return [Host(ip, tuple(next(names) for _ in range(draw(st.integers(1, most_names))))) for ip in ips]


def pairs_of(hosts: Sequence[Host]) -> frozenset[Pair]:
    """All pairs of a list."""
    return frozenset(pair for host in hosts for pair in host.pairs)


# -- lines of text


@dataclass(frozen=True)
class Line:
    """A physical line."""

    text: str
    holds: frozenset[Pair] = frozenset()
    gluable: bool = True
    """Whether the next line may be glued to it, and it to the one above."""
    whole: bool = True
    """Whether nothing was done to it: only such a line is cut, swapped or commented out."""


@dataclass(frozen=True)
class Spoiled:
    """A damaged list."""

    pairs: frozenset[Pair]
    """Those of the good list."""
    lines: list[Line]
    end: str = "\n"
    bom: bool = False
    reading: dict[str, str] = field(default_factory=dict)
    """Options for the reader."""

    @property
    def data(self) -> bytes:
        """The file."""
        mark = "\ufeff" if self.bom else ""
        return (mark + self.end.join(line.text for line in self.lines) + self.end).encode()


def _insert(lines: list[Line], at: int, line: Line) -> list[Line]:
    return [*lines[:at], line, *lines[at:]]


def _place(draw: st.DrawFn, lines: Sequence[object]) -> int:
    return draw(st.integers(0, max(0, len(lines) - 1)))


def _glued(draw: st.DrawFn, lines: list[Line], seams: Sequence[str]) -> list[Line]:
    """Two lines as one, what is between them drawn from `seams`.

    What reads as the address of the first line wherever it is cut is left alone: beside 110.0.0.2 nobody can
    tell `nn1` and 10.0.0.2 from `nn` and the line's own address.
    """
    at = _place(draw, lines)
    pair = lines[at : at + 2]
    if len(pair) < 2 or not all(line.gluable for line in pair):
        return lines
    seam = draw(st.sampled_from(seams))
    first, second = (line.text for line in pair)
    own, other = first.split()[:1], second.split()[:1]
    if own and other and (first + other[0]).endswith(own[0]) and own != other:
        return lines
    holds = pair[0].holds | pair[1].holds
    return [*lines[:at], Line(first + seam + second, holds, whole=False), *lines[at + 2 :]]


# -- hosts syntax

SIGNS = ["#", "# ", "## ", ";", "; ", "//", "// ", "--", "-- ", "/* ", "{{ ", "${"]
HOSTS_SEAMS = [
    "",
    "",
    "",
    ".",
    ",",
    ";",
    " ",
    "\t",
    "\\n",
    "\\t",
    "\r",
    "|",
    "/",
    "-",
    " # ",
    " ; ",
    " // ",
    ", ",
]
_REMARKS = [
    "# hosts of the cluster",
    "### MRS ###",
    "127.0.0.1 localhost localhost.localdomain",
    "::1 localhost ip6-localhost",
    "127.0.1.1 master.lake.internal",
    "::1 master",
    "0.0.0.0 gateway",
    "fd00::7 master",
    "IP hostname",
    "# ip\thostname",
    "Host list of the cluster",
    "",
    "  ",
    "}}",
    "-----",
]


@st.composite
def spoiled_hosts(draw: st.DrawFn, most: int = 6) -> Spoiled:
    """A hosts file with some things wrong."""
    hosts = draw(good_lists(3))
    blank = draw(st.sampled_from([" ", "\t", "   ", " \t"]))
    tail = draw(st.sampled_from(["", "", " ", " # in use", "\t#1"]))
    lines = [Line(blank.join([host.ip, *host.names]) + tail, host.pairs) for host in hosts]
    for _ in range(draw(st.integers(0, most))):
        lines = _spoil_hosts(draw, lines)
    syntax = draw(st.sampled_from(["", "hosts"]))
    return Spoiled(
        pairs_of(hosts),
        lines,
        draw(st.sampled_from(["\n", "\n", "\r\n"])),
        draw(st.booleans()),
        {"syntax": syntax} if syntax else {},
    )


def _spoil_hosts(draw: st.DrawFn, lines: list[Line]) -> list[Line]:
    kind = draw(
        st.sampled_from(["glue", "glue", "glue", "comment", "cut", "remark", "swap", "repeat", "order"])
    )
    at = _place(draw, lines)
    line = lines[at]
    if kind == "glue":
        return _glued(draw, lines, HOSTS_SEAMS)
    if kind == "remark":
        text = draw(st.sampled_from(_REMARKS))
        return _insert(lines, at, Line(text, gluable=text.startswith(("#", "127.")) or not text, whole=False))
    if kind == "order":
        return draw(st.permutations(lines))
    if kind == "repeat":
        return _insert(lines, at, replace(line, gluable=False))
    if not line.whole:
        return lines
    if kind == "comment":
        text = draw(st.sampled_from(SIGNS)) + line.text
        return [*lines[:at], replace(line, text=text, whole=False), *lines[at + 1 :]]
    words = line.text.split()
    if len(words) < 2 or not line.gluable or "#" in line.text:
        return lines
    if kind == "swap":
        swapped = " ".join([words[1], words[0], *words[2:]])
        return [*lines[:at], Line(swapped, line.holds, False, False), *lines[at + 1 :]]
    cut = draw(st.integers(1, len(words) - 1))
    parts = [" ".join(words[:cut]), draw(st.sampled_from(["", "    "])) + " ".join(words[cut:])]
    return [*lines[:at], *(Line(part, line.holds, False, False) for part in parts), *lines[at + 1 :]]


# -- rows of cells


@dataclass(frozen=True)
class Row:
    """A row of a table."""

    cells: tuple[str, ...]
    holds: frozenset[Pair] = frozenset()
    sign: str = ""
    """What comments it out."""
    hidden: bool = False
    whole: bool = True
    """Whether nothing was done to it: a comment that holds half a host is more than any rule could tell."""


@dataclass(frozen=True)
class Table:
    """A damaged table: its rows, the header among them, if there is one."""

    pairs: frozenset[Pair]
    rows: list[Row]
    ip: int
    name: int
    header: Row | None

    def columns(self) -> dict[str, str]:
        """The columns by number, for a reader."""
        return {"ip_column": str(self.ip + 1), "name_column": str(self.name + 1)}

    def holding(self, first: int = 1) -> dict[Pair, set[int]]:
        """The numbers of the rows that hold each pair."""
        return holding([row.holds for row in self.rows], first)


def holding(of_lines: Sequence[frozenset[Pair]], first: int = 1) -> dict[Pair, set[int]]:
    """The numbers of the lines that hold each pair."""
    found: dict[Pair, set[int]] = {}
    for number, holds in enumerate(of_lines, first):
        for pair in holds:
            found.setdefault(pair, set()).add(number)
    return found


_HEADINGS = [("hostname", "ip"), ("Name", "IP Address"), ("主机名称", "业务IP"), ("host", "ip_address")]
_NOTES = [("rack", "rack 1"), ("state", "in use"), ("memory (GB)", "64 GB"), ("owner", "Li Wei")]
"""Headings and values of columns that hold neither addresses nor names."""
_BANNERS = ["Report of the fleet", "Generated: today", "合计：见下"]
_FOOTERS = ["Total: 3 hosts", "合计：2 台", "(3 rows)"]
ERRORS = ["#N/A", "#REF!", "#VALUE!", "#NAME?", ""]


@st.composite
def spoiled_tables(draw: st.DrawFn, header: bool = True, most: int = 5, hidden: bool = False) -> Table:
    """A table with some things wrong; without a header its columns have to be given by number."""
    hosts = draw(good_lists())
    notes = draw(st.lists(st.sampled_from(_NOTES), max_size=2, unique=True))
    order = draw(st.permutations(range(2 + len(notes))))
    headings = draw(st.sampled_from(_HEADINGS))
    name, ip = order.index(0), order.index(1)

    def arranged(first: str, second: str, others: Sequence[str]) -> tuple[str, ...]:
        cells = [first, second, *others]
        return tuple(cells[i] for i in order)

    top = Row(arranged(*headings, [heading for heading, _ in notes]))
    rows = [
        Row(arranged(host.names[0], host.ip, [value for _, value in notes]), host.pairs) for host in hosts
    ]
    rows = [top, *rows] if header else rows
    table = Table(pairs_of(hosts), rows, ip, name, top if header else None)
    for _ in range(draw(st.integers(0, most))):
        table = replace(table, rows=_spoil_rows(draw, table, hidden))
    return table


def _spoil_rows(draw: st.DrawFn, table: Table, hidden: bool) -> list[Row]:
    rows = table.rows
    kinds = ["banner", "footer", "header", "down", "swap", "error", "short", "long", "repeat", "blank"]
    kind = draw(st.sampled_from([*kinds, "hide"] if hidden else [*kinds, "comment", "comment"]))
    at = _place(draw, rows)
    row, width = rows[at], len(rows[0].cells)
    if kind == "banner":
        return [_one_cell(draw, _BANNERS, width), *rows]
    if kind == "footer":
        return [*rows, _one_cell(draw, _FOOTERS, width)]
    if kind == "blank":
        return [*rows[:at], Row(("",) * width), *rows[at:]]
    if kind in ("header", "down"):
        if table.header is None:
            return rows
        kept = [other for other in rows if other.cells != table.header.cells] if kind == "down" else rows
        return [*kept[:at], table.header, *kept[at:]]
    if kind == "repeat":
        return [*rows[:at], row, *rows[at:]]
    if kind == "hide":
        return [*rows[:at], replace(row, hidden=True), *rows[at + 1 :]]
    if not row.holds or not row.whole:
        return rows
    spoiled = replace(_spoiled_row(draw, table, row, kind), whole=False)
    return [*rows[:at], spoiled, *rows[at + 1 :]]


def _one_cell(draw: st.DrawFn, texts: list[str], width: int) -> Row:
    """A row of one cell, or of one that is filled."""
    text = draw(st.sampled_from(texts))
    return Row((text,) if draw(st.booleans()) else (text, *[""] * (width - 1)))


def _spoiled_row(draw: st.DrawFn, table: Table, row: Row, kind: str) -> Row:
    cells = list(row.cells)
    if kind == "comment":
        return replace(row, sign=draw(st.sampled_from(["#", "# ", ";", "// ", "--"])))
    if kind == "short":
        return replace(row, cells=row.cells[: draw(st.integers(1, len(cells)))])
    if kind == "long":
        return replace(row, cells=(*row.cells, "moved here"))
    if kind == "swap" and max(table.ip, table.name) < len(cells):
        cells[table.ip], cells[table.name] = cells[table.name], cells[table.ip]
    if kind == "error":
        # A row of text that begins with `#` is a comment, so its first cell is left alone.
        column = draw(st.sampled_from([table.ip, table.name]))
        if 0 < column < len(cells):
            cells[column] = draw(st.sampled_from(ERRORS))
    return replace(row, cells=tuple(cells))


# -- delimited text


@st.composite
def spoiled_csv(draw: st.DrawFn) -> Spoiled:
    """Delimited text with some things wrong."""
    table = draw(spoiled_tables(header=draw(st.booleans())))
    delimiter = draw(st.sampled_from([",", ";", "\t", "|"]))
    quote = draw(st.sampled_from(["", "", '"']))
    lines = [_csv_line(row, delimiter, quote) for row in table.rows]
    lines = [replace(line, gluable=line.gluable and bool(line.holds)) for line in lines]
    seams = ["", "", delimiter, " ", "\\n", "\r", ".", "#"]
    for _ in range(draw(st.integers(0, 2))):
        # Without a header the first row says how wide the others are, and it could be the spoiled one;
        # so the header is left alone too.
        lines = _glued(draw, lines, seams) if table.header else lines
    if table.header and draw(st.integers(0, 9)) == 0:
        at = _place(draw, lines)
        if lines[at].holds:
            lines[at] = replace(lines[at], text='"' + lines[at].text.replace('"', ""))
    by_number = table.header is None or draw(st.booleans())
    reading = {"syntax": "csv", "delimiter": delimiter} if draw(st.booleans()) or by_number else {}
    return Spoiled(
        table.pairs,
        lines,
        draw(st.sampled_from(["\n", "\r\n"])),
        draw(st.booleans()),
        reading | (table.columns() if by_number else {}),
    )


def _csv_line(row: Row, delimiter: str, quote: str) -> Line:
    text = delimiter.join(quote + cell + quote for cell in row.cells)
    return Line(row.sign + text, row.holds, not row.sign)
