"""One list or many, each with what it came to: what every report format is given. Imports nothing heavy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import zip_longest
from typing import TYPE_CHECKING, NamedTuple

from importer.language import said

if TYPE_CHECKING:
    from importer.checking.findings import Finding, Severity
    from importer.checking.report import Reason, Report, SourceCount
    from importer.checking.spread import Spread


class Listing(NamedTuple):
    """One list and what it came to."""

    report: Report | None
    """None where it cannot be read, or where a connection names no hosts."""
    ok: bool
    """Whether it may be sent."""
    name: str = ""
    """The connection that it is for, or its file; empty where there is one list only."""
    strict: bool = False
    """Warnings forbid to send it."""
    error: str = ""
    """Why it cannot be read."""
    hint: str = ""
    spread: Spread | None = None
    """How its ready records lie in the address space, where a report needs that."""

    def count(self, severity: Severity) -> int:
        """Number of its findings at exactly this severity."""
        return 0 if self.report is None else self.report.count(severity)


class Lists(NamedTuple):
    """All lists of a run, in the order of the input."""

    listings: tuple[Listing, ...]
    noun: str = ""
    """What one of many is called: `connection` or `list`; empty where there is one list only."""
    faults: tuple[str, ...] = ()
    """What is wrong with the jobs file itself."""

    @property
    def ok(self) -> bool:
        """Whether each list may be sent."""
        return not self.faults and all(listing.ok for listing in self.listings)

    @property
    def troubles(self) -> list[str]:
        """What is wrong with the jobs file, and why lists cannot be read."""
        return [*self.faults, *(f"{one.name}: {one.error}" for one in self.listings if one.error)]

    @property
    def reports(self) -> list[Report]:
        """The reports of the lists that could be read."""
        return [listing.report for listing in self.listings if listing.report is not None]

    @property
    def sources(self) -> list[SourceCount]:
        """The sources of all lists."""
        return [source for report in self.reports for source in report.sources]

    @property
    def truncated(self) -> bool:
        """Whether some findings were counted but not kept."""
        return any(report.truncated for report in self.reports)

    def totals(self) -> dict[str, int]:
        """The totals of all lists together."""
        names = ("lines", "records", "ready", "merged", "skipped", "refused")
        return {name: sum(getattr(one.totals, name) for one in self.reports) for name in names}

    def counts(self) -> dict[str, int]:
        """Findings of all lists by code, in the order of the codes."""
        counts: dict[str, int] = {}
        for reason in self.reasons():
            counts[reason.rule.code] = counts.get(reason.rule.code, 0) + reason.number
        return counts

    def reasons(self) -> list[Reason]:
        """The reasons of all lists together, in the order of the catalogue."""
        from importer.checking.catalogue import INDEX

        found: dict[tuple[int, int], Reason] = {}
        for report in self.reports:
            for reason in report.reasons:
                key = INDEX[reason.rule.code], int(reason.severity)
                before = found.get(key)
                found[key] = (
                    reason
                    if before is None
                    else before._replace(
                        number=before.number + reason.number, records=before.records + reason.records
                    )
                )
        return [found[key] for key in sorted(found)]

    def count(self, severity: Severity) -> int:
        """Number of findings of all lists at exactly this severity."""
        return sum(listing.count(severity) for listing in self.listings)

    def found(self) -> Iterator[tuple[Listing, Finding]]:
        """The findings that were kept, each with its list, in the order of the input."""
        for listing in self.listings:
            for finding in () if listing.report is None else listing.report.findings:
                yield listing, finding


def one_list(report: Report, *, strict: bool = False) -> Lists:
    """A run with one list."""
    return Lists((Listing(report, report.ok(strict=strict), strict=strict),))


def located(source: str, line: int | str | None, jobs: str) -> tuple[str, int | None]:
    """The file, seen from the folder of the run, and the line in it, where there is one.

    `jobs`: the jobs file. Names of lists are relative to its folder, and hosts may stand in it itself.
    """
    if jobs and source.startswith(said("{jobs}: hosts of ", jobs=jobs)):
        return jobs, None
    if jobs and not source.startswith("/"):
        folder, slash, _ = jobs.rpartition("/")
        source = f"{folder}{slash}{source}"
    return source, line if isinstance(line, int) else None


def worst_first(lists: Lists, limit: int) -> list[tuple[Listing, Finding]]:
    """At most so many findings, the worst severity first; within one, each rule comes in turn."""
    found = list(lists.found())
    if len(found) <= limit:
        return sorted(found, key=lambda one: -one[1].severity)
    groups: dict[int, dict[str, list[int]]] = {}
    for number, (_, finding) in enumerate(found):
        groups.setdefault(-finding.severity, {}).setdefault(finding.rule.code, []).append(number)
    chosen: list[int] = []
    for _, rules in sorted(groups.items()):
        for turn in zip_longest(*rules.values()):
            if len(chosen) >= limit:
                break
            chosen += sorted(number for number in turn if number is not None)
    return [found[number] for number in chosen[:limit]]


class First(NamedTuple):
    """A rule at one severity over all lists, with its first finding."""

    reason: Reason
    finding: Finding | None
    lists: int
    """In how many lists it is told."""


def by_reason(lists: Lists) -> list[First]:
    """Each rule at each severity over all lists, the worst severity first, then the most frequent.

    With one list the rules of a severity stay in the order of the codes.
    """
    firsts = _firsts(lists)
    numbers = Counter(
        (one.rule.code, int(one.severity)) for report in lists.reports for one in report.reasons
    )
    told = []
    for reason in lists.reasons():
        key = reason.rule.code, int(reason.severity)
        told.append(First(reason, firsts.get(key), numbers[key]))
    return sorted(told, key=lambda one: (-one.reason.severity, -one.reason.number if lists.noun else 0))


def _firsts(lists: Lists) -> dict[tuple[str, int], Finding]:
    """The first finding of each rule at each severity."""
    firsts: dict[tuple[str, int], Finding] = {}
    for report in lists.reports:
        missing = {(one.rule.code, int(one.severity)) for one in report.reasons} - firsts.keys()
        for finding in report.findings:
            if not missing:
                break
            key = finding.rule.code, int(finding.severity)
            if key in missing:
                firsts[key] = finding
                missing.discard(key)
    return firsts
