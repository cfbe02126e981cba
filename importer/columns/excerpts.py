"""The line that a finding is about, as a person is shown it: cut around the place, and masked.

People keep passwords in other columns and in comments, so nothing is shown but what was judged.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

BEFORE, SHOWN = 100, 160
"""Characters of a line shown before the finding, and in all."""
WINDOW = 1024
"""Bytes around a finding that are looked at, however long its line is."""


class Excerpt(NamedTuple):
    """A stretch of the physical line of a finding, cells of no concern masked."""

    text: str
    caret: int
    """0-based position in `text` of the character the finding points at."""
    width: int
    """Number of characters of `text` the finding is about, at least 1."""


def excerpt_of(line: bytes, at: int, width: int, *, begins: bool, ends: bool) -> Excerpt:
    """The excerpt of a part of a line; `begins` and `ends` say whether the line does so with this part.

    The finding is about `line[at : at + width]`.
    """
    before, marked, after = (
        part.decode("utf-8", "surrogateescape")
        for part in (line[:at], line[at : at + width], line[at + width :].rstrip(b"\r"))
    )
    lead = before[-BEFORE:] if begins and len(before) <= BEFORE else "..." + before[-BEFORE:]
    room = SHOWN - BEFORE
    more = not ends or len(marked) + len(after) > room
    return Excerpt(
        lead + (marked + after)[:room] + ("..." if more else ""), len(lead), min(len(marked) or 1, room)
    )


Span = tuple[int, int]
"""First byte of a stretch, and one past its last one."""


def masked(line: bytes, low: int, keep: Sequence[Span], plain: bytes) -> bytes:
    """A part of a line that begins at `low`, with every byte outside of the stretches to keep written as `*`.

    The bytes of `plain`, such as blanks and delimiters, stay.
    """
    hidden = bytearray(line.translate(_mask(plain)))
    for start, end in keep:
        first, last = max(start - low, 0), max(end - low, 0)
        hidden[first:last] = line[first:last]
    return bytes(hidden)


@cache
def _mask(plain: bytes) -> bytes:
    """For `translate`: each byte as `*` but these."""
    return bytes(byte if byte in plain else 42 for byte in range(256))


def addresses_in(line: bytes, low: int) -> list[Span]:
    """The words of a line that are written like an IPv4 address."""
    return [(low + found.start(), low + found.end()) for found in _DOTTED_QUAD.finditer(line)]


_DOTTED_QUAD = re.compile(rb"(?<![^ \t])[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}(?![^ \t\r])")
