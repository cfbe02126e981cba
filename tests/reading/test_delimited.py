"""Delimited text: one meaning however it is written, and that of the standard library's csv module."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from typing import Literal

import pytest
import strategies as some
from agreement import outcome
from hypothesis import given
from hypothesis import strategies as st
from profiles import examples

from importer.checking.report import Report
from importer.reading.quoted import BLANKS, read_rows

BLOCK_SIZES = st.sampled_from([1, 7, 64, 1 << 20])


def _plain_cell(cell: bytes) -> bytes:
    for mark in (b'"', b",", b"\n", b"\r", b"#"):
        cell = cell.replace(mark, b"")
    return cell


CELLS = st.one_of(some.ADDRESSES, some.NAMES, st.sampled_from([b"", b"", b" ", b"\t x "])).map(_plain_cell)
ROWS = st.lists(
    st.builds(
        lambda cells, width: [*cells[:width]],
        st.tuples(some.ADDRESSES.map(_plain_cell), some.NAMES.map(_plain_cell), CELLS, CELLS),
        st.sampled_from([1, 2, 3, 3, 3, 4]),
    ),
    max_size=12,
)


def _said(rows: list[list[bytes]], quote: bytes, block: int, options: dict[str, object]) -> Report | str:
    """What is said of rows with every cell between quotes, columns apart."""
    lines = [b",".join(quote + cell + quote for cell in row) for row in rows]
    said = outcome(b"ip,name,note\n" + b"".join(line + b"\n" for line in lines), options, block_size=block)
    if isinstance(said, str):
        return said
    findings = [
        replace(finding, column=None, fix=finding.fix and finding.fix._replace(edits=()))
        for finding in said.findings
    ]
    return replace(said, findings=tuple(sorted(findings, key=lambda f: (f.line or 0, f.code))))


@examples()
@given(ROWS, BLOCK_SIZES, some.check_options())
def test_quotes(rows: list[list[bytes]], block: int, options: dict[str, object]) -> None:
    """The same rows with every cell quoted and with none give the same report, but for its columns."""
    assert _said(rows, b'"', block, options) == _said(rows, b"", block, options)


@pytest.mark.parametrize("blanks", [b" ", b" " * 20])
@pytest.mark.parametrize("note", [b"x", b'"x"', b'"x,y"', b'"x""y"'])
def test_blanks_before_a_tab(blanks: bytes, note: bytes) -> None:
    """However many blanks stand before a delimiting tab, a `#` behind it does not make the row a comment."""
    said = outcome(b"ip\tname\tnote\n" + blanks + b"\t#a\t" + note + b"\n")
    assert isinstance(said, Report)
    assert [(finding.code, finding.line) for finding in said.findings if finding.code != "L402"] == [
        ("A201", 2),
        ("N104", 2),
    ]


MARKS = st.sampled_from([",", ";", "\t", "|"])
TEXT = st.text(
    st.one_of(st.characters(exclude_characters="\0\r", codec="utf-8"), st.sampled_from('",;\t|\n#" ')),
    max_size=8,
)


@examples(3)
@given(
    st.lists(st.lists(TEXT, min_size=1, max_size=5), max_size=8),
    MARKS,
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL, csv.QUOTE_NONNUMERIC]),
    st.booleans(),
)
def test_cells(rows: list[list[str]], mark: str, end: str, quoting: Literal[0, 1, 2], returns: bool) -> None:
    """What the csv module writes is read cell for cell, and line for line, as the csv module reads it."""
    if returns and quoting != csv.QUOTE_MINIMAL:
        rows = [[cell.replace("\n", "\r\n") for cell in row] for row in rows]
    if quoting == csv.QUOTE_MINIMAL:  # an unquoted # would begin a comment
        rows = [[row[0].lstrip("# \t\v\f"), *row[1:]] for row in rows]
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=mark, lineterminator=end, quoting=quoting).writerows(rows)
    text = file.getvalue()
    reader = csv.reader(io.StringIO(text, newline="\n"), delimiter=mark, strict=True)
    expected = [([_stripped(cell, mark) for cell in row], reader.line_num) for row in reader]
    found = [
        ([cell.value.decode() for cell in row.cells], text.encode()[: row.following].count(b"\n"))
        for row in read_rows(text.encode(), ord(mark), ended=True, max_cell=1 << 20)
    ]
    assert found == expected


def _stripped(cell: str, mark: str) -> str:
    return cell.strip(BLANKS.decode().replace(mark, ""))
