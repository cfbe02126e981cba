"""What `explain` prints: the catalogue as Markdown and as JSON. Imports nothing heavy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from importer.columns.findings import Rule


def explanation(rule: Rule) -> str:
    """One rule in full, as Markdown."""
    facts = [f"Severity: {rule.severity.label}", f"about the {_ABOUT[rule.field]}"]
    if rule.fate:
        facts.append(f"the record is {rule.fate}")
    if rule.fixed:
        facts.append("can be neither lowered nor hidden")
    return (
        f"# {rule.code} {rule.slug}\n\n{', '.join(facts)}.\n\n"
        f"## When\n\n{rule.what}\n\n## Why it matters\n\n{rule.why}\n\n"
        f"## Example\n\n```text\n{rule.example.rstrip()}\n```\n\n## What to do\n\n{rule.remedy}\n"
    )


_ABOUT = {"name": "name", "ip": "address", "row": "row", "file": "file"}


def rule_table(rules: Iterable[Rule]) -> Iterator[str]:
    """All rules, a line each, as a Markdown table."""
    yield "| code | name | severity | told when |"
    yield "|---|---|---|---|"
    for rule in rules:
        yield f"| {rule.code} | {rule.slug} | {rule.severity.label} | {_one_line(rule.what)} |"


def _one_line(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def rule_object(rule: Rule) -> dict[str, Any]:
    """One rule as JSON knows it."""
    return {**rule._asdict(), "severity": rule.severity.label, "markdown": explanation(rule)}
