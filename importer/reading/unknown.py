"""Files that are not host lists: each known kind stops with what it looks like and what to do.

A new kind is a new row of a table in `importer.reading.foreign`: of `marks` where its first bytes show it,
else of the module that says why it is not a list, with a function that is asked about the first lines.
"""

from __future__ import annotations

from collections.abc import Sequence

from importer.columns.forms import is_ipv4, is_name
from importer.errors import InputError
from importer.language import said
from importer.reading.foreign.marks import TABLES, mark_of


def table_kind(head: bytes) -> str:
    """`xlsx`, `parquet` or `feather` for a file that begins like one, else empty."""
    return next((kind for magic, kind in TABLES if head.startswith(magic)), "")


def refuse_binary(head: bytes) -> None:
    """Raise InputError for a file that is known not to be text."""
    kind = mark_of(head)
    if kind is not None:
        raise InputError(said("looks like {what}", what=kind.what), hint=kind.hint)


def refuse_at_once(lines: Sequence[bytes]) -> None:
    """Raise InputError for a kind of file that may hold lines of hosts syntax."""
    _refuse(lines, at_once=True)


def refuse_known(lines: Sequence[bytes]) -> None:
    """Raise InputError for every known kind of file."""
    _refuse(lines, at_once=False)


def _refuse(lines: Sequence[bytes], *, at_once: bool) -> None:
    if all(map(_is_plain, lines)):
        return
    # The tables take a noticeable part of the time that a small list needs, so that they wait for a doubt.
    from importer.reading.foreign.kinds import AT_ONCE, LATE
    from importer.reading.foreign.lines import Lines

    file = Lines(lines)
    for kind in AT_ONCE if at_once else AT_ONCE + LATE:
        if kind.is_it(file):
            says, hint = kind.told(file)
            raise InputError(says, hint=hint)


def _is_plain(line: bytes) -> bool:
    """Whether a line is an address and names, and nothing else but a comment."""
    tokens = [token.decode("utf-8", "replace") for token in line.split(b"#")[0].split()]
    return len(tokens) > 1 and is_ipv4(tokens[0]) and all(map(is_name, tokens[1:]))
