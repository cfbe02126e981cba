"""What a cell of a workbook says: the text that a person sees in it, and what the workbook holds it as."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from typing import NamedTuple

from importer.columns.batch import BOOLEAN, DATE, ERROR, FORMULA, NUMBER, TEXT
from importer.language import said
from importer.reading.cells.markup import MarkupError

RawCell = tuple[int, str, str, str | None, str | None]
"""Column from 0, type, number of the format, value, formula; None where there is no such element."""

_XML_BLANKS = " \t\r\n"
_UNKNOWN = "..."
"""Stands for a formula that is written at another cell and shared."""
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,400}(?:\.[0-9]{0,400})?|\.[0-9]{1,400})(?:[eE][+-]?[0-9]{1,4})?")
_EXACT = 1e15
"""Whole numbers below it are shown with all their digits; a cell holds 15 of them."""
_EXACT_DIGITS = 15
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_BOOLEANS = {"1": "TRUE", "0": "FALSE", "true": "TRUE", "false": "FALSE"}

GENERAL, CALENDAR, DURATION = range(3)
"""How a number is shown: as it is, as a date or a time of the day, as a number of hours."""
_CALENDAR_FORMATS = frozenset((*range(14, 23), *range(27, 37), 45, 47, *range(50, 59)))
_DURATION_FORMAT = 46
_MS_A_DAY = 86_400_000
_LONGEST_DURATION = 1e8
"""Days, far beyond what a program shows."""


class CellText(NamedTuple):
    """The text of a cell."""

    value: bytes
    kind: int
    """What the workbook holds: one of the kinds of `importer.columns.batch`."""


NOTHING = CellText(b"", TEXT)


class Shared:
    """The texts that cells share, in one buffer: there may be a million of them."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        ends = [0]
        buffer = bytearray()
        for text in texts:
            buffer += text.encode() if "_x" not in text else unescaped(text)
            ends.append(len(buffer))
        self._text, self._ends = bytes(buffer), ends

    def value(self, number: str) -> bytes:
        """The text with this number. Raises MarkupError."""
        digits = number.strip(_XML_BLANKS)
        if not (digits.isdigit() and digits.isascii() and len(digits) < 10):
            raise MarkupError(
                said("a cell names the shared text {digits!a}, which is not a number", digits=digits[:20])
            )
        at = int(digits)
        if at + 1 >= len(self._ends):
            raise MarkupError(
                said(
                    "a cell names the shared text {at}, and there are {number}",
                    at=at,
                    number=len(self._ends) - 1,
                )
            )
        return self._text[self._ends[at] : self._ends[at + 1]]


class CellTexts:
    """Turns the cells of one workbook into text."""

    def __init__(self, shared: Shared, formats: list[int], *, since_1904: bool) -> None:
        self._shared, self._formats, self._since_1904 = shared, formats, since_1904

    def of(self, cell: RawCell) -> CellText:
        """The text of a cell. Raises MarkupError."""
        _, kind, style, value, formula = cell
        if kind == "s" and value:
            return CellText(self._shared.value(value), TEXT)
        if kind in ("str", "inlineStr") and value is not None:
            # Where the cell says that it is text, an empty value is a value: a formula with the result ""
            # is stored like that (ECMA-376 part 1, 18.18.11: `str`).
            return CellText(unescaped(value), TEXT)
        if not value:
            return NOTHING if formula is None else CellText(f"={formula or _UNKNOWN}".encode(), FORMULA)
        if kind == "n":
            return self._number(value.strip(_XML_BLANKS), style)
        if kind == "b" and value.strip(_XML_BLANKS) in _BOOLEANS:
            return CellText(_BOOLEANS[value.strip(_XML_BLANKS)].encode(), BOOLEAN)
        if kind == "e":
            return CellText(value.encode(), ERROR)
        if kind == "d":
            return CellText(value.replace("T", " ", 1).removesuffix(" 00:00:00").encode(), DATE)
        raise MarkupError(
            said("a cell of the type {kind!a} holds {value!a}", kind=kind[:20], value=value[:20])
        )

    def _number(self, value: str, style: str) -> CellText:
        shape = self._shape(style)
        if shape == GENERAL and value.isascii() and value.isdigit() and len(value) <= _EXACT_DIGITS:
            return CellText(str(int(value)).encode(), NUMBER)
        if len(value) > 1000 or not _NUMBER.fullmatch(value):
            raise MarkupError(said("a cell that should hold a number holds {value!a}", value=value[:20]))
        number = float(value)
        text = "" if shape == GENERAL else self._day(number, shape)
        return CellText(text.encode(), DATE) if text else CellText(general(number).encode(), NUMBER)

    def _shape(self, style: str) -> int:
        if not style or len(style) > 9 or not (style.isascii() and style.isdigit()):
            return GENERAL
        number = int(style)
        return self._formats[number] if number < len(self._formats) else GENERAL

    def _day(self, number: float, shape: int) -> str:
        """A date, a time of the day or a number of hours; empty where no calendar has it."""
        if not 0 <= number < _LONGEST_DURATION:
            return ""
        if shape == DURATION:
            return _hours(round(number * _MS_A_DAY))
        # A leap day in 1900 that never was: Excel counts it, so days before it are one further on.
        first = _FIRST_1904 if self._since_1904 else _FIRST_1900 if number >= 60 else _FIRST_EARLY
        try:
            moment = first + datetime.timedelta(milliseconds=round(number * _MS_A_DAY))
        except OverflowError:
            return ""
        return str(moment.time()) if number < 1 else str(moment).removesuffix(" 00:00:00")


_FIRST_1900 = datetime.datetime(1899, 12, 30)
_FIRST_EARLY = datetime.datetime(1899, 12, 31)
_FIRST_1904 = datetime.datetime(1904, 1, 1)


def _hours(milliseconds: int) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    text = f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return f"{text}.{rest:03}" if rest else text


def general(number: float) -> str:
    """A number in the format `General`: 15 digits of it."""
    whole = number.is_integer() and abs(number) < _EXACT
    return str(int(number)) if whole else f"{number:.15g}".upper()


def unescaped(text: str) -> bytes:
    """A text without the escapes for what XML cannot hold: `_x000D_` for a carriage return."""
    if "_x" not in text:
        return text.encode()
    text = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").encode()


def shape_of(number: int, code: str) -> int:
    """How a format shows a number, from its own number and its code if it has one."""
    if not code:
        return (
            CALENDAR if number in _CALENDAR_FORMATS else DURATION if number == _DURATION_FORMAT else GENERAL
        )
    bare, at = "", 0
    while at < len(code):
        sign = code[at]
        if sign in '"[':  # a text, or a colour, a condition, a currency, a number of hours
            close = code.find('"' if sign == '"' else "]", at + 1)
            close = len(code) if close < 0 else close
            if sign == "[" and code[at + 1 : close].lower() in ("h", "hh", "m", "mm", "s", "ss"):
                return DURATION
            at = close
        elif sign in "\\_*":  # the sign behind it is no code
            at += 1
        else:
            bare += sign
        at += 1
    bare = bare.lower().replace("general", "")
    return CALENDAR if any(sign in bare for sign in "dmyhs") else GENERAL
