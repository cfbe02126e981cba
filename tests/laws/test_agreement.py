"""The program and the oracle say the same of glued, commented, headed and footed lists, and of real files."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import Any

import damage
import oracle
import pytest
import strategies as some
from agreement import checked, told, written
from hypothesis import assume, given, note
from hypothesis import strategies as st
from profiles import examples
from shared import CASES, CORPUS

from importer import InputError

PUBLIC = sorted(path for path in CORPUS.rglob("*") if path.is_file() and path.name != "INDEX.tsv")
SMALL = sorted(
    p for p in CASES.glob("*") if p.suffix not in (".xlsx", ".tsv") or p.name == "tsv-headerless.tsv"
)


def assert_same(data: bytes, options: dict[str, Any], **reading: str) -> None:
    """Program and oracle both stop, or say the same of a text; the oracle finds header and columns itself."""
    wanted = oracle.Options(
        find=True,
        syntax=reading.get("syntax", ""),
        delimiter=reading.get("delimiter", ""),
        ip=reading.get("ip_column", ""),
        name=reading.get("name_column", ""),
        **options,
    )
    try:
        verdict: oracle.Verdict | None = oracle.judge([("list", data)], wanted)
    except oracle.Stop:
        verdict = None
    with written(data) as names:
        if verdict is None:
            with pytest.raises(InputError):
                checked(names, options, **reading)
            return
        report, hosts = checked(names, options, **reading)
    findings = [told(finding) for finding in report.findings]
    assert [
        (code, level, line, column, of, value) for code, level, _, line, column, of, value, _ in findings
    ] == [(f.code, f.severity, f.line, f.column, f.field, f.value) for f in verdict.findings]
    assert [place and place[1] for *_, place in findings] == [
        f.related and f.related[1] for f in verdict.findings
    ]
    totals = report.totals
    assert (totals.lines, totals.records) == (verdict.totals["lines"], verdict.totals["records"])
    assert (totals.ready, totals.merged) == (verdict.totals["ready"], verdict.totals["merged"])
    assert (totals.skipped, totals.refused) == (verdict.totals["skipped"], verdict.totals["refused"])
    assert sum(source.blank for source in report.sources) == verdict.blank
    assert report.counts == verdict.counts
    assert [(ip, name, line) for ip, name, _, line in hosts.rows()] == [
        (ip, name, line) for ip, name, _, line in verdict.hosts
    ]


@examples(2)
@given(damage.spoiled_hosts(), some.check_options())
def test_hosts_text(spoiled: damage.Spoiled, options: dict[str, Any]) -> None:
    """Glue, foreign comments, comments with hosts, headers in hosts syntax."""
    note(f"{spoiled.data!r}")
    options.pop("levels", None)
    assert_same(spoiled.data, options, syntax="hosts")


@examples(2)
@given(damage.spoiled_csv())
def test_delimited_text(spoiled: damage.Spoiled) -> None:
    """Glue, commented rows, banners, footers, repeated headers, columns by number."""
    note(f"{spoiled.data!r} {spoiled.reading}")
    delimiter = spoiled.reading.get("delimiter")
    if delimiter is not None:
        assert_same(spoiled.data, {}, **spoiled.reading)
    else:
        assert_same(spoiled.data, {}, syntax="csv")


GLUED = st.lists(
    st.one_of(
        some.ADDRESSES, some.NAMES, st.sampled_from([b";", b"//x", b"a.10.0.0.2", rb"b\n10.0.0.3", b"#"])
    ),
    min_size=1,
    max_size=6,
).map(b" ".join)


@examples(2)
@given(st.lists(GLUED, max_size=6).map(b"\n".join))
def test_any_tokens(text: bytes) -> None:
    """Any addresses, names and signs on any lines."""
    assume(not text.startswith((b"\xff\xfe", b"\xfe\xff")))  # a byte-order mark
    assert_same(text, {}, syntax="hosts")


@pytest.mark.parametrize("path", [*PUBLIC, *SMALL], ids=lambda path: path.name)
def test_files(path: Path) -> None:
    """Public files and small inputs, where they are at hand, read as a user reads them."""
    data = path.read_bytes()
    if b"\0" in data or data.count(codecs.BOM_UTF8) > 1:
        pytest.skip("not a text in UTF-8, or with a mark that is told")
    assert_same(data, {})
