"""No host is lost unseen, and none is sent at an address that the list does not give it.

A good list is damaged on its way. Law A: no pair is emitted that the good list did not have. Law B: each
pair of the good list is emitted, or a finding of whatever severity is about a line that holds it, or the
program stops.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import damage
import pandas as pd
import pyarrow as pa
import pyarrow.parquet
from hypothesis import given, note
from hypothesis import strategies as st
from profiles import numbers
from workbooks import packed, rows_xml

from importer import InputError, UsageError, check, check_frame, read
from importer.checking.checked import Checked

EXAMPLES = numbers(200, 20_000)


def assert_laws(
    pairs: frozenset[damage.Pair], holding: dict[damage.Pair, set[int]], judge: Callable[[], Checked]
) -> None:
    """Both laws of a list with these pairs, each held by these lines."""
    try:
        found = judge()
    except (InputError, UsageError):
        return
    emitted = set(found.pairs())
    assert emitted <= pairs, f"law A: {emitted - pairs}"
    told = {finding.line for finding in found.report.findings}
    for pair in pairs - emitted:
        assert holding[pair] & told, f"law B: {pair}, in line {holding[pair]}, of {sorted(told, key=str)}"


def of_file(data: bytes, **reading: Any) -> Checked:
    """What the library says of a file."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "list"
        path.write_bytes(data)
        return check(read(str(path), **reading), max_findings=0)


def assert_laws_of_text(spoiled: damage.Spoiled) -> None:
    """Both laws of a damaged text."""
    holding = damage.holding([line.holds for line in spoiled.lines])
    note(f"{spoiled.data!r} {spoiled.reading}")
    assert_laws(spoiled.pairs, holding, lambda: of_file(spoiled.data, **spoiled.reading))


# -- what the laws are about at all


@EXAMPLES
@given(damage.spoiled_hosts(most=0))
def test_good_hosts_text(good: damage.Spoiled) -> None:
    """A hosts file that nothing has spoiled is emitted whole."""
    assert set(of_file(good.data, **good.reading).pairs()) == good.pairs


@EXAMPLES
@given(damage.spoiled_tables(most=0))
def test_good_tables(good: damage.Table) -> None:
    """So is a table."""
    lines = [",".join(row.cells) + "\n" for row in good.rows]
    assert set(of_file("".join(lines).encode()).pairs()) == good.pairs


# -- the laws


@EXAMPLES
@given(damage.spoiled_hosts())
def test_hosts_text(spoiled: damage.Spoiled) -> None:
    """Lines glued in every way, cut, commented out, swapped, repeated, among remarks."""
    assert_laws_of_text(spoiled)


@EXAMPLES
@given(damage.spoiled_csv())
def test_delimited_text(spoiled: damage.Spoiled) -> None:
    """Rows glued, commented out, shortened, lengthened, swapped; banners, footers, headers anywhere."""
    assert_laws_of_text(spoiled)


def workbook_of(table: damage.Table, errors: bool) -> bytes:
    """A workbook with a damaged table, its hidden rows hidden."""
    xml = rows_xml([row.cells for row in table.rows], (1, 1), None)
    for number, row in enumerate(table.rows, 1):
        if row.hidden:
            xml = xml.replace(f'<row r="{number}">', f'<row r="{number}" hidden="1">')
    if errors:
        inline = r't="inlineStr"><is><t xml:space="preserve">(#[A-Z/]+[!?]?)</t></is>'
        xml = re.sub(inline, r't="e"><v>\1</v>', xml)
    return packed({"hosts": xml})


@EXAMPLES
@given(damage.spoiled_tables(hidden=True), st.booleans(), st.booleans())
def test_workbooks(table: damage.Table, errors: bool, by_number: bool) -> None:
    """Hidden rows and error cells beside what spoils delimited text."""
    data = workbook_of(table, errors)
    reading = table.columns() if by_number else {}
    assert_laws(table.pairs, table.holding(), lambda: of_file(data, **reading))


def frame_of(table: damage.Table) -> pd.DataFrame:
    """A DataFrame with a damaged table, its header once more as a row; what is missing is None."""
    assert table.header is not None
    width = len(table.header.cells)
    cells = [[*row.cells[:width], *[None] * (width - len(row.cells))] for row in table.rows]
    return pd.DataFrame(cells, columns=list(table.header.cells), dtype="object")


@EXAMPLES
@given(damage.spoiled_tables(hidden=True))
def test_frames(table: damage.Table) -> None:
    """Rows of a DataFrame, the header and banners among them, are records."""
    assert_laws(table.pairs, table.holding(first=0), lambda: check_frame(frame_of(table), max_findings=0))


@EXAMPLES
@given(damage.spoiled_tables(hidden=True))
def test_parquet(table: damage.Table) -> None:
    """So are rows of a Parquet file."""
    sink = pa.BufferOutputStream()
    frame = frame_of(table)
    columns = {heading: pa.array(frame[heading].tolist(), pa.string()) for heading in frame.columns}
    pyarrow.parquet.write_table(pa.table(columns), sink)
    assert_laws(table.pairs, table.holding(), lambda: of_file(sink.getvalue().to_pybytes()))
