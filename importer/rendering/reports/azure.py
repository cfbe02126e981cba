"""Logging commands of Azure Pipelines: an issue for each rule that is broken, with count and first place."""

from __future__ import annotations

from collections.abc import Iterator

from importer.checking.findings import Severity
from importer.rendering.lists import First, Lists, by_reason
from importer.rendering.reports import Look
from importer.rendering.reports.github import first_place, told
from importer.rendering.terminal import without_commands
from importer.rendering.verdict import verdict
from importer.shown import visible

_TYPES = {Severity.ERROR: "error", Severity.WARNING: "warning"}


def written(lists: Lists, look: Look) -> Iterator[str]:
    """The commands, and the verdict as a line of text; Azure knows no issue below a warning."""
    for text in lists.troubles:
        yield f"##vso[task.logissue type=error]{_message(visible(text))}\n"
    for one in by_reason(lists):
        text = _message(told(one, lists, look))
        rule = f"{one.reason.rule.code} {one.reason.rule.slug}"
        if one.reason.severity in _TYPES:
            yield f"##vso[task.logissue {_properties(one, look)}]{rule}: {text}\n"
        else:
            yield f"{rule}: {text}\n"
    yield f"{without_commands(verdict(lists, look._replace(colour=False)))}\n"


def _properties(one: First, look: Look) -> str:
    parts = {"type": _TYPES[one.reason.severity], "code": one.reason.rule.code}
    parts |= first_place(one, look, "sourcepath", "linenumber", "columnnumber")
    return "".join(f"{key}={_property(value)};" for key, value in parts.items())


def _message(text: str) -> str:
    text = text.replace("%", "%AZP25").replace("\r", "%0D").replace("\n", "%0A")
    return without_commands(text)


def _property(text: str) -> str:
    return _message(text).replace(";", "%3B").replace("]", "%5D")
