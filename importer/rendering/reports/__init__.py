"""The formats of a report, a row each. To add one: a row in `FORMATS`, and the module beside that it names.

The module has one function, `written(lists, look)`, which takes the lists of a run, each with its Report,
and the Look, and yields text. It is loaded when a report is written, so a row costs nothing in other runs.
Imports nothing heavy.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from importer.language import ENGLISH

if TYPE_CHECKING:
    from importer.checking.report import Report
    from importer.rendering.lists import Lists


class Format(NamedTuple):
    """What a report in this format needs, and who writes it."""

    module: str
    """The module of this room that writes it."""
    summary: str
    """What it is for, as the help says it."""
    findings: int
    """Findings of each rule that are shown unless `--max-findings` says otherwise; 0 for all."""
    infos: bool
    """Whether findings at info are always shown one by one; else only with `--verbose`."""
    excerpts: bool
    """Whether the physical line of a finding is shown."""
    people: bool = False
    """Whether a person reads it on a terminal: it has colours, and `--statistics` and `-q` change it."""
    package: str = ""
    """A package that it needs and that may be missing."""
    extra: str = ""
    """The extra of this project that brings the package."""
    spread: bool = False
    """Whether it shows how the ready records lie in the address space, and findings over the lines."""
    commands: bool = False
    """Whether it is commands for a CI runner."""


FORMATS = {
    "text": Format("text", "for people", findings=50, infos=False, excerpts=True, people=True),
    "concise": Format("concise", "a line for each", findings=50, infos=False, excerpts=False, people=True),
    "grouped": Format("grouped", "by file and rule", findings=50, infos=False, excerpts=False, people=True),
    "json": Format("json", "for scripts", findings=10_000, infos=True, excerpts=False),
    "json-lines": Format("json_lines", "an object a line", findings=10_000, infos=True, excerpts=False),
    "csv": Format("csv", "for spreadsheets", findings=10_000, infos=True, excerpts=False),
    "sarif": Format("sarif", "for code scanning", findings=5_000, infos=True, excerpts=False),
    "junit": Format("junit", "for test reports", findings=50, infos=True, excerpts=False),
    "github": Format("github", "annotations of GitHub", 1, infos=True, excerpts=False, commands=True),
    "gitlab": Format("gitlab", "Code Quality of GitLab", findings=5_000, infos=True, excerpts=False),
    "azure": Format("azure", "annotations of Azure Pipelines", 1, infos=True, excerpts=False, commands=True),
    "markdown": Format(
        "markdown", "a summary for a CI step or a ticket", findings=50, infos=True, excerpts=True
    ),
    "html": Format(
        *("html", "a page to attach", 200, False, True), package="jinja2", extra="html", spread=True
    ),
}
"""By the name that users give."""

FOR_PEOPLE = "text"
"""The format of a report where nobody asks for another one."""


class Look(NamedTuple):
    """How a report is to look; each format takes from it what it can use."""

    strict: bool = False
    """Warnings fail the run."""
    colour: bool = False
    """ANSI colours."""
    verbose: bool = False
    """Show findings at info one by one too."""
    split: bool = False
    """The list is for several connections."""
    width: int = 80
    """Columns of the terminal."""
    quiet: bool = False
    """The verdict only."""
    statistics: bool = False
    """The reasons and the verdict only."""
    ci: bool = False
    """A CI runner reads the lines, and must find no command in them."""
    files: str = "FILE"
    """What was named to be checked, as a shell takes it."""
    command: str = ""
    """The command that is running, as a shell takes it, without its options."""
    jobs: str = ""
    """The jobs file; names of lists in it are relative to its folder."""
    moment: str = "1970-01-01T00:00:00"
    """When the report is made, in UTC."""
    language: str = ENGLISH
    """For sentences; codes, keys and values are the same in every language."""


PLAIN = Look()


class Needs(NamedTuple):
    """What a run has to keep for its reports."""

    max_findings: int
    max_infos: int | None
    excerpts: bool
    max_excerpts: int | None = None
    spread: bool = False
    """Whether it is asked how the ready records and the findings lie."""

    def options(self) -> dict[str, Any]:
        """What of it is a field of `CheckOptions`, by name."""
        kept = self._asdict()
        del kept["spread"]
        return kept


def needs_of(names: Sequence[str], limit: int | None = None, *, verbose: bool = False) -> Needs:
    """What reports in these formats need together. `limit`: what `--max-findings` says, if it was given."""
    formats = [FORMATS[name] for name in names]
    most = _most([one.findings if limit is None else limit for one in formats])
    with_lines = _most([one.findings if limit is None else limit for one in formats if one.excerpts])
    return Needs(
        max_findings=most,
        max_infos=None if verbose or any(one.infos for one in formats) else 1,
        excerpts=any(one.excerpts for one in formats),
        max_excerpts=with_lines if with_lines and with_lines != most else None,
        spread=any(one.spread for one in formats),
    )


def _most(limits: Sequence[int]) -> int:
    """The largest of some limits, of which 0 is none."""
    return 0 if 0 in limits else max(limits, default=0)


def part_for(report: Report, needs: Needs) -> Report:
    """The report with no more findings than one format needs: a run may keep more for another format."""
    from dataclasses import replace

    from importer.checking.findings import Severity

    most, infos = needs.max_findings, needs.max_infos
    if infos is None and (not most or all(one.number <= most for one in report.reasons)):
        return report
    taken: dict[tuple[str, int], int] = {}
    findings = []
    for finding in report.findings:
        key = finding.rule.code, int(finding.severity)
        taken[key] = number = taken.get(key, 0) + 1
        limit = infos if infos is not None and finding.severity == Severity.INFO else most
        if not limit or number <= limit:
            findings.append(finding)
    return replace(report, findings=tuple(findings)) if len(findings) < len(report.findings) else report


def lists_for(lists: Lists, needs: Needs) -> Lists:
    """The lists with no more findings than one format needs."""
    return lists._replace(
        listings=tuple(
            one if one.report is None else one._replace(report=part_for(one.report, needs))
            for one in lists.listings
        )
    )


def report_in(name: str, report: Report, look: Look = PLAIN) -> Iterator[str]:
    """A report on one list in the format of this name, as text."""
    from importer.rendering.lists import one_list

    return lists_in(name, one_list(report, strict=look.strict), look)


def lists_in(name: str, lists: Lists, look: Look = PLAIN) -> Iterator[str]:
    """The report on the lists of a run in the format of this name, as text."""
    written: Iterator[str] = import_module(f"{__name__}.{FORMATS[name].module}").written(lists, look)
    return written
