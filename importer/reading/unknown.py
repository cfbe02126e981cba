"""Files that are not host lists: how each kind is recognised, what is said about it, and what to do.

A new kind is a new row: of `_MARKS` where its first bytes show it, else of `_FIRST` or `_LAST`
with a function that is asked about the first lines with content.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from importer.columns.forms import is_address_like, is_name
from importer.errors import InputError

# --- told by the first bytes ----------------------------------------------------------------------

_TABLES: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "xlsx"),
    (b"PAR1\x15", "parquet"),  # a host list may begin with PAR1, but not with the byte behind it too
    (b"ARROW1\0", "feather"),
)


class _Mark(NamedTuple):
    """A kind of file that is not text, and is known by some of its bytes."""

    at: int
    """Where in the file the bytes stand."""
    mark: bytes
    what: str
    hint: str


_MARKS = (
    _Mark(
        0,
        b"\xd0\xcf\x11\xe0",
        "an Excel workbook of the old kind (.xls), or one with a password",
        "save it as .xlsx without a password, or save the sheet as CSV UTF-8",
    ),
    _Mark(
        0,
        b"FEA1\0",
        "a Feather file of version 1, whose readers fail on damaged files",
        "write it again as Feather version 2, or export it as CSV",
    ),
    _Mark(0, b"PARE\x15", "an encrypted Parquet file", "write it without encryption, or export it as CSV"),
    _Mark(0, b"\xff\xff\xff\xff", "an Arrow stream", "write it as a Feather file, or export it as CSV"),
    _Mark(257, b"ustar", "a tar archive", "unpack it, and name the list that is in it"),
    _Mark(0, b"%PDF", "a PDF document", "export the list as CSV or text"),
    _Mark(0, b"\x7fELF", "a program", "name the host list instead"),
    _Mark(0, b"SQLite format 3\0", "a SQLite database", "export the table as CSV"),
)


def table_kind(head: bytes) -> str:
    """`xlsx`, `parquet` or `feather` for a file that begins like one, else empty."""
    return next((kind for magic, kind in _TABLES if head.startswith(magic)), "")


def refuse_binary(head: bytes) -> None:
    """Raise InputError for a file that is known not to be text."""
    for kind in _MARKS:
        if head.startswith(kind.mark, kind.at):
            raise InputError(f"looks like {kind.what}", hint=kind.hint)


# --- told by the first lines ----------------------------------------------------------------------


@dataclass(frozen=True)
class Lines:
    """The first lines with content, without their outer blanks, and what can be asked about them."""

    lines: Sequence[bytes]

    @cached_property
    def tokens(self) -> list[list[bytes]]:
        """The tokens of each line."""
        return [re.split(rb"[ \t\v\f\r]+", line) for line in self.lines]

    @cached_property
    def words(self) -> list[list[str]]:
        """The first tokens of each line as text."""
        return [[token.decode("utf-8", "replace") for token in line[:8] if token] for line in self.tokens]

    def begin(self, *marks: bytes) -> bool:
        """Whether the first line begins with one of these."""
        return self.lines[0].startswith(marks)

    def half(self, fits: Iterable[object]) -> bool:
        """Whether at least half of the lines fit."""
        return 2 * sum(map(bool, fits)) >= len(self.lines)

    def most(self, fits: Iterable[object]) -> bool:
        """Whether more than half of the lines fit."""
        return 2 * sum(map(bool, fits)) > len(self.lines)


class _Kind(NamedTuple):
    """A kind of text that is not a host list."""

    says: str
    """What is said about the file, behind its name."""
    hint: str
    """What to do; `{source}` stands for its name."""
    is_it: Callable[[Lines], bool]


_INVENTORY_HINT = "write each address and its names on one line, for example from ansible-inventory --list"
_RECORDS_HINT = "write each address and its name on one line"
_ASSIGNMENT = re.compile(rb"[A-Za-z_][A-Za-z0-9_]*=")
_ZONE_LINE = re.compile(rb"(?i)(?:^\$(?:ORIGIN|TTL|INCLUDE)\b|\sIN\s+(?:A|AAAA|SOA|NS|CNAME|MX|PTR)\s)")
_ROUTER_LINE = re.compile(rb"^(?:/ip |/ipv6 |add (?:address|name|list)=|:(?:local|foreach|do) )")
_GROUP = re.compile(rb"\[[^\]]*\]")


def _is_group(line: bytes) -> bool:
    """Whether a line is `[group]`, and not an IPv6 address in brackets."""
    return (
        line.startswith(b"[")
        and _GROUP.fullmatch(line) is not None
        and not is_address_like(line[1:-1].decode("utf-8", "replace"))
    )


def _is_binary(line: bytes) -> bool:
    """Whether more than a tenth of a line are control characters."""
    controls = sum(b < 32 and b not in b"\t\v\f\r\x1b" for b in line[:200])
    return controls > 0.1 * min(len(line), 200)


def _is_name_first(words: list[str]) -> bool:
    return len(words) > 1 and not is_address_like(words[0]) and any(map(is_address_like, words[1:]))


_FIRST = (
    _Kind(
        "is a plan",
        "dli-hosts submit {source} sends it",
        lambda file: b'"format": "dli-hosts plan",' in file.lines[:2],
    ),
    _Kind(
        "is a jobs file",
        "dli-hosts plan {source} checks all its lists",
        lambda file: b"[[connection]]" in file.lines,
    ),
    _Kind(
        "looks like JSON",
        "turn it into lines first, for example with jq -r '.hosts[] | \"\\(.ip) \\(.name)\"'",
        lambda file: file.begin(b"{", b"[{", b'["') or file.lines[0] == b"[",
    ),
    _Kind(
        "looks like an Ansible inventory: it has [group] lines",
        _INVENTORY_HINT,
        lambda file: any(map(_is_group, file.lines)),
    ),
)
"""Asked before hosts syntax: such a file may hold lines of hosts syntax."""

_LAST = (
    _Kind(
        "looks like binary data",
        "name a text file with one host on each line",
        lambda file: 4 * sum(map(_is_binary, file.lines)) > len(file.lines),
    ),
    _Kind(
        "looks like a DNS zone file",
        f"take its A records: {_RECORDS_HINT}",
        lambda file: (
            any(line.startswith(b"$") for line in file.lines) or file.half(map(_ZONE_LINE.search, file.lines))
        ),
    ),
    _Kind(
        "looks like a RouterOS script",
        _RECORDS_HINT,
        lambda file: file.half(map(_ROUTER_LINE.search, file.lines)),
    ),
    _Kind(
        "looks like an Ansible inventory: it has key=value words",
        _INVENTORY_HINT,
        lambda file: file.most(any(map(_ASSIGNMENT.match, line[1:])) for line in file.tokens),
    ),
    _Kind(
        "looks like a bare list of addresses",
        "put a name behind each address",
        lambda file: file.most(len(words) == 1 and is_address_like(words[0]) for words in file.words),
    ),
    _Kind(
        "looks like a bare list of names",
        "put an address before each name",
        lambda file: file.most(len(words) == 1 and is_name(words[0]) for words in file.words),
    ),
    _Kind(
        "has the name before the address",
        "swap the two: awk '{print $2, $1}' FILE > NEW, or give it a header such as name,ip",
        lambda file: file.most(map(_is_name_first, file.words)),
    ),
)
"""Asked where neither hosts syntax nor columns were found."""


def refuse_at_once(lines: Sequence[bytes]) -> None:
    """Raise InputError for a kind of file that may hold lines of hosts syntax."""
    _refuse(_FIRST, lines)


def refuse_known(lines: Sequence[bytes]) -> None:
    """Raise InputError for every known kind of file."""
    _refuse(_FIRST + _LAST, lines)


def _refuse(kinds: tuple[_Kind, ...], lines: Sequence[bytes]) -> None:
    if not lines:
        return
    file = Lines(lines)
    for kind in kinds:
        if kind.is_it(file):
            raise InputError(kind.says, hint=kind.hint)
