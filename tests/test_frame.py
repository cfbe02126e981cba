"""A DataFrame is judged as the same rows in a file."""

from __future__ import annotations

from typing import Any, Literal

import pandas as pd
import pytest
import strategies as some
from agreement import Told, assert_balanced, checked, levelled, told, written
from hypothesis import given
from hypothesis import strategies as st
from profiles import examples

from importer.checking.checked import Checked, check_frame
from importer.errors import UsageError


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
