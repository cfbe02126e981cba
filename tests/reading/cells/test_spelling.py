"""The XML of a workbook has one meaning, however it is spelled, and wherever its parts lie."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import spellings
from command import assert_cannot_work, dli_hosts, memory_of
from hypothesis import given
from hypothesis import strategies as st
from profiles import examples
from workbooks import Sheets, packed, parts, rows_xml, workbook, zipped

from importer import InputError, check, read
from importer.checking.checked import Checked
from importer.reading.cells.book import shared_texts
from importer.reading.cells.cell_values import Shared, general, shape_of, unescaped
from importer.reading.cells.package import Package
from importer.reading.cells.sheet import RawRow, sheet_rows
from importer.reading.options import ReadOptions

HEAD = rows_xml([["name", "ip"]], (1, 1), None)
SHEET = "xl/worksheets/sheet1.xml"
ENOUGH_MEMORY = 700


def checked(folder: Path, content: bytes, **options: str) -> Checked:
    """What the library says of a workbook."""
    (folder / "fleet.dat").write_bytes(content)
    return check(read(str(folder / "fleet.dat"), **options))


def refused(folder: Path, rows: str, shared: list[str] | None = None) -> str:
    """Why a workbook with these rows is not read."""
    with pytest.raises(InputError) as caught:
        checked(folder, packed({"S": rows}, shared))
    assert caught.value.hint
    return caught.value.message


def raw_rows(xml: str, folder: str, *, carefully: bool) -> list[RawRow]:
    """The rows of a sheet with this XML."""
    path = Path(folder) / "book"
    path.write_bytes(zipped(parts({"S": ""}) | {SHEET: xml}))
    with open(path, "rb") as file:
        return list(sheet_rows(Package(file, ReadOptions()), SHEET, carefully=carefully))


@examples()
@given(st.data())
def test_every_spelling(data: st.DataObject) -> None:
    """The rows are those that were meant, and the shorter way gives what the careful one does."""
    meant = data.draw(spellings.rows())
    xml = data.draw(spellings.spelled(meant))
    with TemporaryDirectory() as folder:
        found = raw_rows(xml, folder, carefully=False)
        assert found == raw_rows(xml, folder, carefully=True)
    assert [
        (row.number, row.hidden, [(column + 1, kind, value) for column, kind, _, value, _ in row.cells])
        for row in found
    ] == [row for row in meant if row[2]]


TEXTS = st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=6), max_size=9)


@examples()
@given(TEXTS, st.lists(st.integers(1, 60), min_size=1), st.booleans())
def test_shared_texts(texts: list[str], sizes: list[int], odd: bool) -> None:
    """Shared texts are found in their order, however they are spelled and in whatever pieces they come."""
    members = parts({"S": ""}, texts)
    xml = members["xl/sharedStrings.xml"].encode()
    if odd:
        xml = xml.replace(b"<si>", b"\n<si ><!-- </si> -->").replace(b"</t>", b"</t><rPh><t>no</t></rPh>")
    pieces, at = [], 0
    while at < len(xml):
        size = sizes[len(pieces) % len(sizes)]
        pieces.append(xml[at : at + size])
        at += size
    found = list(shared_texts(pieces))
    assert found == list(shared_texts(pieces, carefully=True))
    shared = Shared(found)
    assert [shared.value(str(i)).decode() for i in range(len(texts))] == texts


@pytest.mark.parametrize("number", ["2.0", "-2", "x", "99", "9" * 40, "1 1", "+1", "1e0", "٣", "0x1"])
def test_shared_text_that_is_not_there(number: str, tmp_path: Path) -> None:
    """A cell that names no shared text is told; it never becomes the first one."""
    rows = HEAD + f'<row r="2"><c r="A2" t="s"><v>{number}</v></c></row>'
    assert "shared text" in refused(tmp_path, rows, ["first", "second", "third"])


def test_shared_text_with_blanks(tmp_path: Path) -> None:
    """Blanks around the number of a shared text are XML's own."""
    rows = HEAD + '<row r="2"><c r="A2" t="s"><v> 1\n</v></c><c r="B2" t="s"><v>\t0</v></c></row>'
    assert list(checked(tmp_path, packed({"S": rows}, ["10.0.0.1", "kafka"])).pairs()) == [
        ("10.0.0.1", "kafka")
    ]


TWICE = ('<c r="A2" t="str"><v>b</v></c>', "<c r='A2' t='str'><v>c</v></c>")


@pytest.mark.parametrize(
    "rows",
    [
        f'<row r="2">{TWICE[0]}{TWICE[1]}</row>',
        f'<row r="2">{TWICE[1]}<!-- x -->{TWICE[0]}</row>',
        f'<row r="2">{TWICE[0]}</row><row r="2">{TWICE[1]}</row>',
        f'<row r="2">{TWICE[0]}</row><row>{TWICE[1]}</row>',
        f'<row r="3">{TWICE[0]}</row>',
        '<row r="2"><c r="B2"><v>1</v></c><c r="A2"><v>1</v></c></row>',
        '<row r="2"><c r="B2"><v>1</v><v>2</v></c></row>',
        '<row r="2"><c r="B2" t="inlineStr"><v>1</v><is><t>2</t></is></c></row>',
        '<row r="2"><c r="B2"><is><t>2</t></is></c></row>',
        '<row r="2"><c r="B2"><v>1<i/></v></c></row>',
        '<row r="2"><d><c r="B2"><v>1</v></c></d></row>',
        '<row r="2"><c r="2"><v>1</v></c></row>',
        '<row r="2"><c r="B2"><v>1_0</v></c></row>',
        '<row r="2"><c r="B2"><v>nan</v></c></row>',
        '<row r="2"><c r="B2" t="z"><v>1</v></c></row>',
        '<row r="2"><c r="B2" t="b"><v>2</v></c></row>',
        '</sheetData><sheetData><row r="2"/>',
    ],
)
def test_what_has_two_meanings(rows: str, tmp_path: Path) -> None:
    """What no spreadsheet program writes, and readers take in several ways, is refused."""
    assert "cannot be read" in refused(tmp_path, HEAD + rows)


@pytest.mark.parametrize(
    "inside",
    [
        "<f><![CDATA[B1&C1]]></f>",
        "<!-- before --><f>B1&amp;C1</f>",
        "<v/><f>B1&amp;C1</f>",
        "<f>B1&amp;C1</f><v><!-- nothing --></v>",
    ],
)
@pytest.mark.parametrize("part", ["worksheets/sheet1.xml", "other/../pages/one.xml", "/sheets/S.bin"])
def test_formulas_wherever_the_sheet_lies(inside: str, part: str, tmp_path: Path) -> None:
    """A formula without a value is told, in every spelling, in whatever part the relations name."""
    members = parts({"S": HEAD + f'<row r="2"><c r="A2">{inside}</c></row>'})
    members["xl/_rels/workbook.xml.rels"] = members["xl/_rels/workbook.xml.rels"].replace(
        "worksheets/sheet1.xml", part
    )
    where = {"other/../pages/one.xml": "xl/pages/one.xml", "/sheets/S.bin": "sheets/S.bin"}.get(part, SHEET)
    members[where] = members.pop(SHEET)
    found = checked(tmp_path, zipped(members))
    (finding,) = (f for f in found.report.findings if f.code == "N104")
    assert finding.value == "=B1&C1"
    assert "save the workbook" in finding.hint


def test_sheets_in_another_order(tmp_path: Path) -> None:
    """Which part is which sheet is what the relations say, not what the parts are called."""
    sheets = {"Old": HEAD + '<row r="2"><c r="A2" t="str"><v>old</v></c></row>', "New": HEAD}
    members = parts(sheets)
    links = members["xl/_rels/workbook.xml.rels"]
    swapped = links.replace("sheet1.xml", "sheet0.xml").replace("sheet2.xml", "sheet1.xml")
    members["xl/_rels/workbook.xml.rels"] = swapped.replace("sheet0.xml", "sheet2.xml")
    assert checked(tmp_path, zipped(members), sheet="New").report.totals.records == 1
    assert checked(tmp_path, zipped(members), sheet="Old").report.totals.records == 0
    for change in (("sheet2.xml", "sheet1.xml"), ("sheet2.xml", "nothing.xml"), ('Id="rId1"', 'Id="rId2"')):
        broken = members | {"xl/_rels/workbook.xml.rels": links.replace(*change)}
        with pytest.raises(InputError, match="cannot be read"):
            checked(tmp_path, zipped(broken))


# -- what a person sees, and does not see


def test_hidden_sheets(tmp_path: Path) -> None:
    """Only a sheet that a person sees is taken unasked; a hidden one is named, and read when asked for."""
    sheets: Sheets = {"Readme": [], "old": [["ip", "name"], ["10.0.0.1", "a"]]}
    (tmp_path / "fleet").write_bytes(workbook(sheets, hidden="old"))
    outcome = dli_hosts("check", "fleet", cwd=tmp_path)
    assert_cannot_work(outcome, "hidden sheets only: 2 'old'", "--sheet 2")
    assert dli_hosts("check", "fleet", "--sheet", "old", cwd=tmp_path).status == 0
    very = workbook(sheets | {"Readme": sheets["old"]}, hidden="old").replace(b"hidden", b"hidden")
    assert list(checked(tmp_path, very).pairs()) == [("10.0.0.1", "a")]


def test_sheets_without_columns(tmp_path: Path) -> None:
    """A sheet of notes beside the list does not stop; one whose columns are not clear does."""
    good = [["ip", "name"], ["10.0.0.1", "a"]]
    notes = [["Note", "By"], ["Remember the milk", "me"]]
    assert checked(tmp_path, workbook({"Notes": notes, "Hosts": good})).report.totals.ready == 1
    unclear = [["ip", "name", "hostname"], ["10.0.0.2", "b", "c"]]
    with pytest.raises(InputError, match="2 sheets with names and addresses: 1 'A', 2 'B'"):
        checked(tmp_path, workbook({"A": good, "B": unclear}))
    with pytest.raises(InputError, match="none of them shows"):
        checked(tmp_path, workbook({"A": notes, "B": notes}))


def test_hidden_rows(tmp_path: Path) -> None:
    """Hidden rows are read like all others, and told once with their number."""
    rows = rows_xml([["name", "ip"], *[[f"k{i}", f"10.0.0.{i}"] for i in range(5)]], (1, 1), None)
    hidden = rows.replace('<row r="3"', '<row hidden="1" r="3"').replace(
        '<row r="5"', '<row r="5" hidden="true"'
    )
    found = checked(tmp_path, packed({"S": hidden + '<row r="9" hidden="1"/>'}))
    assert [(f.code, f.line, f.message[:13]) for f in found.report.findings] == [
        ("R119", None, "2 hidden rows")
    ]
    assert found.report.totals.ready == 5


@pytest.mark.parametrize(
    ("cell", "codes", "words"),
    [
        ("<c><v>10144201119</v></c>", {"A202", "N103"}, "holds a number"),
        ("<c><v>172144201</v></c>", {"A205", "N103"}, "holds a number"),
        ("<c><v>1E+20</v></c>", {"A202", "N103", "N104"}, "holds a number"),
        ('<c s="1"><v>32883</v></c>', {"A202", "N103"}, "holds a date"),
        ('<c t="e"><f>X1</f><v>#N/A</v></c>', {"A202", "N104"}, "formula in the cell failed"),
        ("<c><f>X1</f></c>", {"A202", "N104"}, "never worked out"),
        ('<c t="str"><v>-5</v></c>', {"A202", "N103"}, "write the host's IPv4 address, digits"),
    ],
)
def test_what_a_refused_cell_holds(cell: str, codes: set[str], words: str, tmp_path: Path) -> None:
    """The hint of a refused cell says what the workbook holds there; no row is gone."""
    found = checked(tmp_path, packed({"S": HEAD + f"<row>{cell}{cell}</row>"})).report
    told = {f.code: f.hint for f in found.findings if f.code != "L402"}
    assert set(told) == codes
    assert words in told[max(codes & {"A202", "A205"})]
    assert found.totals.refused == 1


@pytest.mark.parametrize(
    ("code", "value", "text"),
    [
        ("[h]:mm:ss", "1.25", "30:00:00"),
        ("[h]:mm:ss", "1e300", "1E+300"),
        ("[h]:mm:ss", "99999999", "2399999976:00:00"),
        ("[mm]:ss", "-1", "-1"),
        ("yyyy-mm-dd", "-1e308", "-1E+308"),
        ("yyyy-mm-dd", "1e308", "1E+308"),
        ("yyyy-mm-dd", "2958465", "9999-12-31"),
        ("yyyy-mm-dd", "2958466", "2958466"),
        ("h:mm", "0.5", "12:00:00"),
        ('"day" 0', "5", "5"),
        ("[Red]0", "5", "5"),
        ("\\d0", "5", "5"),
        ("0.00E+00", "5", "5"),
        ("General", "5", "5"),
        ("[$-409]d-mmm-yy;@", "45292", "2024-01-01"),
    ],
)
def test_formats(code: str, value: str, text: str, tmp_path: Path) -> None:
    """Dates and hours are told by the format, and a number that no calendar has is a number."""
    members = parts({"S": HEAD + f'<row><c s="1"><v>{value}</v></c></row>'})
    quoted = code.replace('"', "&quot;")
    members["xl/styles.xml"] = members["xl/styles.xml"].replace(
        "<fonts", f'<numFmts><numFmt numFmtId="170" formatCode="{quoted}"/></numFmts><fonts'
    )
    members["xl/styles.xml"] = members["xl/styles.xml"].replace('numFmtId="14"', 'numFmtId="170"')
    found = checked(tmp_path, zipped(members))
    assert {f.value for f in found.report.findings if f.code == "A201"} == {""}
    assert {f.value for f in found.report.findings if f.field == "name"} == {text}


@given(st.floats(allow_nan=False), st.text(max_size=9), st.integers(0, 200))
def test_any_number_and_format(number: float, code: str, builtin: int) -> None:
    """Every number and every format has a text and a shape; a text in Excel's escapes is UTF-8."""
    assert general(number)
    assert shape_of(builtin, code) in (0, 1, 2)
    assert unescaped(code + "_xD800_").decode()


# -- what would harm


@pytest.mark.parametrize(
    "xml",
    [
        '<!DOCTYPE worksheet [<!ENTITY a "b">]><worksheet>&a;</worksheet>',
        '<!DOCTYPE worksheet SYSTEM "file:///etc/passwd"><worksheet/>',
        "<worksheet>" + "<a>" * 100_000,
        "<worksheet " + "".join(f"a{i}='' " for i in range(200_000)) + "/>",
        "<worksheet a='" + "x" * 5_000_000 + "'/>",
        "<worksheet><!--" + "x" * 5_000_000 + "--></worksheet>",
        '<?xml version="1.0" encoding="utf-7"?><worksheet/>',
        '<?xml version="1.0" encoding="nothing"?><worksheet/>',
        "<worksheet/>",
        "",
        "\x00" * 100,
    ],
    ids=lambda xml: xml[:30],
)
@pytest.mark.parametrize("part", [SHEET, "xl/workbook.xml", "xl/styles.xml", "xl/sharedStrings.xml"])
def test_hostile_parts(part: str, xml: str, tmp_path: Path) -> None:
    """Entities, depth, length and numbers of names are bounded in every part, and told."""
    members = parts({"S": HEAD}, ["a"])
    (tmp_path / "bad").write_bytes(zipped(members | {part: xml}))
    outcome = dli_hosts("check", "bad", cwd=tmp_path, prepare=memory_of(ENOUGH_MEMORY))
    if outcome.status == 2:
        assert_cannot_work(outcome, "bad: ")
    else:  # a part without anything in it
        assert xml == "<worksheet/>"


def test_numbers_that_lie(tmp_path: Path) -> None:
    """Counts that the parts state of themselves are not believed."""
    members = parts({"S": HEAD}, ["a"])
    for name, tag in (("xl/sharedStrings.xml", "<sst "), (SHEET, "<worksheet ")):
        lying = members[name].replace(tag, f'{tag}count="99999999999" uniqueCount="99999999999" ')
        found = checked(tmp_path, zipped(members | {name: lying}))
        assert found.report.counts == {"L402": 1}


def test_many_sheets(tmp_path: Path) -> None:
    """Thousands of sheets are refused; hundreds are looked at only as far as needed."""
    with pytest.raises(InputError, match="has 1,200 sheets"):
        checked(tmp_path, packed({f"S{i}": "" for i in range(1200)}))
    long = HEAD + "".join(f'<row r="{i}"><c r="A{i}"><v>1</v></c></row>' for i in range(2, 5000))
    with pytest.raises(InputError, match="99 sheets with names"):
        checked(tmp_path, packed({f"S{i}": long for i in range(99)}))
