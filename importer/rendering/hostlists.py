"""Ready hosts as text: for the console's dialog, as CSV, and in hosts syntax. All of it UTF-8 with LF."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

Pair = tuple[str, str]
"""Address and name."""


def pair_lines(pairs: Iterable[Pair]) -> Iterator[str]:
    """`IP name` lines, which the console's dialog and hosts syntax share."""
    for ip, name in pairs:
        yield f"{ip} {name}\n"


class LineForm(NamedTuple):
    """One host a line. Nothing needs quoting: names and addresses hold no such characters."""

    head: bytes
    separator: int


LINE_FORMS = {"csv": LineForm(b"ip,name\n", ord(",")), "hosts": LineForm(b"", ord(" "))}
"""The forms that may hold any number of hosts."""
