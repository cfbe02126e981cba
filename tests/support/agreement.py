"""Run the program and the oracle on the same files, and hold what each says side by side."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import oracle

from importer.checking.findings import Finding
from importer.checking.hosts import Hosts
from importer.checking.options import CheckOptions
from importer.checking.pipeline import collect
from importer.checking.policy import Policy
from importer.checking.report import Report
from importer.errors import InputError
from importer.reading.read import read
from importer.reading.source import STDIN

Told = tuple[str, str, str, int | str | None, int | None, str, str | None, tuple[str, int | str] | None]
"""Code, severity, source, line, column, field, value and related place of a finding."""


@contextmanager
def written(*texts: bytes) -> Iterator[list[str]]:
    """The names of files that hold these texts."""
    with TemporaryDirectory() as folder:
        paths = [Path(folder) / f"list-{i}" for i in range(len(texts))]
        for path, text in zip(paths, texts, strict=True):
            path.write_bytes(text)
        yield [str(path) for path in paths]


def levelled(options: dict[str, Any]) -> dict[str, Any]:
    """Options whose `levels` (code to `ignore`, `error` or `warn`) are spelled as both sides know them."""
    rest = {key: value for key, value in options.items() if key != "levels"}
    levels: dict[str, str] = options.get("levels", {})
    return rest | {
        level: tuple(code for code, chosen in levels.items() if chosen == level)
        for level in ("ignore", "error", "warn")
        if level in levels.values()
    }


def checked(names: list[str], options: dict[str, Any], **reading: Any) -> tuple[Report, Hosts]:
    """What the program says of these files, every finding kept."""
    chosen = CheckOptions(**{"max_findings": 0} | levelled(options))
    report, hosts = collect(read(*names, **reading), Policy.of(chosen))
    assert_balanced(report)
    return report, hosts


def report_of(text: bytes, options: dict[str, Any] | None = None, **reading: Any) -> Report:
    """What the program says of a file with this text; the file has the name `list`."""
    with written(text) as names:
        return renamed(checked(names, options or {}, **reading)[0], names[0])


def outcome(text: bytes, options: dict[str, Any] | None = None, **reading: Any) -> Report | str:
    """The report on a file with this text, or what the program says where it cannot read it."""
    try:
        return report_of(text, options, **reading)
    except InputError as error:
        return error.message


def renamed(report: Report, name: str = STDIN) -> Report:
    """The report with its one source called `list`."""

    def called(finding: Finding) -> Finding:
        related = finding.related and replace(finding.related, source="list")
        source = finding.source and "list"
        return replace(finding, source=source, related=related)

    assert {source.name for source in report.sources} == {name}
    return replace(
        report,
        sources=tuple(replace(source, name="list") for source in report.sources),
        findings=tuple(map(called, report.findings)),
    )


def told(finding: Finding) -> Told:
    """A finding without its words."""
    related = None if finding.related is None else (finding.related.source, finding.related.line)
    return (
        *(finding.code, finding.severity.label, finding.source or "", finding.line, finding.column),
        *(finding.field, finding.value, related),
    )


def assert_balanced(report: Report) -> None:
    """The balance of the contract, which holds for every report there is."""
    totals = report.totals
    assert totals.records == totals.ready + totals.merged + totals.skipped + totals.refused
    assert totals.records == sum(source.records for source in report.sources)
    assert totals.lines == sum(source.lines for source in report.sources)
    for source in report.sources:
        assert 0 <= source.blank <= source.lines
    assert len(report.findings) <= sum(report.counts.values())
    assert all(report.counts.values())
    assert report.counts.keys() == report.severities.keys()


def assert_agreement(
    texts: list[bytes], options: dict[str, Any], shape: dict[str, Any], **reading: Any
) -> None:
    """The program and the oracle say the same of these files.

    `shape` is what the oracle must be told of delimited text; `reading` is the same for the program.
    """
    with written(*texts) as names:
        report, hosts = checked(names, options, **reading)
        verdict = oracle.judge(
            list(zip(names, texts, strict=True)), oracle.Options(**shape, **levelled(options))
        )
    assert asdict(report.totals) == verdict.totals
    assert sum(source.blank for source in report.sources) == verdict.blank
    assert report.counts == verdict.counts
    assert [told(finding) for finding in report.findings] == [
        (f.code, f.severity, f.source, f.line, f.column, f.field, f.value, f.related)
        for f in verdict.findings
    ]
    assert [(ip, name, source.name, line) for ip, name, source, line in hosts.rows()] == verdict.hosts
