"""The report for machines: JSON, `schema_version` 1. Strings are ASCII-safe."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from importer.checking.findings import Finding
from importer.checking.report import Report
from importer.version import __version__

SCHEMA_VERSION = 1


def report_object(report: Report, *, strict: bool = False) -> dict[str, Any]:
    """The report as JSON knows it; field names and order are a contract."""
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "dli-hosts", "version": __version__},
        "ok": report.ok(strict=strict),
        "sources": [asdict(source) for source in report.sources],
        "totals": asdict(report.totals),
        "counts": report.counts,
        "findings": [finding_object(finding) for finding in report.findings],
        "truncated": report.truncated,
    }


def finding_object(finding: Finding) -> dict[str, Any]:
    """One finding."""
    return {
        "code": finding.code,
        "slug": finding.slug,
        "severity": finding.severity.label,
        "source": finding.source,
        "line": finding.line,
        "column": finding.column,
        "field": finding.field,
        "value": finding.value,
        "message": finding.message,
        "hint": finding.hint,
        "related": None if finding.related is None else asdict(finding.related),
    }
