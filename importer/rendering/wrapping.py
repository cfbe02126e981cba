"""Lines of at most so many columns, for text with characters that are two columns wide."""

from __future__ import annotations

import re
from collections.abc import Iterator

from importer.rendering.terminal import width_of

_PIECE = re.compile(r"[!-~]+|.", re.DOTALL)
_NEVER_FIRST = frozenset("，。、；：？！）》”’」』】 ")
"""Characters that stay with the one before them."""


def wrapped(text: str, columns: int) -> list[str]:
    """The text in lines; a word of ASCII stays whole, and between wide characters a line may end anywhere."""
    lines, line, width = [], "", 0
    for piece in _pieces(" ".join(text.split())):
        size = width_of(piece.rstrip(" "))
        if line and width + size > columns:
            lines.append(line.rstrip(" "))
            line, width = "", 0
            piece = piece.lstrip(" ")
        line += piece
        width += width_of(piece)
    return [*lines, line.rstrip(" ")] if line.strip(" ") or not lines else lines


def _pieces(text: str) -> Iterator[str]:
    """What a line may not end within."""
    held = ""
    for match in _PIECE.finditer(text):
        piece = match.group()
        if held and piece not in _NEVER_FIRST:
            yield held
            held = ""
        held += piece
    yield held
