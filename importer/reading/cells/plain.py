"""Rows and shared texts as Excel, openpyxl and XlsxWriter spell them, read with one expression.

The careful readers in `sheet.py` and `book.py` are told of five events for each cell or text. Where a stretch
of XML is spelled as nearly all of it is, with every sign of it accounted for, this takes a third of the time.
Both give the same, which a property test holds them to.
"""

from __future__ import annotations

import re

_SIGNS = r"[ !-%'-;=?-~\t\n]"
"""What stands for itself in XML: ASCII without `&`, `<` and `>`."""
_SPACE = r'(?: xml:space="preserve")?+'


def _cell(number: str) -> str:
    """A cell in the row of this number: letters, format, type, formula, value, text."""
    return (
        rf'<c r="([A-Z]{{1,3}}+){number}"(?: s="([0-9]{{1,6}}+)")?+'
        rf'(?:/>|(?: t="(s|str|n|b|e)")?+>(?:<f>({_SIGNS}{{1,8192}}+)</f>)?+<v>({_SIGNS}{{1,32767}}+)</v></c>'
        rf'| t="inlineStr"><is><t{_SPACE}>({_SIGNS}{{1,32767}}+)</t></is></c>)'
    )


_ATTRIBUTES = (
    r'(?: spans="[0-9: ]{0,20}+")?+(?: s="[0-9]{1,6}+")?+(?: customFormat="1")?+(?: ht="[0-9.]{1,20}+")?+'
    r'( hidden="1")?+(?: customHeight="1")?+'
)
_CELLS_OF_ROW = _cell(r"\1")
_ROW = re.compile(
    rf'[ \t\n]{{0,100}}+<row r="([1-9][0-9]{{0,6}}+)"{_ATTRIBUTES}>((?:{_CELLS_OF_ROW}){{0,16384}}+)'
)
_CELLS = re.compile(_cell("[0-9]{1,7}+"))
ROW_END = b"</row>"


PlainRow = tuple[str, bool, list[tuple[str, str, str, str, str, str]]]
"""Number, hidden or not, and the cells: letters of the column, format, type, formula, value, text in it;
empty where one is not there."""


def plain_rows(xml: bytes) -> list[PlainRow] | None:
    """The rows in XML that ends with one; None where a sign of it is not as these programs write it."""
    if not xml.isascii():
        return None
    found = list[PlainRow]()
    for text in xml.decode("ascii").split("</row>")[:-1]:
        row = _ROW.fullmatch(text)
        if row is None:
            return None
        number, hidden, cells = row.group(1, 2, 3)
        found.append((number, hidden is not None, _CELLS.findall(cells)))
    return found


_ITEM = rf"<si><t{_SPACE}>({_SIGNS}{{1,32767}}+)</t></si>"
_ITEMS, _TEXTS = re.compile(rf"(?:{_ITEM}){{0,1000000}}+"), re.compile(_ITEM)
ITEM_END = b"</si>"


def plain_texts(xml: bytes) -> list[str] | None:
    """The shared texts in XML that ends with one; None where a sign is not as these programs write it."""
    text = xml.decode("ascii") if xml.isascii() else ""
    return _TEXTS.findall(text) if text and _ITEMS.fullmatch(text) else None
