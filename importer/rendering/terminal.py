"""How text stands on a terminal: its width there, cut to it, painted, and without effect on a CI runner.

Imports nothing heavy.
"""

from __future__ import annotations


def paint(text: str, codes: str, *, colour: bool) -> str:
    """The text in ANSI colours, or as it is."""
    return f"\x1b[{codes}m{text}\x1b[0m" if colour else text


def width_of(text: str) -> int:
    """Columns of a terminal that a text fills: East Asian wide characters fill two, marks fill none."""
    if text.isascii():
        return len(text)
    return sum(map(_width_of_character, text))


def _width_of_character(char: str) -> int:
    import unicodedata

    if unicodedata.category(char) in ("Mn", "Me", "Mc"):
        return 0  # a mark of the character before it
    if "\u1160" <= char <= "\u11ff" or "\ud7b0" <= char <= "\ud7ff" or char in "\u3164\uffa0":
        return 0  # the second or third part of a Korean syllable
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def left_part(text: str, columns: int) -> str:
    """As much of the beginning of a text as fits; a mark stays with its character."""
    filled = 0
    for at, char in enumerate(text):
        filled += width_of(char)
        if filled > columns:
            return text[:at]
    return text


def right_part(text: str, columns: int) -> str:
    """As much of the end of a text as fits."""
    filled, start = 0, len(text)
    for at in range(len(text) - 1, -1, -1):
        width = width_of(text[at])
        filled += width
        if filled > columns:
            break
        if width:  # a part begins with a character, not with a mark
            start = at
    return text[start:]


_CUT = "..."


def fitted(before: str, marked: str, after: str, room: int) -> tuple[str, str, str]:
    """Three parts of a line, cut so that they fill at most `room` columns and the middle stays in view."""
    room = max(room, 16)
    if width_of(before) + width_of(marked) + width_of(after) <= room:
        return before, marked, after
    if width_of(marked) > room - 2 * len(_CUT):
        marked = left_part(marked, room - 2 * len(_CUT))
        after = after or _CUT
    space = room - width_of(marked)
    left, right = width_of(before), width_of(after)
    share = max(space // 2, space - right)
    if left > share:
        before = _CUT + right_part(before, max(share - len(_CUT), 0))
    space -= width_of(before)
    if right > space:
        after = left_part(after, max(space - len(_CUT), 0)) + _CUT
    return before, marked, after


def without_commands(line: str) -> str:
    """A line that a CI runner takes for text: no command of GitHub or Azure begins in it."""
    line = line.replace("##[", "\\x23#[").replace("##vso[", "\\x23#vso[")
    bare = line.lstrip()
    while bare.startswith("\x1b["):  # a runner may look past colours
        bare = bare.partition("m")[2].lstrip()
    if bare.startswith("::"):
        start = len(line) - len(bare)
        return f"{line[:start]}\\x3a{line[start + 1 :]}"
    return line
