"""Workflow commands of GitHub: an annotation for each rule, with its count and first place.

GitHub keeps ten errors, ten warnings and ten notices of a step, so more rules than that share the last one.
"""

from __future__ import annotations

from collections.abc import Iterator

from importer.checking.findings import Severity
from importer.language import plural
from importer.rendering.lists import First, Lists, by_reason, located
from importer.rendering.reports import Look
from importer.rendering.terminal import without_commands
from importer.rendering.verdict import verdict
from importer.shown import visible

MOST = 10
_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def written(lists: Lists, look: Look) -> Iterator[str]:
    """The commands, and the verdict as a line of text."""
    for text in lists.troubles:
        yield f"::error title=dli-hosts::{escaped(visible(text))}\n"
    firsts = by_reason(lists)
    for severity, command in _COMMANDS.items():
        of_severity = [one for one in firsts if one.reason.severity == severity]
        shown = of_severity if len(of_severity) <= MOST else of_severity[: MOST - 1]
        for one in shown:
            yield f"::{command} {_properties(one, look)}::{escaped(told(one, lists, look))}\n"
        if rest := of_severity[len(shown) :]:
            codes = ", ".join(f"{one.reason.rule.code} {one.reason.number:,}" for one in rest)
            yield f"::{command} title=dli-hosts::{escaped(f'further rules: {codes}')}\n"
    yield f"{without_commands(verdict(lists, look._replace(colour=False)))}\n"


def told(one: First, lists: Lists, look: Look) -> str:
    """How often a rule is broken, in how many lists, and what its first finding says."""
    number = plural(one.reason.number, one.reason.severity.label)
    many = f" in {plural(one.lists, lists.noun)}" if lists.noun else ""
    if one.finding is None:
        return f"{number}{many}"
    first = "; the first: " if one.reason.number > 1 else ": "
    message, hint = one.finding.message_in(look.language), one.finding.hint_in(look.language)
    return f"{number}{many}{first}{message} ({hint})"


def first_place(one: First, look: Look, *names: str) -> dict[str, str]:
    """File, line and column of the first finding under these names, as far as there are any."""
    finding = one.finding
    if finding is None or finding.source is None:
        return {}
    path, line = located(finding.source, finding.line, look.jobs)
    place = visible(path), line, None if line is None else finding.column
    return {name: str(part) for name, part in zip(names, place, strict=True) if part is not None}


def _properties(one: First, look: Look) -> str:
    place = first_place(one, look, "file", "line", "col")
    parts = place | {"title": f"{one.reason.rule.code} {one.reason.rule.slug}"}
    return ",".join(f"{key}={_property(value)}" for key, value in parts.items())


def escaped(text: str) -> str:
    """The message of a command."""
    text = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return without_commands(text)


def _property(text: str) -> str:
    return escaped(text).replace(":", "%3A").replace(",", "%2C")
