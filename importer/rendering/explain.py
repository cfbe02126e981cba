"""The catalogue of rules as Markdown and as JSON, for `explain`. Imports nothing heavy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from importer.checking.findings import Rule, Severity
from importer.language import ENGLISH, translated, worded


def explanation(rule: Rule, language: str = ENGLISH) -> str:
    """One rule in full, as Markdown, in a language of `importer.language`."""

    def told(template: str, **facts: str) -> str:
        return worded(template, facts, language)

    severity, fate = told(rule.severity.label), told(rule.fate or "sent")
    facts = [told("Severity: {severity}", severity=severity), told(_ABOUT[rule.field])]
    if rule.fate:
        facts.append(told("the record is {fate}", fate=fate))
    if rule.fixed:
        facts.append(told("can be neither lowered nor hidden"))
    parts = {
        told("When"): _wrapped(translated(rule.what, language), language),
        told("Why it matters"): _wrapped(translated(rule.why, language), language),
        told("Example"): f"```text\n{rule.example.rstrip()}\n```",
        told("What to do"): _wrapped(translated(rule.remedy, language), language),
    }
    comma, stop = told(", "), told(".")
    text = f"# {rule.code} {rule.slug}\n\n{_wrapped(comma.join(facts), language)}{stop}\n"
    return text + "".join(f"\n## {title}\n\n{part}\n" for title, part in parts.items())


def _wrapped(text: str, language: str) -> str:
    """Paragraphs of at most 80 columns."""
    if language != ENGLISH:
        from importer.rendering.wrapping import wrapped

        return "\n".join(wrapped(text, 80))
    import textwrap

    return textwrap.fill(text, 80, break_long_words=False, break_on_hyphens=False)


_ABOUT = {
    "name": "about the name",
    "ip": "about the address",
    "row": "about the row",
    "file": "about the file",
}


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
