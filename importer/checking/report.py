"""What a check found: exact totals and counts, and as many findings as were asked for."""

from __future__ import annotations

from dataclasses import dataclass

from importer.checking.findings import Finding, Severity
from importer.errors import ReportError


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


@dataclass(frozen=True)
class Totals:
    """records = ready + merged + skipped + refused, always."""

    lines: int
    records: int
    ready: int
    merged: int
    skipped: int
    refused: int


@dataclass(frozen=True, kw_only=True)
class Report:
    """The whole truth about a list. Counts cover every record, however many findings are kept."""

    sources: tuple[SourceCount, ...]
    totals: Totals
    counts: dict[str, int]
    """Findings by code, in the order of the codes."""
    severities: dict[str, Severity]
    """Final severity of each code counted."""
    records: dict[str, int]
    """Records behind the findings of each code that is about records: a finding about an address is
    about all names of its line."""
    findings: tuple[Finding, ...]
    """In source, line, column and code order; at most `max_findings` of each code."""

    @property
    def truncated(self) -> bool:
        """Whether some findings were counted but not kept."""
        return len(self.findings) < sum(self.counts.values())

    def count(self, severity: Severity) -> int:
        """Number of findings at exactly this severity."""
        return sum(n for code, n in self.counts.items() if self.severities[code] == severity)

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
        text = f"{total:,} {kind}{'s' if total != 1 else ''}"
        if first is not None:
            place = f"{first.source}:{first.line}" if first.line is not None else first.source or "the list"
            text += f", the first: {first.code} {place}: {first.message}"
        raise ReportError(text, hint="see report.findings for all that were kept")
