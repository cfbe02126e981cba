"""The report for machines: JSON, `schema_version` 1. Strings are ASCII-safe."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, replace
from typing import Any

from importer.checking.findings import Finding, Fix
from importer.checking.repair_words import causes_in_words
from importer.checking.report import Report, SourceCount
from importer.columns.understood import Column
from importer.language import ENGLISH
from importer.rendering.lists import Listing, Lists
from importer.rendering.pretty import Written, laid_out, plain_texts, pretty
from importer.rendering.reports import Look
from importer.version import __version__

SCHEMA_VERSION = 1


def written(lists: Lists, look: Look) -> Iterator[str]:
    """The report as one object."""
    if lists.noun:
        yield from pretty(lists_object(lists, look), 2)
    else:
        (listing,) = lists.listings
        assert listing.report is not None
        whole = report_object(replace(listing.report, findings=()), strict=look.strict)
        whole["findings"] = map(FindingTexts(look.language, 2, 2).text, listing.report.findings)
        whole["truncated"] = listing.report.truncated
        yield from pretty(whole, 2)
    yield "\n"


def lists_object(lists: Lists, look: Look) -> dict[str, Any]:
    """The report on many lists: each stands in `lists`, and what is said of all stands above."""
    return {
        **head(),
        "ok": lists.ok,
        "totals": lists.totals(),
        "counts": lists.counts(),
        "truncated": lists.truncated,
        "faults": list(lists.faults),
        "lists": [_listing_object(listing, look.language) for listing in lists.listings],
    }


def head() -> dict[str, Any]:
    """What stands at the top of each object for scripts."""
    return {"schema_version": SCHEMA_VERSION, "tool": {"name": "dli-hosts", "version": __version__}}


def _listing_object(listing: Listing, language: str) -> dict[str, Any]:
    """One list of many; what a list without a report lacks is null."""
    kept = {} if listing.report is None else report_object(listing.report, language=language)
    keys = ("sources", "totals", "counts", "findings", "truncated")
    return {
        **head(),
        "list": listing.name,
        "ok": listing.ok,
        "error": listing.error or None,
        "hint": listing.hint or None,
        **{key: kept.get(key) for key in keys},
    }


def report_object(report: Report, *, strict: bool = False, language: str = ENGLISH) -> dict[str, Any]:
    """The report as JSON knows it; field names and order are a contract."""
    return {
        **head(),
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
    rule = finding.rule
    return {
        "code": rule.code,
        "slug": rule.slug,
        "severity": finding.severity.label,
        "source": finding.source,
        "line": finding.line,
        "column": finding.column,
        "field": rule.field,
        "value": finding.value,
        "ip": finding.ip,
        "name": finding.name,
        "message": finding.message_in(language),
        "hint": finding.hint_in(language),
        "related": None if finding.related is None else vars(finding.related),
        "fix": None if finding.fix is None else _fix(finding.fix, language),
    }


def _fix(fix: Fix, language: str) -> dict[str, Any]:
    return {
        "applicability": "safe" if fix.safe else "unsafe",
        "message": causes_in_words(fix.causes, language),
        "edits": [edit._asdict() for edit in fix.edits],
    }


class FindingTexts:
    """Findings as JSON, to the letter as `finding_object` would be written, and quicker: what follows from
    the rule is written once.

    `level` is the depth of the findings; without an indent they are lines. `first` stands before all else.
    """

    def __init__(self, language: str, indent: int = 0, level: int = 0, **first: str | None) -> None:
        self._language, self._indent, self._level, self._first = language, indent, level, first
        self._templates: dict[tuple[str, int], str] = {}

    def text(self, finding: Finding) -> Written:
        """One finding."""
        key = finding.rule.code, int(finding.severity)
        template = self._templates.get(key) or self._template(key, finding)
        texts = plain_texts(
            (
                *(finding.source, finding.line, finding.column, finding.value, finding.ip, finding.name),
                *(finding.message_in(self._language), finding.hint_in(self._language)),
            )
        )
        related, fix = finding.related, finding.fix
        for inner in (
            None if related is None else vars(related),
            None if fix is None else _fix(fix, self._language),
        ):
            texts.append("null" if inner is None else laid_out(inner, self._indent, self._level + 1))
        return Written(template % tuple(texts))

    def _template(self, key: tuple[str, int], finding: Finding) -> str:
        """The object with `%s` in place of all that differs between findings of a rule."""
        kept = {**self._first, **finding_object(finding, self._language)}
        marked = {name: Written("%s") if name in _OWN else _escaped(value) for name, value in kept.items()}
        self._templates[key] = template = laid_out(marked, self._indent, self._level)
        return template


_OWN = ("source", "line", "column", "value", "ip", "name", "message", "hint", "related", "fix")
"""What is a finding's own, in the order of `finding_object`."""


def _escaped(value: str | None) -> Written:
    return Written(plain_texts([value])[0].replace("%", "%%"))
