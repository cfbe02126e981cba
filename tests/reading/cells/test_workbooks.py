"""Excel workbooks: which sheet, which columns, what a cell says, and what no workbook may do."""

from __future__ import annotations

import io
import resource
import signal
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from command import assert_cannot_work, dli_hosts, memory_of
from workbooks import Sheets, letters, packed, parts, rows_xml, workbook, zipped

from importer import InputError, UsageError, check, read
from importer.checking.checked import Checked
from importer.rendering.reports.text import letters_of

ENOUGH_MEMORY = 900
FLEET: list[list[str | float | bool | None]] = [
    ["Fleet of the north", None, None],
    [],
    ["No", "Host Name", "IP address"],
    [1.0, "kafka01", "10.20.0.11"],
    [2.0, "2kafka", "10.20.0.12"],
    [3.0, None, "10.20.0.13"],
    [4.0, "kafka04", 10.2],
    [5.0, " \t", None],
    [None, " ", ""],
    [6.0, "KAFKA01", "10.20.0.11"],
    [7.0, " kafka07\v", "\t10.20.0.17 "],
]


def checked(folder: Path, content: bytes, **options: str) -> Checked:
    """What the library says of a workbook."""
    (folder / "fleet.dat").write_bytes(content)
    return check(read(str(folder / "fleet.dat"), **options))


HEAD = rows_xml([["name", "ip"]], (1, 1), None)
Told = tuple[str, int | str | None, int | None, str | None]


def findings(found: Checked) -> list[Told]:
    """Code, row, column and value of each finding."""
    return [(f.code, f.line, f.column, f.value) for f in found.report.findings]


def findings_or_hint(folder: Path, content: bytes) -> list[Told] | str:
    """The findings, or what the owner of a file that cannot be read is told to do."""
    try:
        return findings(checked(folder, content))
    except InputError as error:
        return error.hint


@pytest.mark.parametrize("share", [False, True])
def test_rows_and_columns(share: bool, tmp_path: Path) -> None:
    """Banner, header, columns, positions and blanks are those of a table; the file's name means nothing."""
    found = checked(tmp_path, workbook({"Hosts": FLEET}, share=share))
    assert findings(found) == [
        ("R104", 1, 1, None),
        ("N103", 5, 2, "2kafka"),
        ("N101", 6, 2, ""),
        ("A205", 7, 3, "10.2"),
        ("R109", 8, 1, None),
        ("D302", 10, 2, "KAFKA01"),
    ]
    assert list(found.pairs()) == [("10.20.0.11", "kafka01"), ("10.20.0.17", "kafka07")]
    (source,) = found.report.sources
    assert (source.format, source.lines, source.blank, source.records) == ("xlsx", 11, 2, 7)
    assert found.hosts["line"].tolist() == [4, 11]
    duplicate = found.report.findings[-1]
    assert duplicate.related is not None
    assert duplicate.related.line == 4


def test_sheet_that_begins_elsewhere(tmp_path: Path) -> None:
    """Rows and columns are those of the sheet, however far from its corner the first cell is."""
    content = workbook({"S": [["ip", "name"], ["10.20.0.11", "-a"]]}, first=(7, 30))
    assert findings(checked(tmp_path, content))[-1] == ("N103", 8, 31, "-a")
    assert findings(checked(tmp_path, content, ip_column="30", name_column="31"))[-1][1:3] == (8, 31)
    with pytest.raises(InputError, match="no column 32"):
        checked(tmp_path, content, ip_column="32")


def test_columns_by_content(tmp_path: Path) -> None:
    """Without headings the cells show the columns, and two candidates are an error."""
    rows: list[list[str | float | bool | None]] = [[i, f"10.20.0.{i}", f"kafka{i}"] for i in range(1, 9)]
    assert checked(tmp_path, workbook({"S": rows})).report.totals.ready == 8
    with pytest.raises(InputError, match="2 name columns"):
        checked(tmp_path, workbook({"S": [[*row, row[2]] for row in rows]}))
    with pytest.raises(InputError, match="does not show"):
        checked(tmp_path, workbook({"S": [[row[0], row[2]] for row in rows]}))
    assert checked(tmp_path, workbook({"S": [["x", "y", "z"], *rows]}), ip_column="y", name_column="z")


def test_several_address_columns(tmp_path: Path) -> None:
    """The service address is taken and the other one told, as in a file."""
    rows: Sheets = {"S": [["主机名称", "管理IP", "业务IP"], ["a", "10.1.0.1", "10.2.0.1"]]}
    found = checked(tmp_path, workbook(rows))
    assert findings(found) == [("R105", 1, 1, None)]
    assert list(found.pairs()) == [("10.2.0.1", "a")]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("<c><v>5</v></c>", "5"),
        ("<c><v>10.10</v></c>", "10.1"),
        ("<c><v>167837708</v></c>", "167837708"),
        ("<c><v>0.30000000000000004</v></c>", "0.3"),
        ("<c><v>1E+20</v></c>", "1E+20"),
        ('<c t="b"><v>1</v></c>', "TRUE"),
        ('<c t="b"><v>0</v></c>', "FALSE"),
        ('<c s="1"><v>45292</v></c>', "2024-01-01"),
        ('<c s="1"><v>45292.5</v></c>', "2024-01-01 12:00:00"),
        ('<c t="str"><f>A1</f><v>a b</v></c>', "a b"),
        ('<c t="inlineStr"><is><r><t>k</t></r><r><t>a,b</t></r></is></c>', "ka,b"),
        ('<c t="inlineStr"><is><t>a"b&#10;c&amp;</t></is></c>', 'a"b\nc&'),
        ('<c t="inlineStr"><is><t>#a\u00e9\U0001f600</t></is></c>', "#a\u00e9\U0001f600"),
    ],
)
def test_cells(cell: str, text: str, tmp_path: Path) -> None:
    """A cell says what a person sees in it, whatever its type."""
    sheet = rows_xml([["name", "ip"]], (1, 1), None) + f"<row>{cell}{cell}</row>"
    found = checked(tmp_path, packed({"S": sheet}))
    assert {f.value for f in found.report.findings if f.field == "ip"} == {text}
    assert {f.value for f in found.report.findings if f.field == "name"} <= {text}


def test_spelling_of_the_xml(tmp_path: Path) -> None:
    """Prefixes, other quotes and cells without a reference are what some programs write."""
    plain = "<row><c t='str'><v>name</v></c><c t='str'><v>ip</v></c></row>"
    plain += "<row r='4' ><c t='str' r = 'A4'><v>a</v></c><c t='str'><v>10.0.0.1</v></c></row>"
    members = parts({"S": plain})
    name = "xl/worksheets/sheet1.xml"
    assert checked(tmp_path, zipped(members)).hosts["line"].tolist() == [4]
    text = members[name].replace("</", "</x:").replace("<", "<x:").replace("<x:/x:", "</x:")
    members[name] = text.replace("xmlns=", "xmlns:x=")
    assert checked(tmp_path, zipped(members)).hosts["line"].tolist() == [4]


# -- which sheet


TWO: Sheets = {
    "Empty": [],
    "First": [["ip", "name"], ["10.0.0.1", "a"]],
    "3": [["ip", "name"], ["10.0.0.2", "b"]],
    "Züge": [["ip", "name"], ["10.0.0.3", "c"]],
}


def test_only_sheet_with_data(tmp_path: Path) -> None:
    """Empty sheets do not count; where all are empty, nothing is to be sent."""
    found = checked(tmp_path, workbook({"Empty": [], "Hosts": TWO["First"], "Sheet3": []}))
    assert list(found.pairs()) == [("10.0.0.1", "a")]
    assert findings(checked(tmp_path, workbook({"A": [], "B": []}))) == [("L402", None, None, None)]


@pytest.mark.parametrize(
    ("sheet", "name"),
    [("First", "a"), ("first", "a"), ("2", "a"), ("3", "b"), ("züge", "c"), ("4", "c"), ("Empty", None)],
)
def test_sheet(sheet: str, name: str | None, tmp_path: Path) -> None:
    """A sheet is asked for by its name, or else by its number; a name goes first."""
    found = checked(tmp_path, workbook(TWO), sheet=sheet)
    assert [n for _, n in found.pairs()] == ([] if name is None else [name])


def test_which_sheet_is_asked(tmp_path: Path) -> None:
    """Several sheets that may be the list stop with their names and the option that settles it."""
    (tmp_path / "fleet.xlsx").write_bytes(workbook(TWO, hidden="Züge"))
    outcome = dli_hosts("check", "fleet.xlsx", cwd=tmp_path)
    assert_cannot_work(outcome, "2 sheets with names and addresses: 2 'First', 3 '3'", "--sheet 2")
    assert dli_hosts("check", "fleet.xlsx", "--sheet", "2", cwd=tmp_path).status == 0
    for bad in ("nix", "0", "5", "9" * 30):
        outcome = dli_hosts("check", "fleet.xlsx", "--sheet", bad, cwd=tmp_path)
        assert_cannot_work(outcome, "has no sheet", "1 'Empty', 2 'First', 3 '3', 4 'Züge'")


# -- as users see it


def test_text_output(tmp_path: Path) -> None:
    """Text names row and column letter, JSON their numbers."""
    empty: list[None] = [None] * 30
    table = [["ip", *["x"] * 30, "name"], ["10.0.0.1", *empty, "-a"], ["10.0.0.1", *empty, "b"]]
    rows: Sheets = {"S": table}
    (tmp_path / "fleet.xlsx").write_bytes(workbook(rows))
    outcome = dli_hosts("check", "fleet.xlsx", cwd=tmp_path)
    assert outcome.status == 1
    assert outcome.out.splitlines(keepends=True)[0].startswith(
        "fleet.xlsx: a workbook, sheet 'S', header in line 1; "
    )
    assert outcome.out.partition("\n")[2].startswith(
        "N103 fleet.xlsx:2:AF error: name '-a' begins with a character that is no letter\n  = help: "
    )
    assert "1 N103 name-bad-start  error, first at row 2\n" in outcome.out
    (tmp_path / "more.hosts").write_bytes(b"10.0.0.9 c\n")
    outcome = dli_hosts("check", "more.hosts", "fleet.xlsx", cwd=tmp_path)
    assert "N103 fleet.xlsx:2:AF error" in outcome.out
    assert "error, first at fleet.xlsx:2:AF\n" in outcome.out
    json = dli_hosts("check", "fleet.xlsx", "--output-format", "json", cwd=tmp_path).out
    assert '"line": 2,\n      "column": 32,' in json
    assert '"format": "xlsx"' in json


def test_letters() -> None:
    """Column letters as a workbook has them."""
    assert [letters_of(n) for n in (1, 26, 27, 702, 703, 16_384)] == ["A", "Z", "AA", "ZZ", "AAA", "XFD"]
    assert all(letters_of(n) == letters(n) for n in range(1, 2000))


def test_standard_input_and_packed(tmp_path: Path) -> None:
    """A workbook comes from a pipe, or packed, as any file does."""
    import gzip

    content = workbook({"S": TWO["First"]})
    for given in (content, gzip.compress(content)):
        outcome = dli_hosts("emit", "-", "--as", "hosts", "-q", cwd=tmp_path, stdin=given)
        assert outcome.raw == b"10.0.0.1 a\n"


def test_no_room_for_a_copy(tmp_path: Path) -> None:
    """A file needs no copy. Where none can be made of what comes from a pipe, that is what is told."""
    content = packed({"S": rows_xml([["ip", "name"], *[["10.0.0.1", "a"]] * 20_000], (1, 1), None)})
    (tmp_path / "fleet").write_bytes(content)
    size = 1 << 16

    def no_room() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    outcome = dli_hosts("check", "-", cwd=tmp_path, stdin=content, prepare=no_room)
    assert_cannot_work(outcome, "cannot be kept in a temporary file", "TMPDIR")
    assert dli_hosts("check", "fleet", cwd=tmp_path, prepare=no_room).status == 0


def test_hosts_syntax_is_for_text(tmp_path: Path) -> None:
    """Hosts syntax never applies to a workbook."""
    with pytest.raises(UsageError, match="--from hosts is for text"):
        checked(tmp_path, workbook({"S": TWO["First"]}), syntax="hosts")
    assert checked(tmp_path, workbook({"S": TWO["First"]}), syntax="csv").report.totals.ready == 1


# -- what is no workbook, and what would harm


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"hosts.csv": "ip,name\n"}, "zip file"),
        ({"xl/workbook.bin": ""}, ".xlsb"),
        ({"mimetype": "", "content.xml": ""}, "OpenDocument"),
        ({"word/document.xml": ""}, "Word"),
        ({"xl/workbook.xml": ""}, "cannot be read"),
        ({"xl/workbook.xml": "<workbook>"}, "cannot be read"),
        ({}, "damaged"),
    ],
)
def test_other_zip_files(members: dict[str, str], words: str, tmp_path: Path) -> None:
    """The error about a zip file that is not a workbook says what it is."""
    content = zipped(members) if members else b"PK\x03\x04" + bytes(40)
    (tmp_path / "file").write_bytes(content)
    assert_cannot_work(dli_hosts("check", "file", cwd=tmp_path), "file: ", words)


def test_cut_short(tmp_path: Path) -> None:
    """A workbook that was cut anywhere is an InputError, never a shorter list."""
    content = workbook({"S": FLEET})
    for size in range(4, len(content), 97):
        with pytest.raises(InputError) as caught:
            checked(tmp_path, content[:size])
        assert caught.value.hint


def test_changed_bytes(tmp_path: Path) -> None:
    """Any byte may change: it harms nothing, or is an InputError."""
    content = workbook({"S": FLEET})
    good = findings(checked(tmp_path, content))
    for at in range(0, len(content), 11):
        damaged = bytearray(content)
        damaged[at] ^= 0x55
        said = findings_or_hint(tmp_path, bytes(damaged))
        assert said == good or (isinstance(said, str) and said), at


FAR = '<c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c>'


@pytest.mark.parametrize(
    "sheet",
    [
        f'<row r="1">{FAR}</row>',
        f'<row r="1">{FAR}</row>'.replace('"', "'"),
        f'<row r="1">{FAR}</row>'.replace("r=", "\n r = "),
        f'<row r="1">{FAR}</row>'.replace("<c", '<c s="1"'),
        f'<row r="1">{FAR}</row>'.lower(),
        f'<x:row r="1">{FAR}</x:row>'.replace("<c", "<:c").replace("</c", "</:c"),
        '<row r="99999999999"><c r="A99999999999"><v>1</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v></c><c r="ZZZZZZ1"><v>1</v></c></row>',
        '<row r="1"><c s=">" r="XFD1048576"><v>1</v></c></row>',
        f'<row><c r="A1"><v>1</v></c>{"<c/>" * 20_000}<c><v>1</v></c></row>',
        '<row r="1048576"/><row><c><v>1</v></c></row>',
    ],
)
def test_far_cells(sheet: str, tmp_path: Path) -> None:
    """Two cells far apart would take half a terabyte; they are refused before that."""
    (tmp_path / "far").write_bytes(packed({"S": sheet}))
    outcome = dli_hosts("check", "far", cwd=tmp_path, prepare=memory_of(ENOUGH_MEMORY))
    assert_cannot_work(outcome, "far: ", "sheet")


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="2"><c r="A2" {0}b{1}</row><row r="2"><c r="A2" {0}c{1}</row>',
        '<row r="2"><c r="A2" {0}b{1}<c r="A2" {0}c{1}</row>',
        '<row r="3"><c r="A3" {0}b{1}</row><row r="2"><c r="A2" {0}c{1}</row>',
    ],
)
def test_cells_that_are_there_twice(rows: str, tmp_path: Path) -> None:
    """A reader would keep one of them without a word: the workbook is refused."""
    rows = HEAD + rows.format('t="inlineStr"><is><t>', "</t></is></c>")
    with pytest.raises(InputError, match="there twice, or not in its order"):
        checked(tmp_path, packed({"S": rows}))


def test_shared_texts_that_grow(tmp_path: Path) -> None:
    """A long text that many cells share cannot take much memory either."""
    row = "".join(f'<c r="{letters(n)}{{0}}" t="s"><v>0</v></c>' for n in range(1, 2001))
    sheet = "".join(f'<row r="{n}">{row.format(n)}</row>' for n in range(1, 20))
    (tmp_path / "wide").write_bytes(packed({"S": sheet}, ["x" * 500_000]))
    outcome = dli_hosts("check", "wide", cwd=tmp_path, prepare=memory_of(ENOUGH_MEMORY))
    assert_cannot_work(outcome, "wide: ", "decompresses to more than")
    rows = "".join(
        f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c><c r="B{n}" t="s"><v>1</v></c></row>'
        for n in range(2, 2001)
    )
    head = '<row r="1"><c r="A1" t="str"><v>ip</v></c><c r="B1" t="str"><v>name</v></c></row>'
    (tmp_path / "tall").write_bytes(packed({"S": head + rows}, ["10.0.0.1", "x" * 500_000]))
    outcome = dli_hosts("check", "tall", cwd=tmp_path, prepare=memory_of(ENOUGH_MEMORY))
    assert_cannot_work(outcome, "tall: ", "decompresses to more than")


def bomb() -> bytes:
    """A sheet of a hundred mebibytes in some hundred kilobytes."""
    members = parts({"S": rows_xml(FLEET, (1, 1), None)})
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as file:
        for name, text in members.items():
            with file.open(name, "w") as member:
                member.write(text.encode())
                if name.endswith("sheet1.xml"):
                    for _ in range(100):
                        member.write(b"<!-- -->" * (1 << 17))
    return buffer.getvalue()


def test_bomb(tmp_path: Path) -> None:
    """A sheet that unpacks to far more than its size is given up, whatever the directory says of it."""
    content = bomb()
    (tmp_path / "bomb").write_bytes(content)
    outcome = dli_hosts("check", "bomb", cwd=tmp_path, prepare=memory_of(ENOUGH_MEMORY))
    assert_cannot_work(outcome, "bomb: ", "200 times its size")
    size = struct.pack("<I", 100 << 20)
    for claimed in (0, 1000, 1 << 30):
        at = content.rindex(b"xl/worksheets/sheet1.xml") - 22
        lying = bytearray(content)
        lying[at : at + 4] = struct.pack("<I", claimed)
        assert lying[at : at + 4] != size
        (tmp_path / "bomb").write_bytes(lying)
        outcome = dli_hosts("check", "bomb", cwd=tmp_path, prepare=memory_of(ENOUGH_MEMORY))
        assert_cannot_work(outcome, "bomb: ")


def test_bounds_are_options(tmp_path: Path) -> None:
    """The bounds of packed files and of lines hold for workbooks and their cells."""
    (tmp_path / "fleet").write_bytes(workbook({"S": [["ip", "name"], ["10.0.0.1", "x" * 3000]]}))
    bounded = dli_hosts("check", "fleet", "--max-decompressed", "1000", cwd=tmp_path)
    assert_cannot_work(bounded, "more than 1,000 bytes", "--max-decompressed")
    bounded = dli_hosts("check", "fleet", "--max-line", "2000", cwd=tmp_path)
    assert_cannot_work(bounded, "row 2 has a cell of more than 2,000 bytes", "--max-line")


@pytest.mark.parametrize("change", [lambda b: b[:-30], lambda b: b + bytes(100), lambda b: b"PK\3\4" + b])
def test_around_the_directory(change: Callable[[bytes], bytes], tmp_path: Path) -> None:
    """What stands before or behind a zip file's own bytes is read, or told."""
    said = findings_or_hint(tmp_path, change(workbook({"S": TWO["First"]})))
    assert said == [] or (isinstance(said, str) and said)
