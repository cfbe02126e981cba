"""The findings by file and rule: each rule once, with what it says to do, and its places below it."""

from __future__ import annotations

from collections.abc import Iterator

from importer.checking.findings import Finding, Severity
from importer.language import plural
from importer.rendering.lists import Lists
from importer.rendering.reports import Look
from importer.rendering.reports.text import (
    COLOURS,
    ended,
    failed_lines,
    letters_of,
    sheets_of,
    statistics,
)
from importer.rendering.terminal import paint
from importer.rendering.verdict import verdict
from importer.shown import visible


def written(lists: Lists, look: Look) -> Iterator[str]:
    """The groups, and the verdict."""
    return ended(_lines(lists, look), look)


def _lines(lists: Lists, look: Look) -> Iterator[str]:
    if look.statistics and not look.quiet:
        yield from statistics(lists, look)
        return
    if not look.quiet:
        yield from _groups(lists, look)
        if lists.noun:
            yield from failed_lines(lists, look)
    yield verdict(lists, look)


def _groups(lists: Lists, look: Look) -> Iterator[str]:
    sheets = {name for report in lists.reports for name in sheets_of(report)}
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
            yield f"    = help: {first.hint_in(look.language)}"
        yield ""
    least = Severity.INFO if look.verbose else Severity.WARNING
    shown = sum(len(found) for rules in groups.values() for found in rules.values())
    hidden = sum(one.number for one in lists.reasons() if one.severity >= least) - shown
    if hidden > 0:
        yield f"{plural(hidden, 'more finding')} not shown, --max-findings 0 shows all"


def _place(finding: Finding, *, letters: bool) -> str:
    column = letters_of(finding.column) if letters and finding.column else finding.column
    return ":".join(visible(str(part)) for part in (finding.line, column) if part is not None) or "-"
