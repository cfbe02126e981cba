"""One sheet of a workbook in many spellings of its XML, which all mean the same."""

from __future__ import annotations

from hypothesis import strategies as st
from workbooks import SPREADSHEET, letters
from workbooks import escape as plain_escape

Row = tuple[int, bool, list[tuple[int, str, str]]]
"""Number, hidden or not, and the cells: column from 1, kind and what is in it."""

KINDS = ("s", "n", "str", "inlineStr", "b", "e")
_VALUES = {
    "s": st.integers(0, 4).map(str),
    "n": st.sampled_from(["1", "10.5", "1E+20", "007", "45292", "-3"]),
    "str": st.sampled_from(["kafka", "a b", "x", "é", "a&b"]),
    "inlineStr": st.sampled_from(["kafka", "a b", "中", "a<b", "-"]),
    "b": st.sampled_from(["0", "1"]),
    "e": st.sampled_from(["#N/A", "#REF!"]),
}
_CELLS = st.lists(
    st.sampled_from(KINDS).flatmap(lambda kind: st.tuples(st.just(kind), _VALUES[kind])), max_size=4
)


@st.composite
def rows(draw: st.DrawFn) -> list[Row]:
    """Rows with some numbers, and cells in some columns, left out."""
    found: list[Row] = []
    number = 0
    for cells in draw(st.lists(_CELLS, max_size=6)):
        number += draw(st.integers(1, 3))
        column, placed = 0, []
        for kind, value in cells:
            column += draw(st.integers(1, 30))
            placed.append((column, kind, value))
        found.append((number, draw(st.booleans()), placed))
    return found


@st.composite
def spelled(draw: st.DrawFn, sheet: list[Row]) -> str:
    """The XML of a sheet; half of the time as spreadsheet programs write it."""
    odd = draw(st.booleans())

    def choose(usual: str, *others: str) -> str:
        return draw(st.sampled_from((usual, *others))) if odd else usual

    def text(value: str) -> str:
        return choose(plain_escape(value), f"<![CDATA[{value}]]>", "".join(f"&#{ord(c)};" for c in value))

    def space() -> str:
        return choose("", "", " ", "\n", "<!-- </row> -->", "<?x </row> ?>")

    def cell(number: int, column: int, kind: str, value: str) -> str:
        quote = choose('"', "'")
        place = f" r={quote}{letters(column)}{number}{quote}"
        kept = choose("", ' s="0"', " xml:lang = 'x'")
        shown = "" if kind == "n" and choose("", "n") == "" else f" t={quote}{kind}{quote}"
        attributes = choose(place + kept + shown, shown + kept + place)
        if kind == "inlineStr":
            half = len(value) // 2
            whole = f"<t>{text(value)}</t>"
            runs = f"<r><rPr><b/></rPr><t>{text(value[:half])}</t></r><r><t>{text(value[half:])}</t></r>"
            said = "<rPh sb='0' eb='1'><t>no</t></rPh>"
            return f"<c{attributes}><is>{choose(whole, runs, whole + said)}</is>{space()}</c>"
        formula = choose("", "<f>A1</f>", "<f/>", "<f a='b'><![CDATA[<]]></f>")
        value = text(value) if kind in ("str", "e") else value
        return f"<c{attributes}>{space()}{formula}<v>{value}</v>{space()}</c>"

    lines = []
    for number, hidden, cells in sheet:
        inside = "".join(space() + cell(number, *one) for one in cells)
        shown = ' hidden="1"' if hidden else choose("", ' hidden="0"', ' spans="1:2"')
        lines.append(f'<row r="{number}"{shown}>{inside}</row>')
    data = "".join(space() + line for line in lines)
    xml = f'<worksheet xmlns="{SPREADSHEET}"><sheetData>{data}</sheetData></worksheet>'
    if odd and "'" not in data and draw(st.booleans()):
        xml = xml.replace("</", "</x:").replace("<", "<x:").replace("<x:/x:", "</x:")
        for mark in ("!", "?"):
            xml = xml.replace(f"<x:{mark}", f"<{mark}")
        xml = xml.replace("<!-- </x:row> -->", "<!-- -->").replace("<?x </x:row> ?>", "")
        xml = xml.replace("xmlns=", "xmlns:x=")
    return xml if "CDATA[<x:" not in xml else xml.replace("CDATA[<x:", "CDATA[<")
