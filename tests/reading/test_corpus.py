"""Public host files, where they are at hand: each gives a report that balances or a clear error."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import oracle
import pytest
from command import assert_cannot_work, dli_hosts
from shared import CORPUS

from importer import check, read

FILES = sorted(path for path in CORPUS.rglob("*") if path.is_file() and path.suffix != ".tsv")

pytestmark = pytest.mark.skipif(not FILES, reason="the public host files are not at hand")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_report_or_clear_error(path: Path, tmp_path: Path) -> None:
    """Text and JSON tell the same of a file, the totals balance, and every line is accounted for."""
    text = dli_hosts("check", path.name, cwd=path.parent)
    machine = dli_hosts("check", path.name, "--output-format", "json", "--max-findings", "0", cwd=path.parent)
    assert text.status == machine.status
    if text.status == 2:
        assert_cannot_work(text, path.name)
        assert machine == text
        return
    report = json.loads(machine.raw)
    totals, (source,) = report["totals"], report["sources"]
    assert (text.err, machine.err) == ("", "")
    assert totals["records"] == sum(totals[fate] for fate in ("ready", "merged", "skipped", "refused"))
    assert totals["lines"] == source["lines"] == len(path.read_bytes().removesuffix(b"\n").split(b"\n"))
    assert source["records"] == totals["records"]
    assert 0 <= source["blank"] <= source["lines"]
    assert report["truncated"] is False
    assert Counter(finding["code"] for finding in report["findings"]) == report["counts"]
    balance = f"{totals['ready']:,} ready, {totals['merged']:,} merged, {totals['skipped']:,} skipped"
    assert f" {balance}, {totals['refused']:,} refused" in text.out
    assert report["ok"] is (text.status == 0)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_oracle_agrees(path: Path) -> None:
    """On every file in hosts syntax the findings are those of the slow reading of the rules."""
    findings = [
        (f.code, f.severity.label, f.line, f.column, f.field, f.value, f.related and f.related.line)
        for f in check(read(str(path), syntax="hosts"), max_findings=0).report.findings
    ]
    verdict = oracle.judge([(str(path), path.read_bytes())], oracle.Options(syntax="hosts"))
    assert findings == [
        (f.code, f.severity, f.line, f.column, f.field, f.value, f.related and f.related[1])
        for f in verdict.findings
    ]


def test_mrs_file() -> None:
    """The pasted file of an MRS cluster: 20 records, 7 ready, 5 merged, 8 skipped, none refused."""
    totals = check(read(str(CORPUS / "fixtures" / "mrs-etc-hosts"))).report.totals
    assert (totals.records, totals.ready, totals.merged) == (20, 7, 5)
    assert (totals.skipped, totals.refused) == (8, 0)
