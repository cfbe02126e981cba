"""What a workbook says of its sheets: which there are, which part each is, and what their cells share."""

from __future__ import annotations

from typing import NamedTuple

from importer.errors import InputError
from importer.reading.cells.cell_values import CellTexts, Shared, shape_of
from importer.reading.cells.markup import MarkupError, Parser, elements, spelled
from importer.reading.cells.package import Package
from importer.reading.cells.text_runs import TextRuns

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
            f"has {len(sheets):,} sheets, more than {_MOST_SHEETS:,}",
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
    shared, parser, gathering = Shared(), Parser(), TextRuns()
    items, depth = spelled("si"), 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth == 1 and name not in _TABLES:
            raise MarkupError("its shared texts are another kind of part")
        if depth > 2:
            gathering.start(name)
        elif depth == 2 and name in items:
            gathering.clear()

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        if depth >= 2:
            gathering.end()
        elif depth == 1 and name in items:
            shared.add(gathering.text())

    parser.handle(start, end, gathering.add)
    for piece in package.pieces(part):
        parser.feed(piece)
        gathering.check()
    parser.feed(b"", last=True)
    return shared


_TABLES = spelled("sst")
