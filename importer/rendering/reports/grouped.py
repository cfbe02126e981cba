"""The findings by file and rule: each rule once, with what it says to do, and its places below it."""

from __future__ import annotations

from collections.abc import Iterator

from importer.checking.findings import Finding, Severity
from importer.language import plural, said
from importer.rendering.lists import Lists
from importer.rendering.reports import Look
from importer.rendering.reports.text import (
    COLOURS,
    hidden_lines,
    letters_of,
    sheets_of,
    with_verdict,
)
from importer.rendering.terminal import paint
from importer.shown import visible


def written(lists: Lists, look: Look) -> Iterator[str]:
    """The groups, and the verdict."""
    return with_verdict(lists, look, _groups)


def _groups(lists: Lists, look: Look) -> Iterator[str]:
    sheets = sheets_of(*lists.reports)
    groups: dict[tuple[str, str], dict[tuple[int, str], list[Finding]]] = {}
    for listing, finding in lists.found():
        if finding.severity > Severity.INFO or look.verbose:
            rules = groups.setdefault((listing.name, finding.source or "the list"), {})
            rules.setdefault((-finding.severity, finding.code), []).append(finding)
    for (name, source), rules in groups.items():
        of = f" ({visible(name)})" if name and name != source else ""
        yield paint(f"{visible(source)}{of}:", "1", colour=look.colour)
        for (_, code), findings in sorted(rules.items()):
            first = findings[0]
            title = paint(f"{code} {first.slug}", COLOURS[first.severity], colour=look.colour)
            yield f"  {title}: {plural(len(findings), first.severity.label)}"
            for finding in findings:
                place = _place(finding, letters=source in sheets)
                yield f"    {place:<8} {finding.message_in(look.language)}"
            yield said("    = help: {hint}", hint=first.hint_in(look.language))
        yield ""
    shown = sum(len(found) for rules in groups.values() for found in rules.values())
    yield from hidden_lines(lists.reasons(), shown, look)


def _place(finding: Finding, *, letters: bool) -> str:
    column = letters_of(finding.column) if letters and finding.column else finding.column
    return ":".join(visible(str(part)) for part in (finding.line, column) if part is not None) or "-"
