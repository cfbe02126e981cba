"""The catalogue of rules as Markdown and as JSON, for `explain`. Imports nothing heavy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from importer.checking.findings import Rule, Severity


def explanation(rule: Rule) -> str:
    """One rule in full, as Markdown."""
    facts = [f"Severity: {rule.severity.label}", f"about the {_ABOUT[rule.field]}"]
    if rule.fate:
        facts.append(f"the record is {rule.fate}")
    if rule.fixed:
        facts.append("can be neither lowered nor hidden")
    return (
        f"# {rule.code} {rule.slug}\n\n{_wrapped(', '.join(facts))}.\n\n"
        f"## When\n\n{_wrapped(rule.what)}\n\n## Why it matters\n\n{_wrapped(rule.why)}\n\n"
        f"## Example\n\n```text\n{rule.example.rstrip()}\n```\n\n## What to do\n\n{_wrapped(rule.remedy)}\n"
    )


def _wrapped(text: str) -> str:
    """Paragraphs of at most 80 columns."""
    import textwrap

    return textwrap.fill(text, 80, break_long_words=False, break_on_hyphens=False)


_ABOUT = {"name": "name", "ip": "address", "row": "row", "file": "file"}


def rule_table(rules: Iterable[Rule]) -> Iterator[str]:
    """All rules, a line each, as a Markdown table."""
    yield "| code | name                 | severity | the record is |"
    yield "|------|----------------------|----------|---------------|"
    for rule in rules:
        about_records = rule.per not in ("source", "list")
        fate = rule.fate or ("refused" if rule.severity == Severity.ERROR and about_records else "")
        yield f"| {rule.code} | {rule.slug:<20} | {rule.severity.label:<8} | {fate:<13} |"


def rule_object(rule: Rule) -> dict[str, Any]:
    """One rule as JSON knows it."""
    told = {name: getattr(rule, name) for name in _TOLD}
    return {**told, "severity": rule.severity.label, "markdown": explanation(rule)}


_TOLD = (
    "code", "slug", "severity", "field", "message", "hint", "what", "why", "example", "remedy", "fixed",
    "fate",
)  # fmt: skip
"""The keys of a rule in JSON, in their order; a contract."""
