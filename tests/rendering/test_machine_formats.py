"""Each format for machines is read back by an independent reader, and holds the counts of the report.

What the input holds is without effect in each of them, wherever in the input it stands.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from command import ROOT
from report_readers import READERS, assert_inert

from importer import check, read
from importer.checking.report import Report
from importer.rendering.lists import Listing, Lists
from importer.rendering.reports import FORMATS, Look, lists_in, report_in

HOSTILE = {
    "formula": "=cmd|'/C calc'!A0",
    "at": "@SUM(1+1)*cmd|' /C calc'!A0",
    "full-width": "＝1+2",
    "tag": "<script>alert(1)</script>",
    "attribute": '"><img src=x onerror=alert(1)>',
    "template": "{{ 7*7 }}{% raw %}",
    "github": "::stop-commands::x",
    "github-old": "##[error]x",
    "azure": "##vso[task.setvariable variable=a]b;c",
    "cdata": "]]>",
    "entity": "&lt;b&gt;&#x1b;",
    "table": "a|b|c",
    "backticks": "``` `x`",
    "link": "[x](http://evil.example)",
    "address": "http://evil.example www.evil.example",
    "bidi": "a\u202eb\u2066c",
    "zero-width": "a\u200bb\ufeff",
    "no-character": "a\ufffeb\uffff",
    "separators": "a\u2028b\u2029c",
    "escape": "\x1b]0;x\x07\x1b[2J",
    "percent": "%0A::error::x%25",
    "long": "n" * 4096,
}


def read_report(folder: Path, text: str) -> Report:
    """A report whose file, heading, other cells, names and addresses hold a text, and its comment too."""
    stem = text.replace("/", "_")[:60]
    path = folder / f"{stem}.csv"
    cell = '"' + text.replace('"', '""') + '"'
    path.write_bytes(
        (
            f"# {text}\nname,ip,{cell}\n{cell},10.0.0.1,x\nkafka01,{cell},x\n{cell},{cell},{cell}\n"
            f"kafka02,10.0.0.2,x\nkafka02,10.0.0.3,{cell}\nkafka_4,10.0.0.4,x\n"
        ).encode("utf-8", "surrogatepass")
    )
    return check(read(str(path)), excerpts=True).report


@pytest.mark.parametrize("form", READERS)
@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_text(kind: str, form: str, tmp_path: Path) -> None:
    """Each format is read back, has the counts of the report, and nothing of the input acts in it."""
    if FORMATS[form].package:
        pytest.importorskip(FORMATS[form].package)
    report = read_report(tmp_path, HOSTILE[kind])
    assert report.counts
    written = "".join(report_in(form, report, Look(files="FILE")))
    assert READERS[form](written) == Counter(report.counts)


@pytest.mark.parametrize("form", READERS)
def test_hostile_names_of_lists(form: str, tmp_path: Path) -> None:
    """The same for names of lists, faults and errors, one of each kind at once."""
    if FORMATS[form].package:
        pytest.importorskip(FORMATS[form].package)
    report = read_report(tmp_path, "plain")
    listings = [Listing(report, ok=False, name=text) for text in HOSTILE.values()]
    listings.append(Listing(None, ok=False, name="broken", error="cannot be read", hint="check the path"))
    written = "".join(lists_in(form, Lists(tuple(listings), "list")))
    if form == "json":
        import json

        found = json.loads(written)
        assert [one["list"] for one in found["lists"]] == [*HOSTILE.values(), "broken"]
        assert found["counts"] == {code: n * len(HOSTILE) for code, n in report.counts.items()}
        return
    if form in ("github", "azure", "gitlab", "markdown"):  # these tell of the list that cannot be read, too
        assert "broken" in written
        return
    assert READERS[form](written) == Counter({code: n * len(HOSTILE) for code, n in report.counts.items()})


@pytest.mark.parametrize("form", [name for name, row in FORMATS.items() if row.people])
@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_text_for_people(kind: str, form: str, tmp_path: Path) -> None:
    """A terminal, and a CI runner that reads it, is not steered."""
    report = read_report(tmp_path, HOSTILE[kind])
    written = "".join(report_in(form, report, Look(ci=True, verbose=True)))
    assert_inert(written)
    assert not any(line.lstrip().startswith("::") for line in written.splitlines())
    assert "##[" not in written
    assert "##vso[" not in written


@pytest.mark.parametrize("form", READERS)
def test_every_sample(form: str) -> None:
    """The report on each bad sample is read back with its counts."""
    if FORMATS[form].package:
        pytest.importorskip(FORMATS[form].package)
    for path in sorted((ROOT / "samples" / "bad").glob("*.hosts"), key=lambda path: path.name):
        report = check(read(str(path)), excerpts=True).report
        assert READERS[form]("".join(report_in(form, report))) == Counter(report.counts), path.name


@pytest.mark.parametrize("form", READERS)
def test_more_findings_than_are_kept(form: str, tmp_path: Path) -> None:
    """The counts are exact, however few findings are kept."""
    if FORMATS[form].package:
        pytest.importorskip(FORMATS[form].package)
    path = tmp_path / "f.hosts"
    path.write_text("".join(f"10.0.{i >> 8}.{i & 255} 9h{i}\n10.1.0.x h\n" for i in range(300)))
    report = check(read(str(path)), excerpts=True, max_findings=10).report
    assert report.truncated
    assert READERS[form]("".join(report_in(form, report))) == Counter(report.counts)
