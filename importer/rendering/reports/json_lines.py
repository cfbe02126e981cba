"""JSON, one object on each line: a header, a line for each list of many, the findings, a summary."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from importer.rendering.lists import Lists
from importer.rendering.pretty import json_text
from importer.rendering.reports import Look
from importer.rendering.reports.json import FindingTexts, head, source_object
from importer.rendering.verdict import verdict
from importer.shown import json_safe


def written(lists: Lists, look: Look) -> Iterator[str]:
    """The lines; `type` says what each of them is."""
    yield _line({"type": "header", **head(), "lists": len(lists.listings) if lists.noun else None})
    for listing in lists.listings:
        report, name = listing.report, listing.name or None
        told = {
            "type": "list",
            "list": name,
            "ok": listing.ok,
            "error": listing.error or None,
            "hint": listing.hint or None,
            "sources": [] if report is None else [source_object(source) for source in report.sources],
            "totals": None if report is None else vars(report.totals),
            "counts": {} if report is None else report.counts,
        }
        yield _line(told)
        text = FindingTexts(look.language, type="finding", list=name).text
        for finding in () if report is None else report.findings:
            yield json_safe(text(finding)) + "\n"
    summary = {
        "type": "summary",
        "ok": lists.ok,
        "totals": lists.totals(),
        "counts": lists.counts(),
        "truncated": lists.truncated,
        "faults": list(lists.faults),
        "verdict": verdict(lists, look._replace(colour=False)),
    }
    yield _line(summary)


def _line(told: dict[str, Any]) -> str:
    return f"{json_text(told)}\n"
