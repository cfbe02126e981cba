"""A line for each finding, `file:line:column: CODE severity: message`, as editors and grep take it."""

from __future__ import annotations

from collections.abc import Iterator

from importer.checking.findings import Severity
from importer.language import said
from importer.rendering.lists import Lists
from importer.rendering.reports import Look
from importer.rendering.reports.text import COLOURS, hidden_lines, place_of, sheets_of, with_verdict
from importer.rendering.terminal import paint
from importer.shown import visible


def written(lists: Lists, look: Look) -> Iterator[str]:
    """The findings, and the verdict."""
    return with_verdict(lists, look, _findings)


def _findings(lists: Lists, look: Look) -> Iterator[str]:
    sheets = sheets_of(*lists.reports)
    shown = 0
    for listing, finding in lists.found():
        if finding.severity == Severity.INFO and not look.verbose:
            continue
        shown += 1
        of = f" ({visible(listing.name)})" if listing.name and listing.name != finding.source else ""
        code = paint(finding.code, f"1;{COLOURS[finding.severity]}", colour=look.colour)
        place = place_of(finding, letters=finding.source in sheets)
        yield f"{place}: {code} {said(finding.severity.label)}: {finding.message_in(look.language)}{of}"
    yield from hidden_lines(lists.reasons(), shown, look)
