"""The line that a finding is about, as a person is shown it: cut around the place, other cells masked."""

from __future__ import annotations

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


def mask_cells(line: bytes, delimiter: int, cell: int, keep: tuple[int, ...], shown: range) -> bytes:
    """The part of a line that begins in a cell, every character of cells not kept written as `*`.

    In a line with quotes, cells cannot be told apart by delimiters alone (it may even begin inside
    a cell), so nothing is kept there but the finding itself.
    """
    masked = bytearray(line)
    for i, byte in enumerate(line):
        if byte == delimiter:
            cell += 1
        elif byte not in b'" \t\r' and i not in shown and cell not in keep:
            masked[i] = 42
    return bytes(masked)
