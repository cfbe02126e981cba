"""What a check found: exact totals and counts, and as many findings as were asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from importer.checking.findings import Finding, Rule, Severity
from importer.columns.understood import UNKNOWN, Understood
from importer.errors import ReportError
from importer.language import plural, said


@dataclass(frozen=True)
class SourceCount:
    """One input and how much was in it."""

    name: str
    format: str
    encoding: str
    lines: int
    """Physical lines."""
    blank: int
    """Blank and comment lines among them."""
    records: int
    understood: Understood = UNKNOWN
    """How it was understood, beside syntax and encoding."""


@dataclass(frozen=True)
class Totals:
    """records = ready + merged + skipped + refused, always."""

    lines: int
    records: int
    ready: int
    merged: int
    skipped: int
    refused: int


class Reason(NamedTuple):
    """All findings of one rule at one severity."""

    rule: Rule
    severity: Severity
    number: int
    """How many."""
    records: int
    """Records behind these findings, where the rule is about records: a finding about an address is about
    all names of its line."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """The whole truth about a list. Counts cover every record, however many findings are kept."""

    sources: tuple[SourceCount, ...]
    totals: Totals
    reasons: tuple[Reason, ...]
    """In the order of the codes; a rule can be told at two severities."""
    findings: tuple[Finding, ...]
    """In source, line, column and code order; at most `max_findings` of each code."""
    repairable: Mapping[str, int] = field(default_factory=dict)
    """Findings by code that `fix` repairs, of those that were looked at for that."""
    all_looked_at: bool = True
    """Whether all findings were looked at for a repair."""

    @property
    def counts(self) -> dict[str, int]:
        """Findings by code, in the order of the codes."""
        counts: dict[str, int] = {}
        for reason in self.reasons:
            counts[reason.rule.code] = counts.get(reason.rule.code, 0) + reason.number
        return counts

    @property
    def severities(self) -> dict[str, Severity]:
        """The worst severity of each code that is counted."""
        return {reason.rule.code: reason.severity for reason in self.reasons}

    @property
    def truncated(self) -> bool:
        """Whether some findings were counted but not kept."""
        return len(self.findings) < sum(reason.number for reason in self.reasons)

    def count(self, severity: Severity) -> int:
        """Number of findings at exactly this severity."""
        return sum(reason.number for reason in self.reasons if reason.severity == severity)

    def codes(self, severity: Severity) -> tuple[str, ...]:
        """Codes that are told at exactly this severity."""
        return tuple(reason.rule.code for reason in self.reasons if reason.severity == severity)

    def ok(self, *, strict: bool = False) -> bool:
        """Whether there is no error; with `strict`, no warning either."""
        return not self.count(Severity.ERROR) and not (strict and self.count(Severity.WARNING))

    def raise_for_errors(self, *, strict: bool = False) -> None:
        """Raise ReportError unless the report is `ok`."""
        if self.ok(strict=strict):
            return
        level = Severity.WARNING if strict and not self.count(Severity.ERROR) else Severity.ERROR
        first = next((f for f in self.findings if f.severity >= level), None)
        kind = "error" if level == Severity.ERROR else "warning"
        total = self.count(level)
        text = plural(total, kind)
        if first is not None:
            place = f"{first.source}:{first.line}" if first.line is not None else first.source or "the list"
            text += said(
                ", the first: {code} {place}: {message}", code=first.code, place=place, message=first.message
            )
        raise ReportError(text, hint="see report.findings for all that were kept")
