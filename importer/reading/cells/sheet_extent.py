"""How much memory a sheet of a workbook would take, found in its XML before a reader allocates it.

Readers of workbooks hold a sheet as a full rectangle, so that two cells in opposite corners, written in a few
hundred bytes, take half a terabyte. And they make a text of its own for each cell, even where all cells share
one. The sizes found here are never less than what a reader will find.
"""

from __future__ import annotations

import re

import numpy as np

from importer import limits
from importer.columns.arrays import BoolArray, ByteArray, IntArray

_SPACE = np.zeros(256, np.bool_)
_SPACE[list(b" \t\r\n/>")] = True
_HARMLESS = np.zeros(256, np.bool_)
_HARMLESS[list(b".eE-+#ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")] = True
"""Bytes that show that a value is not the number of a shared text."""
_PREFIXED = re.compile(rb":(c|row|v|si)[ \t\r\n/>]")
_ATTRIBUTE = re.compile(rb"""[ \t\r\n]+([^ \t\r\n=<>"'/]+)[ \t\r\n]*=[ \t\r\n]*(?:"([^"<]*)"|'([^'<]*)')""")
_REFERENCE = re.compile(rb"([A-Za-z]{0,3})([0-9]{1,7})")
_REFERENCE_BYTES = 11
"""Bytes of the longest reference, XFD1048576, and of the quote behind it."""
_VALUE_DIGITS = 9
_COLUMN_BITS = 15
"""Bits for the number of a column of three letters."""
_PAD = bytes(32)

Tags = dict[bytes, IntArray]


class SheetError(Exception):
    """A sheet as no spreadsheet program writes it; the text says why."""


class Extent:
    """The most that one part of a workbook can come to, from its XML piece by piece."""

    def __init__(self, shared: IntArray, *, sheet: bool = True) -> None:
        """`shared`: bytes of each text that cells may share; `sheet`: whether its cells must be in order."""
        self._sheet = sheet
        self._last = 0
        """Row and column of the last cell as one number."""
        self._shared = np.append(shared, 0)
        self._longest = int(self._shared.max())
        self.text = 0
        """Bytes of the shared texts in its cells, a text counted for each of its cells."""
        self._row = self._column = 0
        """The greatest row and column in a reference."""
        self._nameless_rows = 0
        self._longest_run = 0
        self._run = 0
        self._rest = b""
        self._seen = 0
        self._items: list[IntArray] = []

    @property
    def rows(self) -> int:
        """No cell is in a later row; rows without a number follow one another."""
        return self._row + self._nameless_rows

    @property
    def columns(self) -> int:
        """No cell is in a later column; cells without a reference follow one another."""
        return self._column + self._longest_run

    @property
    def items(self) -> IntArray:
        """Bytes of each text in it that cells may share."""
        return np.diff(np.concatenate([*self._items, [self._seen]]))

    def add(self, piece: bytes) -> None:
        """Take note of the next piece. Raises SheetError."""
        text = self._rest + piece
        # Tags before the last but one are whole, and so is the end of every value before it.
        cut = max(text.rfind(b"<", 0, max(text.rfind(b"<"), 0)), 0)
        self._scan(text, cut)
        self._rest = text[cut:]
        if len(self._rest) > 2 * limits.MAX_LINE_BYTES:
            raise SheetError("a cell or a tag is too long")

    def close(self) -> None:
        """Take note of what is left at the end."""
        self._scan(self._rest, len(self._rest))

    def _scan(self, text: bytes, cut: int) -> None:
        """Take note of the tags before `cut`; except at the end, the tag behind it is in the text too."""
        if b"\0" in text:
            raise SheetError("it holds NUL bytes")
        data = np.frombuffer(text + _PAD, np.uint8)
        tag = np.flatnonzero(data[:cut] == ord("<"))
        first = data.take(tag + 1)
        plain = {name: _named(data, tag[first == name[0]], name) for name in (b"c", b"row", b"v", b"si")}
        prefixed = _prefixed(text, cut)
        odd = [
            self._take_references(data, plain[b"c"], 2),
            self._take_references(data, plain[b"row"], 4),
            *(prefixed[name] for name in (b"c", b"row")),
        ]
        if self._run or any(map(len, odd)):
            odd.append(_named(data, tag[first == ord("/")] + 1, b"row") - 1)  # where runs of cells end
            self._take_one_by_one(text, np.sort(np.concatenate(odd)))
        self._take_values(data, plain[b"v"])
        self.text += self._longest * len(prefixed[b"v"])
        self._items.append(np.sort(np.concatenate([plain[b"si"], prefixed[b"si"]])) + self._seen)
        self._seen += cut

    def _take_references(self, data: ByteArray, tag: IntArray, width: int) -> IntArray:
        """Take note of tags with ` r="A1"` right behind their name; return the other tags."""
        at = tag + width
        plain = np.ones(len(tag), np.bool_)
        for i, wanted in enumerate(b' r="'):
            plain &= data.take(at + i) == wanted
        at = at + 4
        column, row, letters, digits = np.zeros((4, len(tag)), np.int64)
        closed = np.zeros(len(tag), np.bool_)
        for i in range(_REFERENCE_BYTES):
            byte = data.take(at + i)
            closed |= byte == ord('"')
            letter = (byte - np.uint8(65) < np.uint8(26)) & ~closed & (digits == 0)
            digit = _is_digit(byte) & ~closed
            plain &= letter | digit | closed
            column[letter] = column[letter] * 26 + byte[letter] - 64
            row[digit] = row[digit] * 10 + byte[digit] - 48
            letters += letter
            digits += digit
        plain &= closed & (letters <= 3) & (digits >= 1) & (digits <= 7)
        self._row = max(self._row, int(row[plain].max(initial=0)))
        self._column = max(self._column, int(column[plain].max(initial=0)))
        if self._sheet:
            self._check_order(row[plain] << _COLUMN_BITS | column[plain])
        return tag[~plain]

    def _check_order(self, place: IntArray) -> None:
        """Raise SheetError for cells out of order: of two at one place, readers silently drop the first."""
        place = place[place & (1 << _COLUMN_BITS) - 1 > 0]  # rows have no column
        if len(place) and (place[0] <= self._last or (np.diff(place) <= 0).any()):
            raise SheetError("a cell is there twice, or not in its order")
        self._last = int(place[-1]) if len(place) else self._last

    def _take_one_by_one(self, text: bytes, tags: IntArray) -> None:
        """Take note of tags in order: those that are spelled in other ways, and the ends of rows."""
        for at in tags.tolist():
            name_end = at + 1
            while text[name_end] not in b" \t\r\n>" and (text[name_end] != 47 or name_end == at + 1):
                name_end += 1
            name = text[at + 1 : name_end]
            if name.startswith(b"/"):
                self._run = 0
                continue
            reference = _reference(text, name_end)
            if reference is None and name.endswith(b"row"):
                self._nameless_rows += 1
            elif reference is None:
                self._run += 1
                self._longest_run = max(self._longest_run, self._run)
            else:
                letters, digits = reference
                self._row = max(self._row, int(digits))
                self._column = max(self._column, _number(letters))

    def _take_values(self, data: ByteArray, tag: IntArray) -> None:
        """Take note of values: each that can be the number of a shared text is taken for one."""
        if not self._longest or not len(tag):
            return
        at = tag + 3
        number = np.zeros(len(tag), np.int64)
        reading = data.take(at - 1) == ord(">")
        odd = ~reading
        digits = np.zeros(len(tag), np.int64)
        for i in range(_VALUE_DIGITS):
            byte = data.take(at + i)
            reading &= _is_digit(byte)
            number[reading] = number[reading] * 10 + byte[reading] - 48
            digits += reading
        behind, next_one = data.take(at + digits), data.take(at + digits + 1)
        closed = (digits > 0) & (behind == ord("<")) & (next_one == ord("/"))
        odd |= ~closed & ~_HARMLESS[behind]
        known = number[closed & ~odd]
        self.text += int(self._shared.take(known, mode="clip").sum()) + self._longest * int(odd.sum())


def _is_digit(byte: ByteArray) -> BoolArray:
    found: BoolArray = (byte - np.uint8(48)) < np.uint8(10)
    return found


def _named(data: ByteArray, tag: IntArray, name: bytes) -> IntArray:
    """The tags with this name."""
    named = _SPACE[data.take(tag + 1 + len(name))]
    for i, byte in enumerate(name):
        named &= data.take(tag + 1 + i) == byte
    return tag[named]


def _prefixed(text: bytes, cut: int) -> Tags:
    """The tags of these names, and the ends of rows, whose names have a prefix."""
    found: dict[bytes, list[int]] = {b"c": [], b"row": [], b"v": [], b"si": []}
    before = 0
    for name in _PREFIXED.finditer(text):
        at = text.rfind(b"<", before, name.start())
        before = name.end() - 1
        if not 0 <= at < cut or any(byte in b": \t\r\n>" for byte in text[at : name.start()]):
            continue
        if text[at + 1] != ord("/") or name[1] == b"row":
            found[name[1]].append(at)
    return {name: np.array(tags, np.int64) for name, tags in found.items()}


def _reference(text: bytes, at: int) -> tuple[bytes, bytes] | None:
    """Letters and digits of a tag's `r`; None where it has none. Raises SheetError."""
    while True:
        found = _ATTRIBUTE.match(text, at)
        if found is None:
            break
        at = found.end()
        if found[1] == b"r":
            value = found[2] if found[2] is not None else found[3]
            reference = _REFERENCE.fullmatch(value)
            if reference is None:
                raise SheetError("a cell has a place that no sheet has")
            return reference[1], reference[2]
    if text[at : at + 64].lstrip()[:1] not in (b">", b"/"):
        raise SheetError("a tag is not closed as it should be")
    return None


def _number(letters: bytes) -> int:
    """A is 1, XFD 16,384."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number
