"""Text of a workbook that may be in runs, each with a format of its own."""

from __future__ import annotations

from importer.reading.cells.markup import MarkupError, spelled

LONGEST_CELL = 1 << 21
"""Characters of a cell; a host list has no longer ones."""
_TEXT, _RUN = spelled("t"), spelled("r")
_DEEPEST = 64


class TextRuns:
    """The text of a shared text or of a cell: all of its runs `t`, but not what tells how to say it.

    <si><r><t>kafka</t></r><r><t>01</t></r><rPh><t>...</t></rPh></si>  ->  kafka01
    """

    def __init__(self) -> None:
        self._runs: list[str] = []
        self._size = 0
        self._path = ""
        """A letter for each open element: `t`, `r`, and `-` for any other one."""

    def clear(self) -> None:
        """Begin the next text."""
        self._runs, self._size, self._path = [], 0, ""

    def start(self, name: str) -> None:
        """Take note of an element inside."""
        self._path += "t" if name in _TEXT else "r" if name in _RUN else "-"
        if len(self._path) > _DEEPEST:
            raise MarkupError("its XML is nested too deeply")

    def end(self) -> None:
        """Take note of the end of an element inside."""
        self._path = self._path[:-1]

    def add(self, text: str) -> None:
        """Take note of characters."""
        if self._path in ("t", "rt"):
            self._runs.append(text)
            self._size += len(text)

    def check(self) -> None:
        """Raise MarkupError where a text is longer than any that can be used."""
        if self._size > LONGEST_CELL:
            raise MarkupError("it has a text that is too long")

    def text(self) -> str:
        """All of it."""
        return "".join(self._runs)
