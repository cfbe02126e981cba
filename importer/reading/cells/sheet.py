"""The rows of a sheet of a workbook, as its XML comes in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from importer import limits
from importer.language import said
from importer.reading.cells.cell_values import RawCell
from importer.reading.cells.markup import LONGEST_TEXT, NAMES, MarkupError, Parser, gathered
from importer.reading.cells.package import Package
from importer.reading.cells.plain import ROW_END, plain_rows

_SHEET, _DATA, _ROW, _CELL, _VALUE, _FORMULA, _INLINE, _RUN, _TEXT, _EXTENSION = (
    NAMES[name] for name in ("worksheet", "sheetData", "row", "c", "v", "f", "is", "r", "t", "extLst")
)
_DATA_BEGIN = b"<sheetData>"
_TRUE = ("1", "true")
_DEEPEST = 64
_FIRST_PIECE = 1 << 13
"""Bytes of XML at a time where a hundred rows are wanted."""
AROUND, IN_DATA, IN_ROW, IN_CELL, IN_VALUE, IN_FORMULA, IN_INLINE, IN_RUN, IN_TEXT, IN_OTHER = range(10)
"""Which element of a sheet is open; `IN_OTHER` is one inside the data that holds no value."""


_Cell = tuple[str | None, str, str, str | None, str | None]
"""Letters of the column, or None; type, number of the format, value, formula."""


class RawRow(NamedTuple):
    """A row with at least one cell that has a value or a formula."""

    number: int
    """From 1."""
    hidden: bool
    cells: list[RawCell]
    """Those that have one, in order."""


def sheet_rows(
    package: Package, part: str, *, carefully: bool = False, first: bool = False
) -> Iterator[RawRow]:
    """The rows of a sheet that are not empty, in order. Raises MarkupError, InputError.

    `first`: only the first ones are wanted. `carefully`: without the shorter way for rows that are spelled as
    they usually are.
    """
    pieces = package.pieces(part, *([_FIRST_PIECE] if first else []))
    return gathered(pieces, _Rows(), carefully=carefully)


class _Rows:
    """Gathers rows from the events of a parser.

    There are five events for a cell, and a million cells in a sheet: `_start` and `_end` ask first what is
    there most often, and compare names by identity, which the parser keeps.
    """

    def __init__(self) -> None:
        self._state = AROUND
        self._back = IN_INLINE
        """What the open text, or the other element, is part of."""
        self._depth = 0
        """How many elements around the data, or within the other element, are open."""
        self._done = False
        """Whether the data of the sheet have been there."""
        self._rows: list[RawRow] = []
        self._number = 0
        """Of the last row."""
        self._row: dict[str, str] = {}
        """Attributes of the open row."""
        self._cells: list[tuple[dict[str, str], str | None, str | None]] = []
        """Attributes, value and formula of the cells of the open row."""
        self._cell: dict[str, str] = {}
        """Attributes of the open cell."""
        self._value: str | None = None
        self._formula: str | None = None
        self._text: list[str] = []
        """Characters of the open element, or of what stands between elements."""
        self._runs: list[str] = []
        self._columns: dict[str, int] = {}
        self._parser = Parser()
        self._parser.handle(self._start, self._end, self._text.append)

    def feed(self, piece: bytes, *, last: bool = False) -> None:
        """Parse the next piece of the XML."""
        self._parser.feed(piece, last=last)
        if len(self._text) + len(self._runs) > 4 and sum(map(len, self._text + self._runs)) > LONGEST_TEXT:
            raise MarkupError("it has a text that is too long")
        if last and not self._done:
            raise MarkupError("it is not a sheet of cells")

    def taken(self) -> list[RawRow]:
        """The rows that have ended since the last call."""
        rows, self._rows = self._rows, []
        return rows

    def cut(self, xml: bytes) -> int:
        """How much of the XML to go on with: up to where the data begin, then up to the end of a row."""
        end = ROW_END if self._done else _DATA_BEGIN
        found = xml.find(end) if end is _DATA_BEGIN else xml.rfind(end)
        return found + len(end) if found >= 0 else len(xml) if len(xml) > LONGEST_TEXT else 0

    def take_plain(self, xml: bytes) -> bool:
        """Take rows that are all spelled as they usually are; False where one is not, or none may begin here.

        None may where a comment is open, or the like: the parser has not come to the end of what it was fed.
        """
        rows = plain_rows(xml) if self._state == IN_DATA and self._parser.is_settled else None
        for number, hidden, cells in rows or ():
            self._take(
                number,
                hidden,
                [
                    (
                        letters,
                        kind or ("inlineStr" if text else "n"),
                        style,
                        text or value or None,
                        formula or None,
                    )
                    for letters, style, kind, formula, value, text in cells
                ],
            )
        return rows is not None

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        state = self._state
        if state == IN_ROW and name is _CELL:
            self._state = IN_CELL
            self._cell = attributes
            self._value = self._formula = None
        elif state == IN_CELL and name is _VALUE and self._value is None:
            self._state = IN_VALUE
            self._text.clear()
        elif name is _TEXT and state in (IN_INLINE, IN_RUN):
            self._state, self._back = IN_TEXT, state
            self._text.clear()
        elif state == IN_CELL and name is _INLINE and self._value is None:
            self._state = IN_INLINE
            self._runs.clear()
        elif state == IN_DATA and name is _ROW:
            self._state = IN_ROW
            self._row = attributes
            self._text.clear()
        elif state == IN_CELL and name is _FORMULA and self._formula is None:
            self._state = IN_FORMULA
            self._text.clear()
        elif state == IN_INLINE and name is _RUN:
            self._state = IN_RUN
        else:
            self._start_other(name, state)

    def _start_other(self, name: str, state: int) -> None:
        """An element that holds no value of a cell, or the one that holds all cells."""
        self._text.clear()
        if state == AROUND and self._depth == 0 and name is not _SHEET:
            raise MarkupError("it is not a sheet of cells")
        if state == AROUND and self._depth == 1 and name is _DATA:
            if self._done:
                raise MarkupError("it has its cells twice")
            self._state, self._done = IN_DATA, True
            return
        if state not in (AROUND, IN_OTHER):
            known = state in (IN_INLINE, IN_RUN) or (state in (IN_CELL, IN_ROW) and name is _EXTENSION)
            if not known:
                cut = name.rpartition(" ")[2][:20]
                raise MarkupError(said("it has {cut!a} where no spreadsheet program has it", cut=cut))
            self._state, self._back, self._depth = IN_OTHER, state, 0
        self._depth += 1
        if self._depth > _DEEPEST:
            raise MarkupError("its XML is nested too deeply")

    def _end(self, name: str) -> None:
        state = self._state
        if state == IN_VALUE:
            self._value = "".join(self._text)
            self._state = IN_CELL
        elif state == IN_CELL:
            self._cells.append((self._cell, self._value, self._formula))
            self._state = IN_ROW
        elif state == IN_TEXT:
            self._runs.extend(self._text)
            self._state = self._back
        elif state == IN_INLINE:
            self._close_inline()
        elif state == IN_ROW:
            self._close_row()
        elif state == IN_FORMULA:
            self._formula = "".join(self._text)
            self._state = IN_CELL
        elif state == IN_RUN:
            self._state = IN_INLINE
        else:
            self._end_other(state)

    def _end_other(self, state: int) -> None:
        self._text.clear()
        if state == IN_DATA:
            self._state, self._depth = AROUND, 1
            return
        self._depth -= 1
        if state == IN_OTHER and not self._depth:
            self._state = self._back

    # --- rows and cells ---------------------------------------------------------------------------

    def _close_inline(self) -> None:
        self._state = IN_CELL
        if self._cell.get("t") != "inlineStr":
            raise MarkupError("a cell that should hold something else holds a text")
        self._value = "".join(self._runs)
        self._runs.clear()

    def _close_row(self) -> None:
        self._state = IN_DATA
        self._text.clear()
        cells, self._cells = self._cells, []
        row = self._row.get("r") or _row_of(cells) or str(self._number + 1)
        self._take(
            row,
            self._row.get("hidden", "") in _TRUE,
            [
                (
                    *(
                        attributes["r"].removesuffix(row) if "r" in attributes else None,
                        attributes.get("t", "n"),
                    ),
                    *(attributes.get("s", ""), value, formula),
                )
                for attributes, value, formula in cells
            ],
        )

    def _take(self, row: str, hidden: bool, cells: list[_Cell]) -> None:
        """Take a row with this number."""
        number = int(row) if row.isascii() and row.isdigit() and len(row) < 8 else 0
        if not 1 <= number <= limits.MAX_SHEET_ROWS:
            raise MarkupError(said("it has no row {row!a}", row=row[:20]))
        if number <= self._number:
            raise MarkupError("a cell is there twice, or not in its order")
        self._number = number
        found, columns, last = list[RawCell](), self._columns, -1
        for letters, kind, style, value, formula in cells:
            if letters is None:  # it follows the cell before it
                column = last + 1
            else:
                column = columns[letters] if letters in columns else self._column(letters)
            if column <= last:
                raise MarkupError("a cell is there twice, or not in its order")
            last = column
            if value is not None or formula is not None:
                found.append((column, kind, style, value, formula))
        if last >= limits.MAX_SHEET_COLUMNS:
            raise MarkupError(
                said(
                    "it has more than {MAX_SHEET_COLUMNS:,} columns",
                    MAX_SHEET_COLUMNS=limits.MAX_SHEET_COLUMNS,
                )
            )
        if found:
            self._rows.append(RawRow(number, hidden, found))

    def _column(self, letters: str) -> int:
        """0 for A, 26 for AA; what is left of the reference of a cell in another row has digits."""
        number = 0
        for letter in letters:
            number = number * 26 + ord(letter) - ord("A") + 1
            if not "A" <= letter <= "Z" or number > limits.MAX_SHEET_COLUMNS:
                raise MarkupError(
                    said("a cell has the reference {letters!a}, or is in the wrong row", letters=letters[:20])
                )
        if not letters:
            raise MarkupError("it has a cell without a column")
        self._columns[letters] = number - 1
        return number - 1


def _row_of(cells: list[tuple[dict[str, str], str | None, str | None]]) -> str:
    """The row that the first reference of a cell names; empty where there is none."""
    reference = next((attributes["r"] for attributes, _, _ in cells if "r" in attributes), "")
    return reference.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
