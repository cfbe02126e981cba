"""Formulas in workbooks: those without a value are told with their place, and none is lost."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from workbooks import SPREADSHEET, packed, rows_xml

from importer import check, read
from importer.checking.checked import Checked

Told = tuple[str, int | str | None, int | None, str | None]

HEAD = rows_xml([["name", "ip"], ["a", "10.0.0.1"]], (1, 1), None)
LACKING = ("<f>{}</f>", "<f>{}</f><v/>", "<f>{}</f><v></v>", '<f a="b">{}</f> <v ></v >', "\n<f >{}</f >\n")


def checked(folder: Path, rows: str) -> Checked:
    """What the library says of a workbook with these rows."""
    (folder / "fleet.xlsx").write_bytes(packed({"S": rows}))
    return check(read(str(folder / "fleet.xlsx")))


def told(found: Checked, code: str) -> list[Told]:
    """Row, column and value of each finding of one rule."""
    return [(f.code, f.line, f.column, f.value) for f in found.report.findings if f.code == code]


@pytest.mark.parametrize("prefix", ["", "x:"])
@pytest.mark.parametrize("inside", LACKING)
def test_without_a_value(inside: str, prefix: str, tmp_path: Path) -> None:
    """Each is refused at its place, whatever stands beside it: no row is lost, and the totals add up."""

    def cell(place: str, formula: str) -> str:
        xml = f'<c r="{place}" s="0" t="n">{inside.format(formula)}</c>'
        xml = re.sub(r"<(/?)(?=[cfv][ />])", rf"<\1{prefix}", xml)
        return xml.replace("<x:c", f'<x:c xmlns:x="{SPREADSHEET}"') if prefix else xml

    rows = HEAD + f'<row r="3">{cell("A3", "B1&amp;#34;")}{cell("B3", "C1")}</row>'
    rows += f'<row r="4"><c r="A4" t="inlineStr"><is><t>b</t></is></c>{cell("B4", "C2:c9")}</row>'
    rows += f'<row r="5">{cell("A5", "")}{cell("B5", "")}</row>'
    found = checked(tmp_path, rows)
    assert told(found, "A202") == [
        ("A202", 3, 2, "=C1"),
        ("A202", 4, 2, "=C2:c9"),
        ("A202", 5, 2, "=..."),
    ]
    assert told(found, "N104") == [("N104", 3, 1, "=B1&#34;"), ("N104", 5, 1, "=...")]
    totals = found.report.totals
    assert (totals.lines, totals.records, totals.ready, totals.refused) == (5, 4, 1, 3)


def test_with_a_value(tmp_path: Path) -> None:
    """The stored value is what a person sees, even an empty text."""
    rows = HEAD + '<row r="3"><c r="A3" t="str"><f>X1</f><v>b</v></c><c r="B3"><f>X2</f><v>9.5</v></c></row>'
    rows += '<row r="4"><c r="A4" t="str"><f>X1</f><v></v></c><c r="B4" t="str"><f>X2</f><v/></c></row>'
    found = checked(tmp_path, rows)
    assert [(f.line, f.value) for f in found.report.findings] == [(3, "9.5")]
    assert list(found.pairs()) == [("10.0.0.1", "a")]
