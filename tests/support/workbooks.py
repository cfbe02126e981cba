"""Write small Excel workbooks, good and odd, part by part."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from xml.sax.saxutils import escape as xml_escape
from xml.sax.saxutils import quoteattr

Cell = str | float | bool | None
Sheets = dict[str, Sequence[Sequence[Cell]]]

SPREADSHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_MAIN = f'xmlns="{SPREADSHEET}"'
_RELS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_STYLES = (
    f'<styleSheet {_MAIN}><fonts count="1"><font/></fonts><fills count="1"><fill/></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>'
)
"""Style 1 is a date."""


def escape(text: str) -> str:
    """A text as Excel writes it: characters that XML cannot hold are `_x001B_` and the like."""
    plain = re.sub(r"_x(?=[0-9A-Fa-f]{4}_)", "_x005F_x", text)
    return xml_escape(re.sub(r"[\x00-\x08\x0b-\x1f]", lambda c: f"_x{ord(c[0]):04X}_", plain))


def letters(column: int) -> str:
    """A for 1, AA for 27."""
    found = ""
    while column:
        column, rest = divmod(column - 1, 26)
        found = chr(65 + rest) + found
    return found


def cell_xml(cell: Cell, place: str, shared: dict[str, int] | None) -> str:
    """One cell; texts stand in it, or in the list of shared ones."""
    at = f' r="{place}"' if place else ""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return f'<c{at} t="b"><v>{int(cell)}</v></c>'
    if isinstance(cell, int | float):
        return f"<c{at}><v>{cell}</v></c>"
    if shared is not None:
        return f'<c{at} t="s"><v>{shared.setdefault(cell, len(shared))}</v></c>'
    return f'<c{at} t="inlineStr"><is><t xml:space="preserve">{escape(cell)}</t></is></c>'


def rows_xml(rows: Sequence[Sequence[Cell]], first: tuple[int, int], shared: dict[str, int] | None) -> str:
    """The rows of a sheet, its first cell at this row and column."""
    lines = []
    for number, row in enumerate(rows, first[0]):
        cells = (cell_xml(c, f"{letters(i)}{number}", shared) for i, c in enumerate(row, first[1]))
        lines.append(f'<row r="{number}">{"".join(cells)}</row>')
    return "".join(lines)


def workbook(
    sheets: Sheets, *, first: tuple[int, int] = (1, 1), share: bool = False, hidden: str = ""
) -> bytes:
    """A workbook with these sheets."""
    shared: dict[str, int] | None = {} if share else None
    return packed({name: rows_xml(rows, first, shared) for name, rows in sheets.items()}, shared, hidden)


def packed(sheets: dict[str, str], shared: Iterable[str] | None = None, hidden: str = "") -> bytes:
    """A workbook whose sheets have this XML between the tags of their data."""
    return zipped(parts(sheets, shared, hidden))


def zipped(members: dict[str, str]) -> bytes:
    """A zip file of these members."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in members.items():
            file.writestr(name, text)
    return buffer.getvalue()


def parts(sheets: dict[str, str], shared: Iterable[str] | None = None, hidden: str = "") -> dict[str, str]:
    """The members of such a workbook."""
    numbers = dict(zip(sheets, range(1, len(sheets) + 1), strict=True))
    listed = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{n}" r:id="rId{n}"'
        + (' state="hidden"' if name == hidden else "")
        + "/>"
        for name, n in numbers.items()
    )
    targets = [(f"rId{n}", "worksheet", f"worksheets/sheet{n}.xml") for n in numbers.values()]
    targets.append(("rIdS", "styles", "styles.xml"))
    targets += [("rIdT", "sharedStrings", "sharedStrings.xml")] if shared is not None else []
    links = "".join(
        f'<Relationship Id="{key}" Type="{_RELS}/{kind}" Target="{target}"/>' for key, kind, target in targets
    )
    made = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{_RELS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {_MAIN} xmlns:r="{_RELS}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{links}'
        "</Relationships>",
        "xl/styles.xml": _STYLES,
        "docProps/app.xml": "<Properties/>",
    }
    if shared is not None:
        items = "".join(f'<si><t xml:space="preserve">{escape(text)}</t></si>' for text in shared)
        made["xl/sharedStrings.xml"] = f"<sst {_MAIN}>{items}</sst>"
    for name, n in numbers.items():
        made[f"xl/worksheets/sheet{n}.xml"] = (
            f"<worksheet {_MAIN}><sheetData>{sheets[name]}</sheetData></worksheet>"
        )
    return made
