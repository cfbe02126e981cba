"""Code Quality of GitLab: an array of issues, each with a fingerprint that stays while lines move.

At most 5,000 issues, the worst first; further ones are told by one issue for each rule.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from importer.checking.findings import Severity
from importer.language import plural
from importer.rendering.lists import Lists, by_reason, located, worst_first
from importer.rendering.pretty import pretty
from importer.rendering.reports import Look
from importer.rendering.reports.sarif import fingerprint
from importer.shown import visible

MOST = 5_000
_SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.INFO: "info"}


def written(lists: Lists, look: Look) -> Iterator[str]:
    """The array."""
    yield from pretty(_issues(lists, look), 1)
    yield "\n"


def _issues(lists: Lists, look: Look) -> Iterator[dict[str, Any]]:
    seen: dict[str, int] = {}
    shown: dict[tuple[str, int], int] = {}
    for listing, finding in worst_first(lists, MOST):
        key = finding.code, int(finding.severity)
        shown[key] = shown.get(key, 0) + 1
        where = f"{visible(listing.name)}: " if listing.name else ""
        text = f"{where}{finding.message_in(look.language)}; {finding.hint_in(look.language)}"
        mark = fingerprint(listing.name, finding, seen)
        source, line = located(finding.source or _any_source(lists), finding.line, look.jobs)
        yield _issue(text, finding.code, finding.severity, mark, source, line or 1)
    for one in by_reason(lists):
        rule, severity = one.reason.rule, one.reason.severity
        rest = one.reason.number - shown.get((rule.code, int(severity)), 0)
        if rest > 0:
            text = f"{plural(rest, 'more finding')} of {rule.code} {rule.slug}"
            first = one.finding.source if one.finding is not None else None
            path, _ = located(first or _any_source(lists), None, look.jobs)
            yield _issue(text, rule.code, severity, f"more {rule.code} {severity}", path, 1)
    for text in lists.troubles:
        yield _issue(visible(text), "unreadable", Severity.ERROR, text, _any_source(lists), 1)


def _issue(text: str, code: str, severity: Severity, mark: str, source: str, line: int) -> dict[str, Any]:
    return {
        "description": text,
        "check_name": code,
        "fingerprint": hashlib.sha256(mark.encode("utf-8", "backslashreplace")).hexdigest(),
        "severity": _SEVERITIES[severity],
        "location": {"path": visible(source), "lines": {"begin": max(line, 1)}},
    }


def _any_source(lists: Lists) -> str:
    """A path for what stands in no file: GitLab wants one."""
    return next((source.name for source in lists.sources), "dli-hosts")
