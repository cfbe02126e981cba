"""A DataFrame is judged as the same rows in a file."""

from __future__ import annotations

import ipaddress
from typing import Any, Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import strategies as some
from agreement import Told, assert_balanced, checked, levelled, told, written
from hypothesis import given
from hypothesis import strategies as st
from profiles import examples

from importer.checking.checked import FINDING_COLUMNS, Checked
from importer.errors import UsageError
from importer.library import check_frame
from importer.reading.cells.frame import frame_batches


def _cell(raw: bytes) -> str:
    return raw.decode("utf-8", "ignore").replace("\n", "")


ROWS = st.lists(
    st.tuples(
        st.one_of(some.ADDRESSES, st.just(b" "), some.NAMES).map(_cell),
        st.one_of(some.NAMES, st.just(b"")).map(_cell),
    ),
    max_size=12,
)


def _frame(rows: list[tuple[str, str]], dtype: Literal["str", "object"], index: Any = None) -> pd.DataFrame:
    frame = pd.DataFrame(
        {"note": ["x"] * len(rows), "ip": [ip for ip, _ in rows], "name": [name for _, name in rows]},
        index=index,
    )
    return frame.astype(dtype)


def _bare(findings: list[Told], first: int) -> list[tuple[object, ...]]:
    """Row, code, severity, field, value and related row of each finding, in that order."""
    return sorted(
        (
            -1 if line is None else int(line) - first,
            *(code, severity, field, value or "", -1 if related is None else int(related[1]) - first),
        )
        for code, severity, _, line, _, field, value, related in findings
    )


@examples()
@given(ROWS, some.check_options(), st.sampled_from(["str", "object"]))
def test_rows(rows: list[tuple[str, str]], options: dict[str, Any], dtype: Literal["str", "object"]) -> None:
    """A frame gives the totals, findings and hosts of the same rows as CSV, row for row."""
    quoted = ['"x","{}","{}"\n'.format(*(cell.replace('"', '""') for cell in row)) for row in rows]
    with written(("note,ip,name\n" + "".join(quoted)).encode()) as names:
        report, hosts = checked(names, options, ip_column="ip", name_column="name")
    framed = check_frame(_frame(rows, dtype), max_findings=0, **levelled(options))
    assert_balanced(framed.report)
    assert framed.report.counts == report.counts
    assert _fates(framed) == [
        *(report.totals.records, report.totals.ready, report.totals.merged),
        *(report.totals.skipped, report.totals.refused),
    ]
    assert _bare([told(f) for f in framed.report.findings], 0) == _bare([told(f) for f in report.findings], 2)
    assert list(framed.pairs()) == list(hosts.pairs())
    assert framed.hosts["line"].tolist() == [line - 2 for _, _, _, line in hosts.rows()]
    assert len(framed.findings) == len(report.findings)


def _fates(checked: Checked) -> list[int]:
    totals = checked.report.totals
    return [totals.records, totals.ready, totals.merged, totals.skipped, totals.refused]


@examples(0.5)
@given(ROWS, some.check_options())
def test_labels(rows: list[tuple[str, str]], options: dict[str, Any]) -> None:
    """Other labels of the rows change nothing but the labels that are told."""
    numbers = list(range(len(rows)))
    plain = check_frame(_frame(rows, "str"), max_findings=0, **levelled(options))
    named = check_frame(
        _frame(rows, "str", [f"row {i}" for i in numbers]), max_findings=0, **levelled(options)
    )
    assert named.report.totals == plain.report.totals
    assert named.report.counts == plain.report.counts
    assert sorted(map(str, _numbered(named))) == sorted(map(str, _numbered(plain)))
    assert named.hosts["line"].tolist() == [f"row {i}" for i in plain.hosts["line"].tolist()]


def _numbered(checked: Checked) -> list[tuple[object, ...]]:
    """Findings with the number of their row and of the related one, whatever the labels."""
    return [
        (
            *(finding.code, finding.field, finding.value),
            str(finding.line).removeprefix("row "),
            str(finding.related.line).removeprefix("row ") if finding.related else None,
        )
        for finding in checked.report.findings
    ]


def test_missing_values() -> None:
    """A missing value of any kind is an empty cell."""
    frame = pd.DataFrame(
        {"ip": ["10.0.0.1", None, float("nan"), "10.0.0.4"], "name": ["a", "b", pd.NA, pd.NaT]},
        dtype="object",
    )
    assert check_frame(frame).report.counts == {"R109": 1, "N101": 1, "A201": 1}


def test_columns() -> None:
    """Two columns are found by their headings or named, and anything else is a UsageError."""
    frame = pd.DataFrame({"业务IP": ["10.0.0.1"], "管理IP": ["10.1.0.1"], "Host Name": ["a"], "x": ["b"]})
    assert list(check_frame(frame).pairs()) == [("10.0.0.1", "a")]
    assert list(check_frame(frame, ip="管理IP", name="x").pairs()) == [("10.1.0.1", "b")]
    for bad in (frame[["x", "业务IP"]], frame.rename(columns={"x": "name"}), pd.DataFrame()):
        with pytest.raises(UsageError):
            check_frame(bad)
    with pytest.raises(UsageError):
        check_frame(frame, name="y")


def test_other_address_columns() -> None:
    """One law for all doors: the address columns that were not taken are told, as for the same file."""
    service = pd.DataFrame({"业务IP": ["10.0.0.1"], "管理IP": ["10.1.0.1"], "name": ["a"]})
    known = pd.DataFrame({"ip": ["10.0.0.1"], "name": ["a"], "mgmt": ["10.1.0.1"], "note": ["x"]})
    for frame, ip, other in ((service, "业务IP", "管理IP"), (known, "ip", "mgmt")):
        with written(frame.to_csv(index=False).encode()) as names:
            report, _ = checked(names, {})
        (finding,) = check_frame(frame).report.findings
        assert [finding.code] == [f.code for f in report.findings] == ["R105"]
        assert finding.message == f"addresses are taken from column '{ip}', not from '{other}'"
        assert check_frame(frame, ip=ip).report.findings == ()


def test_what_a_refused_cell_holds() -> None:
    """The hint says where a cell holds a number or a date, in a column of objects and in one of numbers."""
    cells: list[Any] = [167837708, pd.Timestamp("2024-01-01"), True, "10.0.0"]
    frame = pd.DataFrame({"ip": pd.Series(cells, dtype="object"), "name": list("abcd")})
    hints = [f.hint for f in check_frame(frame).report.findings if f.field == "ip"]
    words = ["holds a number", "holds a date", "TRUE or FALSE", "four decimal numbers"]
    assert [word in hint for word, hint in zip(words, hints, strict=True)] == [True] * 4
    numbered = pd.DataFrame({"ip": [1.5, None], "name": [7, 8]})
    for kind in (numbered, numbered.convert_dtypes(dtype_backend="pyarrow")):
        told = [f.hint for f in check_frame(kind).report.findings if f.code in ("A205", "N103")]
        assert [("holds a number" in hint) for hint in told] == [True] * 3


INDEXES: dict[str, Any] = {
    "numbers": pd.Index([30, 10, 20, 10]),
    "texts": pd.Index(["d", "a", "\x1b[2J", "a"]),
    "dates": pd.date_range("2024-01-01", periods=4, tz="UTC"),
    "levels": pd.MultiIndex.from_tuples([("x", 2), ("x", 1), ("a", 1), ("x", 1)]),
    "nothing": pd.Index([None, None, None, None], dtype="object"),
}


def _shown(label: Any) -> int | str:
    if isinstance(label, tuple):
        return str(tuple(getattr(part, "item", lambda part=part: part)() for part in label))
    return int(label) if isinstance(label, int | np.integer) else str(label)


@pytest.mark.parametrize("kind", INDEXES)
def test_any_index(kind: str) -> None:
    """Findings are in the order of the rows, and hosts have the labels themselves, whatever these are."""
    index = INDEXES[kind]
    frame = pd.DataFrame({"ip": ["10.0.0.1"] * 4, "name": ["-a", "b", "-c", "B"]}, index=index)
    found = check_frame(frame)
    told = [(finding.code, finding.value) for finding in found.report.findings]
    assert told == [("N103", "-a"), ("N103", "-c"), ("D302", "B")]
    assert found.report.findings[1].line == _shown(index[2])
    related = found.report.findings[2].related
    assert related is not None
    assert related.line == _shown(index[1])
    assert found.hosts["line"].tolist() == [index[1]]
    assert found.hosts.index.tolist() == [0]


def test_labels_beyond_64_bits() -> None:
    """Labels that no column of whole numbers holds are objects in the table of findings, and exact."""
    index = pd.Index([2**63, 2**64 - 1], dtype="uint64")
    found = check_frame(pd.DataFrame({"ip": ["10.0.0.1"] * 2, "name": ["1c", "2c"]}, index=index))
    assert found.findings["line"].dropna().tolist() == [2**63, 2**64 - 1]


def test_columns_of_findings() -> None:
    """A finding names the column of the frame by its number, and a row by the first one."""
    frame = pd.DataFrame({"x": [1, 1], "name": ["-a", None], "y": [2, 2], "ip": ["10.0.0", None]})
    found = check_frame(frame)
    told = [(f.code, f.line, f.column) for f in found.report.findings if f.line is not None]
    assert told == [("N103", 0, 2), ("A205", 0, 4), ("R109", 1, 1)]


ARROW_KINDS: dict[str, Any] = {
    "str": "str",
    "string[pyarrow]": "string[pyarrow]",
    "string": pd.ArrowDtype(pa.string()),
    "large_string": pd.ArrowDtype(pa.large_string()),
    "binary": pd.ArrowDtype(pa.binary()),
}


@pytest.mark.parametrize("kind", ARROW_KINDS)
def test_arrow_text_is_not_copied(kind: str) -> None:
    """What Arrow holds is checked where it lies, also in a slice of a frame."""
    texts = [f"kafka{i}" for i in range(50_000)]
    held: Any = [text.encode() for text in texts] if kind == "binary" else texts
    series = pd.Series(held, dtype=ARROW_KINDS[kind])
    frame = pd.DataFrame({"ip": series, "name": series})[100:]
    (chunk,) = series.array.__arrow_array__().chunks  # type: ignore[attr-defined]
    text = np.frombuffer(chunk.buffers()[2], np.uint8)
    batches = list(frame_batches(frame))
    assert [len(batch) for batch in batches] == [32_768, 17_132]
    for batch in batches:
        assert np.shares_memory(batch.name.data, text)
        assert np.shares_memory(batch.ip.data, text)
    assert batches[1].name.value(0) == b"kafka32868"


def test_odd_cells() -> None:
    """Whatever a cell of a frame is, it has a text: bytes, addresses, numbers, lone surrogates, long ones."""
    cells: list[Any] = [
        *(b"10.0.0.1", ipaddress.ip_address("10.0.0.2"), 167837708, 1.5, True, (1, 2)),
        *("\ud800", "\udcff", "\ud800\udcff", "a\x00", "x" * 2_000_000, "\n", np.str_("10.0.0.3")),
    ]
    frame = pd.DataFrame(
        {"ip": pd.Series(cells, dtype="object"), "name": [f"k{i}" for i in range(len(cells))]}
    )
    found = check_frame(frame)
    assert list(found.pairs()) == [("10.0.0.1", "k0"), ("10.0.0.2", "k1"), ("10.0.0.3", "k12")]
    values = [finding.value for finding in found.report.findings]
    assert values[:5] == ["167837708", "1.5", "True", "(1, 2)", "\\xed\\xa0\\x80"]
    assert values[5:7] == ["\\xff", "\\xed\\xa0\\x80\\xed\\xb3\\xbf"]
    turned = check_frame(frame.rename(columns={"ip": "name", "name": "ip"}))
    assert turned.report.totals.refused == len(cells)


@pytest.mark.parametrize("column", [pd.Series([1, 2]), pd.Series([1.5, None]), pd.Series([True, False])])
def test_columns_that_are_no_text(column: pd.Series[Any]) -> None:
    """They are judged by the text they turn into."""
    frame = pd.DataFrame({"ip": column, "name": ["a", "b"]})
    assert check_frame(frame).report.totals.refused == 2
    arrow = frame.convert_dtypes(dtype_backend="pyarrow")
    assert check_frame(arrow).report.totals.refused == 2


def test_nothing_in_it() -> None:
    """A frame without rows is an empty list, and its tables have their columns."""
    for kind in ("object", "str", "string[pyarrow]"):
        found = check_frame(pd.DataFrame({"ip": [], "name": []}, dtype=kind))
        assert found.report.counts == {"L402": 1}
        assert list(found.hosts) == ["ip", "name", "source", "line"]
        assert tuple(found.findings) == FINDING_COLUMNS
    arrays = pd.arrays.ArrowExtensionArray(pa.chunked_array([], pa.string()))
    assert check_frame(pd.DataFrame({"ip": arrays, "name": arrays})).report.totals.records == 0


def test_repeated_headings() -> None:
    """Two columns of the same name are two candidates."""
    frame = pd.DataFrame([["10.0.0.1", "a", "10.0.0.2"]], columns=["ip", "name", "ip"])
    with pytest.raises(UsageError, match="2 columns for an address"):
        check_frame(frame)
    with pytest.raises(UsageError, match="2 columns for an address"):
        check_frame(frame, ip="ip")


def test_a_slice_is_as_good_as_a_copy() -> None:
    """Rows that a selection left behind are not seen."""
    frame = pd.DataFrame({"ip": [f"10.0.0.{i}" for i in range(9)], "name": list("abcdefgh-")}, dtype="str")
    part = frame.iloc[8:2:-2]
    assert [n for _, n in check_frame(part).pairs()] == ["g", "e"]
    assert check_frame(part).hosts["line"].tolist() == [6, 4]
    assert check_frame(part).report.findings[0].line == 8
