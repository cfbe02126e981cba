"""The rows of a sheet of a workbook, as its XML comes in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from importer import limits
from importer.reading.cells.cell_values import RawCell
from importer.reading.cells.markup import MarkupError, Parser, spelled
from importer.reading.cells.package import Package
from importer.reading.cells.text_runs import LONGEST_CELL, TextRuns

_SHEETS, _DATA, _ROWS, _CELLS = map(spelled, ("worksheet", "sheetData", "row", "c"))
_VALUES, _FORMULAS, _INLINE, _EXTENSIONS = map(spelled, ("v", "f", "is", "extLst"))
_DIGITS = "0123456789"
_TRUE = ("1", "true")
_AROUND, _IN_DATA, _IN_ROW, _IN_CELL, _IN_VALUE, _IN_FORMULA, _IN_INLINE, _IN_EXTENSION = range(8)
"""What part of a sheet the parser is in."""
_DEEPEST = 64


class RawRow(NamedTuple):
    """A row with at least one cell that has a value or a formula."""

    number: int
    """From 1."""
    hidden: bool
    cells: list[RawCell]
    """Those that have one, in order."""


def sheet_rows(package: Package, part: str) -> Iterator[RawRow]:
    """The rows of a sheet that are not empty, in order. Raises MarkupError, InputError."""
    rows = _Rows()
    for piece in package.pieces(part):
        yield from rows.feed(piece)
    yield from rows.feed(b"", last=True)


class _Rows:
    """Gathers rows from the events of a parser, which are many: hence the plain tuples and the lists."""

    def __init__(self) -> None:
        self._parser = Parser()
        self._state = _AROUND
        self._depth = 0
        """How many elements around the cells are open."""
        self._inside = 0
        """How many elements are open in the extension, or in the text, of a row or a cell."""
        self._back = _IN_ROW
        """What the open extension is part of."""
        self._done = False
        """Whether the data of the sheet have been there."""
        self._rows: list[RawRow] = []
        self._number = 0
        """Of the last row, or of the row that is open where it is known."""
        self._reference: str | None = ""
        """The number of the open row as its cells spell it; None until the first one of them does."""
        self._hidden = False
        self._cells: list[RawCell] = []
        self._column = -1
        """Of the last cell of the open row."""
        self._attributes: dict[str, str] = {}
        """Of the open cell."""
        self._value: str | None = None
        self._formula: str | None = None
        self._text: list[str] = []
        """Characters of the open value or formula, or of what stands between elements."""
        self._runs = TextRuns()
        self._columns: dict[str, int] = {}
        self._parser.handle(self._start, self._end, self._text.append)

    def feed(self, piece: bytes, *, last: bool = False) -> list[RawRow]:
        """The rows that end in this piece of the XML."""
        self._parser.feed(piece, last=last)
        self._runs.check()
        if len(self._text) > 1 and sum(map(len, self._text)) > LONGEST_CELL:
            raise MarkupError("it has a text that is too long")
        if last and not self._done:
            raise MarkupError("it is not a sheet of cells")
        rows, self._rows = self._rows, []
        return rows

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        state = self._state
        if state == _IN_ROW and name in _CELLS:
            self._state = _IN_CELL
            self._attributes = attributes
            self._value = self._formula = None
        elif state == _IN_CELL and name in _VALUES and self._value is None:
            self._state = _IN_VALUE
            self._text.clear()
        elif state == _IN_CELL and name in _FORMULAS and self._formula is None:
            self._state = _IN_FORMULA
            self._text.clear()
        elif state == _IN_CELL and name in _INLINE and self._value is None:
            self._state, self._inside = _IN_INLINE, 0
            self._runs.clear()
            self._parser.handle(self._start, self._end, self._runs.add)
        elif state == _IN_INLINE:
            self._inside += 1
            self._runs.start(name)
        elif state == _IN_DATA and name in _ROWS:
            self._open_row(attributes)
        elif state == _AROUND:
            self._start_around(name)
        elif state == _IN_EXTENSION or (name in _EXTENSIONS and state in (_IN_CELL, _IN_ROW)):
            self._start_extension(state)
        else:
            raise MarkupError(f"it has {name.rpartition(' ')[2][:20]!a} where no spreadsheet program has it")

    def _start_around(self, name: str) -> None:
        """An element that holds no cells, or the one that holds all of them."""
        if self._depth == 0 and name not in _SHEETS:
            raise MarkupError("it is not a sheet of cells")
        self._text.clear()
        if self._depth == 1 and name in _DATA:
            if self._done:
                raise MarkupError("it has its cells twice")
            self._state, self._done = _IN_DATA, True
            return
        self._depth += 1
        if self._depth > _DEEPEST:
            raise MarkupError("its XML is nested too deeply")

    def _start_extension(self, state: int) -> None:
        """An element for later versions of Excel, or one inside of it."""
        if state != _IN_EXTENSION:
            self._state, self._back, self._inside = _IN_EXTENSION, state, 0
        self._inside += 1
        if self._inside > _DEEPEST:
            raise MarkupError("its XML is nested too deeply")

    def _end(self, name: str) -> None:
        state = self._state
        if state == _IN_VALUE:
            self._value = "".join(self._text)
            self._state = _IN_CELL
        elif state == _IN_CELL:
            self._close_cell()
            self._state = _IN_ROW
        elif state == _IN_FORMULA:
            self._formula = "".join(self._text)
            self._state = _IN_CELL
        elif state == _IN_INLINE and self._inside:
            self._inside -= 1
            self._runs.end()
        elif state == _IN_INLINE:
            self._close_inline()
        elif state == _IN_ROW:
            self._close_row()
        elif state == _IN_DATA:
            self._state = _AROUND
        elif state == _IN_EXTENSION:
            self._inside -= 1
            self._state = state if self._inside else self._back
        else:
            self._depth -= 1
            self._text.clear()

    # --- rows and cells ---------------------------------------------------------------------------

    def _open_row(self, attributes: dict[str, str]) -> None:
        self._state = _IN_ROW
        self._text.clear()
        self._cells, self._column = [], -1
        self._hidden = attributes.get("hidden", "") in _TRUE
        self._reference = attributes.get("r")
        if self._reference is not None:
            self._take_number(self._reference)

    def _take_number(self, text: str) -> None:
        """The open row has this number."""
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 0
        if not 1 <= number <= limits.MAX_SHEET_ROWS:
            raise MarkupError(f"it has no row {text[:20]!a}")
        if number <= self._number:
            raise MarkupError("a cell is there twice, or not in its order")
        self._number = number
        self._reference = text

    def _close_row(self) -> None:
        self._state = _IN_DATA
        self._text.clear()
        if self._reference is None:  # it follows the row before it
            self._take_number(str(self._number + 1))
        if self._cells:
            self._rows.append(RawRow(self._number, self._hidden, self._cells))

    def _close_inline(self) -> None:
        self._state = _IN_CELL
        self._parser.handle(self._start, self._end, self._text.append)
        if self._attributes.get("t") != "inlineStr":
            raise MarkupError("a cell that should hold something else holds a text")
        self._value = self._runs.text()

    def _close_cell(self) -> None:
        reference = self._attributes.get("r")
        if reference is None:
            column = self._column + 1
        else:
            letters = reference.rstrip(_DIGITS)
            column = self._columns.get(letters, -1)
            if column < 0:
                column = self._columns[letters] = _column(letters)
            digits = reference[len(letters) :]
            if digits != self._reference:
                if self._reference is not None:
                    raise MarkupError(f"it has the cell {reference[:20]!a} in row {self._number}")
                self._take_number(digits)
        if column <= self._column:
            raise MarkupError("a cell is there twice, or not in its order")
        if column >= limits.MAX_SHEET_COLUMNS:
            raise MarkupError(f"it has more than {limits.MAX_SHEET_COLUMNS:,} columns")
        self._column = column
        if self._value is not None or self._formula is not None:
            kind, style = self._attributes.get("t", "n"), self._attributes.get("s", "")
            self._cells.append((column, kind, style, self._value, self._formula))


def _column(letters: str) -> int:
    """0 for A, 26 for AA. Raises MarkupError."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
        if not "A" <= letter <= "Z" or number > limits.MAX_SHEET_COLUMNS:
            raise MarkupError(f"it has no column {letters[:20]!a}")
    if not letters:
        raise MarkupError("it has a cell without a column")
    return number - 1
