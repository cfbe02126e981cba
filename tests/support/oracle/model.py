"""What goes into the oracle, what comes out of it, and what is read of a file in between."""

import bisect
from dataclasses import dataclass, field

MOST_HOSTS = 20_000
BLANKS = " \t\v\f\r"


class Stop(Exception):
    """'Otherwise stop': the oracle cannot say how the file is to be read, so the program must not guess."""


@dataclass(frozen=True)
class Options:
    """What the caller asks for.

    Unless `find` is set the oracle detects nothing: syntax, delimiter, header and roles are said.
    """

    syntax: str = ""
    """`hosts` or `csv`; with `find` it may be empty."""
    delimiter: str = ","
    """With `find` it may be empty."""
    header: bool = True
    """csv: the first non-blank row is the header, even one that looks like a comment; else there is none."""
    ip_column: int = 0
    """csv: the 0-based position of the address cell."""
    name_column: int = 1
    """csv: the 0-based position of the name cell."""
    find: bool = False
    """Find the syntax, the delimiter, the header and the columns by the contract; `ip`, `name` and
    `header_at` are then what the user gave."""
    ip: str = ""
    """`--ip-column`: a heading or a 1-based number."""
    name: str = ""
    """`--name-column`."""
    header_at: str = ""
    """`--header`: a physical line or `none`."""
    names: str = "all"
    """`all`, or `first`: only the first name of a hosts line."""
    cidr: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    keep_local: bool = False
    keep_trailing_dot: bool = False
    on_conflict: str = "refuse"
    """`refuse`, `first`, `last` or `keep`."""
    split: bool = False
    max_hosts: int = MOST_HOSTS
    """Records that one connection holds."""
    ignore: tuple[str, ...] = ()
    error: tuple[str, ...] = ()
    warn: tuple[str, ...] = ()


@dataclass(frozen=True)
class Found:
    """One finding as the JSON report tells it, without its words."""

    code: str
    severity: str
    source: str
    line: int | None
    column: int | None
    field: str
    value: str | None
    related: tuple[str, int] | None


@dataclass(frozen=True)
class Verdict:
    """Everything the report says about a list."""

    totals: dict[str, int]
    blank: int
    counts: dict[str, int]
    findings: list[Found]
    hosts: list[tuple[str, str, str, int]]
    """(ip, name as it would be sent, source, line of the name) of every ready record, in input order."""


@dataclass(frozen=True)
class File:
    """One source, decoded."""

    index: int
    name: str
    text: str
    line_starts: list[int]

    def place(self, offset: int) -> tuple[int, int]:
        """'`line` is the 1-based physical line of the field, `column` the 1-based character in it.'"""
        line = bisect.bisect_right(self.line_starts, offset)
        return line, offset - self.line_starts[line - 1] + 1

    def lines(self) -> int:
        """'`lines` counts physical lines, the last one too when it lacks LF.'"""
        return self.text.count("\n") + (self.text != "" and not self.text.endswith("\n"))


@dataclass(frozen=True)
class Cell:
    """A value, the offset where it starts, and the stretch of the text that belongs to it."""

    text: str
    at: int
    begin: int
    end: int


NOWHERE = Cell("", 0, 0, 0)


@dataclass(frozen=True)
class Row:
    """A hosts line or a delimited row that is at least one record."""

    at: int
    """Where a finding about it points: 'at its first character', R103's quote, R108's CR, R111's or R112's
    token."""
    code: str
    """R102, R103, R107 to R112, R115 or nothing: no two of them can be told about one row."""
    address: Cell
    names: tuple[Cell, ...]
    """'first token the address, every further token one name'; 'an address without a name is one record', so
    there is always at least one, perhaps an empty one placed where a missing name points."""
    values: tuple[Cell, ...]
    """The name and address cells that exist: an undecodable byte in them is not R101's."""


@dataclass(frozen=True)
class Note:
    """A finding that is about no record: R104, R105, R113, R114, R116, R117, R118."""

    code: str
    at: int
    of: str = "row"
    harmless: bool = False
    """R117: whether it is the info of the two severities that the contract gives it."""


@dataclass
class Reading:
    """What a file holds."""

    rows: list[Row] = field(default_factory=list)
    blank: int = 0
    """Blank and comment lines."""
    notes: list[Note] = field(default_factory=list)


def decode(index: int, name: str, data: bytes) -> File:
    """'The bytes are read as they are'; 'an undecodable byte is one' character; a BOM is no text."""
    text = data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape")
    starts = [0] + [i + 1 for i, character in enumerate(text) if character == "\n"]
    return File(index, name, text, starts)


def shown(text: str) -> str:
    r"""'an undecodable byte is written `\xNN`'."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def refused_row(at: int, code: str, values: tuple[Cell, ...] = ()) -> Row:
    """'one refused record, not examined further': R103, R107, R108, R111, R112 and R115."""
    return Row(at, code, NOWHERE, (NOWHERE,), values)


ALONE = ("R103", "R107", "R108", "R111", "R112", "R115")
"""The rules whose row is 'one refused record, not examined further': they are fixed."""
