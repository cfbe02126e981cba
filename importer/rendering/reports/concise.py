"""A line for each finding, `file:line:column: CODE severity: message`, as editors and grep take it."""

from __future__ import annotations

from collections.abc import Iterator

from importer.checking.findings import Severity
from importer.language import plural
from importer.rendering.lists import Lists
from importer.rendering.reports import Look
from importer.rendering.reports.text import COLOURS, ended, failed_lines, place_of, sheets_of, statistics
from importer.rendering.terminal import paint
from importer.rendering.verdict import verdict
from importer.shown import visible


def written(lists: Lists, look: Look) -> Iterator[str]:
    """The findings, and the verdict."""
    return ended(_lines(lists, look), look)


def _lines(lists: Lists, look: Look) -> Iterator[str]:
    if look.statistics and not look.quiet:
        yield from statistics(lists, look)
        return
    if not look.quiet:
        yield from _findings(lists, look)
        if lists.noun:
            yield from failed_lines(lists, look)
    yield verdict(lists, look)


def _findings(lists: Lists, look: Look) -> Iterator[str]:
    sheets = {name for report in lists.reports for name in sheets_of(report)}
    shown = 0
    for listing, finding in lists.found():
        if finding.severity == Severity.INFO and not look.verbose:
            continue
        shown += 1
        of = f" ({visible(listing.name)})" if listing.name and listing.name != finding.source else ""
        code = paint(finding.code, f"1;{COLOURS[finding.severity]}", colour=look.colour)
        place = place_of(finding, letters=finding.source in sheets)
        yield f"{place}: {code} {finding.severity.label}: {finding.message_in(look.language)}{of}"
    least = Severity.INFO if look.verbose else Severity.WARNING
    hidden = sum(one.number for one in lists.reasons() if one.severity >= least) - shown
    if hidden > 0:
        yield f"{plural(hidden, 'more finding')} not shown, --max-findings 0 shows all"
