"""What a file looks like that is no host list, and what its owner can do about it."""

from __future__ import annotations

import re

from importer.columns.forms import is_address_like, is_name
from importer.errors import InputError

_TABLES: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "xlsx"),
    (b"PAR1\x15", "parquet"),  # a name may begin with PAR1, but not go on like this
    (b"ARROW1\0", "feather"),
)
_BINARY: tuple[tuple[int, bytes, str, str], ...] = (
    (
        0,
        b"\xd0\xcf\x11\xe0",
        "an Excel workbook of the old kind (.xls), or one with a password",
        "save it as .xlsx without a password, or save the sheet as CSV UTF-8",
    ),
    (
        0,
        b"FEA1\0",
        "a Feather file of the first version, whose readers fail on damaged files",
        "write it anew as Feather version 2, or export it as CSV",
    ),
    (0, b"PARE\x15", "an encrypted Parquet file", "write it without encryption, or export it as CSV"),
    (0, b"\xff\xff\xff\xff", "an Arrow stream", "write it as a Feather file, or export it as CSV"),
    (257, b"ustar", "a tar archive", "unpack it, and name the list that is in it"),
    (0, b"%PDF", "a PDF document", "export the list as CSV or text"),
    (0, b"\x7fELF", "a program", "name the host list instead"),
    (0, b"SQLite format 3\0", "a SQLite database", "export the table as CSV"),
)
"""Where a mark stands in the file, the mark, what has it there, and what to do."""
_GROUP_PATTERN = rb"\[[^\]]*\]"
_ASSIGNMENT_PATTERN = rb"[A-Za-z_][A-Za-z0-9_]*="
_ZONE_PATTERN = rb"(?i)(?:^\$(?:ORIGIN|TTL|INCLUDE)\b|\sIN\s+(?:A|AAAA|SOA|NS|CNAME|MX|PTR)\s)"
_ROUTER_PATTERN = rb"^(?:/ip |/ipv6 |add (?:address|name|list)=|:(?:local|foreach|do) )"


def table_kind(head: bytes) -> str:
    """`xlsx`, `parquet` or `feather` for a file that begins like one, else empty."""
    return next((kind for magic, kind in _TABLES if head.startswith(magic)), "")


def refuse_binary(head: bytes, display: str) -> None:
    """Raise InputError for a file that is no text at all."""
    for at, magic, what, hint in _BINARY:
        if head.startswith(magic, at):
            raise InputError(f"looks like {what}", source=display, hint=hint)


def looks_like(lines: list[bytes], display: str, *, only_groups: bool = False) -> None:
    """Raise InputError if the content lines are a known kind of file other than a host list."""
    if b'"format": "dli-hosts plan",' in lines[:2]:
        raise InputError("is a plan", source=display, hint=f"dli-hosts submit {display} sends it")
    if b"[[connection]]" in lines:
        raise InputError(
            "is a jobs file", source=display, hint=f"dli-hosts plan {display} checks all its lists"
        )
    if (lines and lines[0].startswith((b"{", b"[{", b'["'))) or lines[:1] == [b"["]:
        raise InputError(
            "looks like JSON",
            source=display,
            hint="turn it into lines first, for example with jq -r '.hosts[] | \"\\(.ip) \\(.name)\"'",
        )
    if any(_is_group(line) for line in lines):
        raise InputError(
            "looks like an Ansible inventory: it has [group] lines",
            source=display,
            hint="write one address and its names a line, for example from ansible-inventory --list",
        )
    if only_groups or not lines:
        return
    most = len(lines) / 2
    if sum(_is_binary(line) for line in lines) > most / 2:
        raise InputError(
            "looks like binary data", source=display, hint="name a text file with one host a line"
        )
    if any(line.startswith(b"$") for line in lines) or _count(lines, _ZONE_PATTERN) >= most:
        raise InputError(
            "looks like a DNS zone file",
            source=display,
            hint="write its A records as one address and name a line",
        )
    if _count(lines, _ROUTER_PATTERN) >= most:
        raise InputError(
            "looks like a RouterOS script",
            source=display,
            hint="write its entries as one address and name a line",
        )
    tokens = [re.split(rb"[ \t\v\f\r]+", line) for line in lines]
    texts = [[t.decode("utf-8", "replace") for t in line[:8] if t] for line in tokens]
    if sum(any(re.match(_ASSIGNMENT_PATTERN, t) for t in line[1:]) for line in tokens) > most:
        raise InputError(
            "looks like an Ansible inventory: it has key=value words",
            source=display,
            hint="write one address and its names a line, for example from ansible-inventory --list",
        )
    if sum(len(t) == 1 and is_address_like(t[0]) for t in texts) > most:
        raise InputError(
            "looks like a bare list of addresses", source=display, hint="put a name behind each address"
        )
    if sum(len(t) == 1 and is_name(t[0]) for t in texts) > most:
        raise InputError(
            "looks like a bare list of names", source=display, hint="put an address before each name"
        )
    if (
        sum(len(t) > 1 and not is_address_like(t[0]) and any(map(is_address_like, t[1:])) for t in texts)
        > most
    ):
        raise InputError(
            "has the name before the address",
            source=display,
            hint="turn the two round: awk '{print $2, $1}' FILE > NEW, or give it a header such as name,ip",
        )


def _is_group(line: bytes) -> bool:
    return (
        line.startswith(b"[")
        and re.fullmatch(_GROUP_PATTERN, line) is not None
        and not is_address_like(line[1:-1].decode("utf-8", "replace"))
    )


def _is_binary(line: bytes) -> bool:
    controls = sum(b < 32 and b not in b"\t\v\f\r\x1b" for b in line[:200])
    return controls > 0.1 * min(len(line), 200)


def _count(lines: list[bytes], pattern: bytes) -> int:
    return sum(re.search(pattern, line) is not None for line in lines)
