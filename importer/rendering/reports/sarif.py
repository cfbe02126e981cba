"""SARIF 2.1.0, which code scanning reads: rules with their help, results with their regions.

GitHub refuses a run of more than 25,000 results and shows 5,000, so that many are given, the worst first;
the true totals stand in the properties of the run.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from importer.checking.findings import Finding, Fix, Rule, Severity
from importer.checking.repair_words import causes_in_words
from importer.rendering.explain import explanation
from importer.rendering.lists import Lists, by_reason, located, worst_first
from importer.rendering.pretty import pretty
from importer.rendering.reports import Look
from importer.shown import visible
from importer.version import __version__

MOST = 5_000
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def written(lists: Lists, look: Look) -> Iterator[str]:
    """The log with its one run."""
    rules: list[Rule] = []
    for one in by_reason(lists):
        if one.reason.rule not in rules:
            rules.append(one.reason.rule)
    index = {rule.code: number for number, rule in enumerate(rules)}
    seen: dict[str, int] = {}
    found = worst_first(lists, MOST)
    results = (_result(listing.name, finding, index, seen, look) for listing, finding in found)
    run = {
        "tool": {
            "driver": {
                "name": "dli-hosts",
                "version": __version__,
                "semanticVersion": __version__,
                "rules": [_rule(rule) for rule in rules],
            }
        },
        "invocations": [_invocation(lists)],
        "columnKind": "unicodeCodePoints",
        "results": results,
        "properties": {
            "ok": lists.ok,
            "totals": lists.totals(),
            "counts": lists.counts(),
            "truncated": len(found) < sum(lists.counts().values()),
        },
    }
    yield from pretty({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, 1)
    yield "\n"


def _invocation(lists: Lists) -> dict[str, Any]:
    """Whether the run came to its end, and which lists could not be read."""
    told = lists.troubles
    made: dict[str, Any] = {
        "executionSuccessful": not told,
        "exitCode": 2 if told else 0 if lists.ok else 1,
    }
    if told:
        made["toolExecutionNotifications"] = [
            {"level": "error", "message": {"text": _inert(visible(text))}} for text in told
        ]
    return made


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.code,
        "name": rule.slug,
        "shortDescription": {"text": _inert(rule.slug.replace("-", " "))},
        "fullDescription": {"text": _inert(rule.what)},
        "help": {"text": f"{rule.why}\n\n{rule.remedy}", "markdown": explanation(rule)},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {"tags": ["hosts", rule.field], "precision": "very-high"},
    }


def _result(
    name: str, finding: Finding, index: dict[str, int], seen: dict[str, int], look: Look
) -> dict[str, Any]:
    made: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": index[finding.code],
        "level": _LEVELS[finding.severity],
        "message": {
            "text": _inert(f"{finding.message_in(look.language)} ({finding.hint_in(look.language)})")
        },
        "partialFingerprints": {"dliHostsRecord/v1": fingerprint(name, finding, seen)},
    }
    if finding.source is not None:
        made["locations"] = [_location(finding.source, finding.line, finding.column, look.jobs)]
    if finding.related is not None:
        related = _location(finding.related.source, finding.related.line, None, look.jobs)
        made["relatedLocations"] = [related | {"message": {"text": "the first record"}}]
    if finding.fix is not None and finding.fix.safe and finding.source is not None:
        made["fixes"] = [_fix(finding.source, finding.fix, look)]
    if name:
        made["properties"] = {"list": name}
    return made


def _fix(source: str, fix: Fix, look: Look) -> dict[str, Any]:
    path, _ = located(source, None, look.jobs)
    replacements = [
        {
            "deletedRegion": {
                "startLine": edit.line,
                "startColumn": edit.column,
                "endLine": edit.end_line,
                "endColumn": edit.end_column,
            },
            "insertedContent": {"text": edit.text},
        }
        for edit in fix.edits
    ]
    return {
        "description": {"text": _inert(causes_in_words(fix.causes, look.language))},
        "artifactChanges": [{"artifactLocation": {"uri": uri_of(path)}, "replacements": replacements}],
    }


def _location(source: str, line: int | str | None, column: int | None, jobs: str) -> dict[str, Any]:
    path, number = located(source, line, jobs)
    place: dict[str, Any] = {"artifactLocation": {"uri": uri_of(path)}}
    if number is not None:
        region = {"startLine": max(number, 1)}
        place["region"] = region if column is None else region | {"startColumn": column}
    return {"physicalLocation": place}


@lru_cache(16)
def uri_of(source: str) -> str:
    """The name of a file as a URI: relative as it was given, or absolute."""
    path = quote(source.encode("utf-8", "surrogateescape"), safe="/")
    return f"file://{path}" if source.startswith("/") else path


def fingerprint(name: str, finding: Finding, seen: dict[str, int]) -> str:
    """What stays the same while lines move: list, code and record; repeats are numbered in `seen`."""
    parts = (name, finding.source, finding.code, finding.value, finding.ip, finding.name)
    digest = hashlib.sha256(repr(parts).encode("utf-8", "backslashreplace")).hexdigest()[:32]
    seen[digest] = number = seen.get(digest, 0) + 1
    return f"{digest}:{number}"


def _inert(text: str) -> str:
    """A message without a link: in SARIF `[text](target)` is one."""
    return text.replace("](", "]\\(")
