"""The report for machines: JSON, `schema_version` 1. Strings are ASCII-safe."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from importer.checking.findings import Finding
from importer.checking.report import Report, SourceCount
from importer.columns.understood import Column
from importer.language import ENGLISH
from importer.rendering.reports import Look
from importer.version import __version__

SCHEMA_VERSION = 1


def written(report: Report, look: Look) -> Iterator[str]:
    """The report as one object."""
    yield json.dumps(report_object(report, strict=look.strict, language=look.language), indent=2)
    yield "\n"


def report_object(report: Report, *, strict: bool = False, language: str = ENGLISH) -> dict[str, Any]:
    """The report as JSON knows it; field names and order are a contract."""
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "dli-hosts", "version": __version__},
        "ok": report.ok(strict=strict),
        "sources": [source_object(source) for source in report.sources],
        "totals": asdict(report.totals),
        "counts": report.counts,
        "findings": [finding_object(finding, language) for finding in report.findings],
        "truncated": report.truncated,
    }


def source_object(source: SourceCount) -> dict[str, Any]:
    """One source, and how it was understood."""
    understood = source.understood
    return {
        "name": source.name,
        "format": source.format,
        "encoding": source.encoding,
        "lines": source.lines,
        "blank": source.blank,
        "records": source.records,
        "understood": {
            "delimiter": understood.delimiter,
            "header": understood.header,
            "name_column": _column(understood.name_column),
            "ip_column": _column(understood.ip_column),
            "passed_over": [column._asdict() for column in understood.passed_over],
            "sheet": understood.sheet,
        },
    }


def _column(column: Column | None) -> dict[str, Any] | None:
    return None if column is None else {"number": column.number, "heading": column.heading}


def finding_object(finding: Finding, language: str = ENGLISH) -> dict[str, Any]:
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
        "message": finding.message_in(language),
        "hint": finding.hint_in(language),
        "related": None if finding.related is None else asdict(finding.related),
    }
