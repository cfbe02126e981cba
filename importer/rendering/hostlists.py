"""Ready hosts as text: for the console's dialog, as CSV, and in hosts syntax. All of it UTF-8 with LF."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

Pair = tuple[str, str]
"""Address and name."""


def pair_lines(pairs: Iterable[Pair]) -> Iterator[str]:
    """`IP name` lines, which the console's dialog and hosts syntax share."""
    for ip, name in pairs:
        yield f"{ip} {name}\n"


def csv_lines(pairs: Iterable[Pair]) -> Iterator[str]:
    """CSV with the header `ip,name`. Nothing needs quoting: names and addresses hold no such characters."""
    yield "ip,name\n"
    for ip, name in pairs:
        yield f"{ip},{name}\n"
