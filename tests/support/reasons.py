"""Reports made by hand: the reasons that stand behind counts and severities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from importer.checking.catalogue import BY_CODE, RULES
from importer.checking.findings import Finding, Severity
from importer.checking.report import Reason, Report


def reasons_of(counts: Mapping[str, int], severities: Mapping[str, Severity]) -> tuple[Reason, ...]:
    """One reason for each code, in the order of the codes."""
    order = [rule.code for rule in RULES if rule.code in counts]
    return tuple(Reason(BY_CODE[code], severities[code], counts[code], 0) for code in order)


def without(report: Report, code: str) -> Report:
    """The report as if a rule did not exist."""
    return replace(
        report,
        findings=tuple(finding for finding in report.findings if finding.code != code),
        reasons=tuple(reason for reason in report.reasons if reason.rule.code != code),
    )


def at_severity(report: Report, code: str, severity: Severity) -> Report:
    """The report as if a rule were told at this severity only, whatever is known of other lines."""
    of_rule = [reason for reason in report.reasons if reason.rule.code == code]
    others = [reason for reason in report.reasons if reason.rule.code != code]
    if of_rule:
        number, records = sum(r.number for r in of_rule), sum(r.records for r in of_rule)
        others.append(Reason(BY_CODE[code], severity, number, records))
    order = {rule.code: number for number, rule in enumerate(RULES)}
    return replace(
        report,
        findings=tuple(finding_at(finding, code, severity) for finding in report.findings),
        reasons=tuple(sorted(others, key=lambda reason: (order[reason.rule.code], reason.severity))),
    )


def finding_at(finding: Finding, code: str, severity: Severity) -> Finding:
    """The finding as `at_severity` has it."""
    if finding.code != code:
        return finding
    return replace(finding, severity=severity, cause="" if finding.cause == "elsewhere" else finding.cause)
