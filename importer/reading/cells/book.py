"""What a workbook says of its sheets: which there are, which part each is, and what their cells share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from importer.errors import InputError
from importer.language import said
from importer.reading.cells.cell_values import CellTexts, Shared, shape_of
from importer.reading.cells.markup import LONGEST_TEXT, NAMES, MarkupError, Parser, elements, gathered
from importer.reading.cells.package import Package
from importer.reading.cells.plain import ITEM_END, plain_texts

_RELATIONS = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships id",
    "http://purl.oclc.org/ooxml/officeDocument/relationships id",
)
_MOST_SHEETS = 1000
_MOST_FORMATS = 1 << 16
"""Excel's own limit: 65,490 formats of cells in a workbook."""
_LONGEST_FORMAT = 255
"""Characters of the code of a format, as Excel has it."""


class Sheet(NamedTuple):
    """A sheet of cells."""

    name: str
    part: str
    hidden: bool


class Book(NamedTuple):
    """A workbook whose sheets can be read."""

    package: Package
    sheets: tuple[Sheet, ...]
    """In their order, which is also that of their numbers; charts and dialogs are not among them."""
    texts: CellTexts


def open_book(package: Package) -> Book:
    """The workbook in a package. Raises MarkupError, InputError."""
    main = [r.target for r in package.relations("").values() if r.kind == "officeDocument"]
    if len(main) != 1:
        raise MarkupError("it does not say which of its parts is the workbook")
    relations = package.relations(main[0])
    parts = {
        kind: [r.target for r in relations.values() if r.kind == kind] for kind in ("styles", "sharedStrings")
    }
    if any(len(found) > 1 for found in parts.values()):
        raise MarkupError("it has two parts for what its cells share")
    sheets, since_1904 = list[Sheet](), False
    for path, attributes in elements(package.pieces(main[0])):
        if "/" not in path and path != "workbook":
            raise MarkupError("its main part is not a workbook")
        if path == "workbook/workbookPr":
            since_1904 = attributes.get("date1904", "") in ("1", "true")
        if path == "workbook/sheets/sheet":
            relation = next((relations.get(attributes[key]) for key in _RELATIONS if key in attributes), None)
            if relation is None:
                raise MarkupError("it does not say which of its parts is which sheet")
            if relation.kind == "worksheet":
                hidden = attributes.get("state", "visible") != "visible"
                sheets.append(Sheet(attributes.get("name", ""), relation.target, hidden))
    if len({sheet.part.lower() for sheet in sheets}) < len(sheets):
        raise MarkupError("two of its sheets are the same part")
    if len(sheets) > _MOST_SHEETS:
        raise InputError(
            said(
                "has {number:,} sheets, more than {MOST_SHEETS:,}",
                number=len(sheets),
                MOST_SHEETS=_MOST_SHEETS,
            ),
            hint="copy the sheet with the hosts to a workbook of its own",
        )
    formats = _formats(package, parts["styles"][0]) if parts["styles"] else []
    shared = _shared(package, parts["sharedStrings"][0]) if parts["sharedStrings"] else Shared()
    return Book(package, tuple(sheets), CellTexts(shared, formats, since_1904=since_1904))


def _formats(package: Package, part: str) -> list[int]:
    """How each format of cells shows a number."""
    codes, numbers = dict[str, str](), list[str]()
    for path, attributes in elements(package.pieces(part)):
        if path == "styleSheet/numFmts/numFmt":
            codes[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")[:_LONGEST_FORMAT]
        elif path == "styleSheet/cellXfs/xf":
            numbers.append(attributes.get("numFmtId", "0"))
        if len(codes) + len(numbers) > 2 * _MOST_FORMATS:
            raise MarkupError("it has too many formats of cells")
    known = {n: shape_of(int(n) if n.isdecimal() and len(n) < 9 else 0, codes.get(n, "")) for n in {*numbers}}
    return [known[n] for n in numbers]


def _shared(package: Package, part: str) -> Shared:
    """The texts that cells share."""
    return Shared(shared_texts(package.pieces(part)))


def shared_texts(pieces: Iterable[bytes], *, carefully: bool = False) -> Iterator[str]:
    """The texts in the XML of shared ones. Raises MarkupError.

    `carefully`: without the shorter way for texts that are spelled as they usually are.
    """
    return gathered(pieces, _SharedTexts(), carefully=carefully)


_FIRST_ITEM = b"<si>"
_TABLE, _ITEM, _RUN, _TEXT = (NAMES[name] for name in ("sst", "si", "r", "t"))
_DEEPEST = 64


class _SharedTexts:
    """Gathers shared texts from the events of a parser: all runs, but not what tells how to say them.

    <si><r><t>kafka</t></r><r><t>01</t></r><rPh><t>...</t></rPh></si>  ->  kafka01
    """

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._path: list[str] = []
        """Names of the open elements."""
        self._text: list[str] = []
        """Characters of the open text, or of what stands between elements."""
        self._runs: list[str] = []
        self._parser = Parser()
        self._parser.handle(self._start, self._end, self._text.append)

    def feed(self, piece: bytes, *, last: bool = False) -> None:
        """Parse the next piece. Raises MarkupError."""
        self._parser.feed(piece, last=last)
        if sum(map(len, self._text)) + sum(map(len, self._runs)) > LONGEST_TEXT:
            raise MarkupError("it has a text that is too long")

    def cut(self, xml: bytes) -> int:
        """How much of the XML to go on with: up to where the texts begin, then up to the end of one."""
        found = xml.rfind(ITEM_END) + len(ITEM_END) if self._path else xml.find(_FIRST_ITEM)
        return found if found >= len(ITEM_END) else len(xml) if len(xml) > LONGEST_TEXT else 0

    def taken(self) -> list[str]:
        """The texts that have ended since the last call."""
        texts, self._texts = self._texts, []
        return texts

    def take_plain(self, xml: bytes) -> bool:
        """Take texts that are all spelled as usual; False where one is not, or none may begin here."""
        texts = plain_texts(xml) if self._path == [_TABLE] and self._parser.is_settled else None
        self._texts += texts or ()
        return texts is not None

    def _start(self, name: str, _: dict[str, str]) -> None:
        path = self._path
        if not path and name is not _TABLE:
            raise MarkupError("its shared texts are another kind of part")
        path.append(name)
        if len(path) > _DEEPEST:
            raise MarkupError("its XML is nested too deeply")
        self._text.clear()

    def _end(self, name: str) -> None:
        path = self._path
        path.pop()
        if name is _TEXT and (path[1:] == [_ITEM] or path[1:] == [_ITEM, _RUN]):
            self._runs.extend(self._text)
        elif name is _ITEM and len(path) == 1:
            self._texts.append("".join(self._runs))
            self._runs.clear()
        self._text.clear()
