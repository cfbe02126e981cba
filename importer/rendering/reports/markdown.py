"""A summary in Markdown, for a step of a CI job or for a ticket.

GitHub drops one that is larger than 1 MiB.
"""

from __future__ import annotations

from collections.abc import Iterator

from importer.checking.findings import Finding, Severity
from importer.language import plural, said
from importer.rendering.lists import Listing, Lists, by_reason
from importer.rendering.reports import Look
from importer.rendering.reports.text import balance, excerpt_parts, place_of, sheets_of
from importer.rendering.understood import understood_lines
from importer.rendering.verdict import verdict
from importer.shown import visible

MOST_BYTES = 900 << 10
_SPECIAL = {ord(char): f"&#{ord(char)};" for char in "\\`*_{}[]<>()#+!|&~$@:\"'="} | {
    ord("\u2028"): " ",
}
_MARKS = {Severity.ERROR: "🔴", Severity.WARNING: "🟡", Severity.INFO: "🔵"}


def written(lists: Lists, look: Look) -> Iterator[str]:
    """The summary, cut at the end of a finding where it grows too large."""
    size = 0
    for part in _parts(lists, look):
        size += len(part.encode("utf-8", "backslashreplace"))
        if size > MOST_BYTES:
            yield "\n_The rest is left out, since a summary has room for 900 KiB._\n"
            return
        yield part


def _parts(lists: Lists, look: Look) -> Iterator[str]:
    mark = "✅" if lists.ok else "❌"
    yield said("## {mark} dli-hosts check\n\n", mark=mark)
    text, _, command = verdict(lists, look._replace(colour=False)).partition("; next: ")
    yield f"**{plain(text)}**\n\n"
    if command:
        yield f"Next: {code(command)}\n\n"
    yield "".join(f"- {plain(fault)}\n" for fault in lists.faults)
    if lists.noun:
        yield from _overview(lists)
    else:
        yield from _sources(lists.listings[0])
    yield from _reasons(lists)
    yield from _findings(lists, look)


def _sources(listing: Listing) -> Iterator[str]:
    if listing.report is not None:
        yield from (f"- {plain(line)}\n" for line in understood_lines(listing.report))
        yield f"- {plain(balance(listing.report))}\n\n"


def _overview(lists: Lists) -> Iterator[str]:
    """A table of the lists, those at fault first."""
    yield said("| {noun} | | records | ready | refused | errors | warnings |\n", noun=lists.noun)
    yield "|---|---|---:|---:|---:|---:|---:|\n"
    for one in sorted(lists.listings, key=lambda one: one.ok):
        state = "✅" if one.ok else "❌"
        if one.report is None:
            yield f"| {plain(one.name)} | {state} {plain(one.error or 'no hosts')} | | | | | |\n"
            continue
        totals = one.report.totals
        numbers = (
            *(totals.records, totals.ready, totals.refused),
            *(one.count(Severity.ERROR), one.count(Severity.WARNING)),
        )
        cells = " | ".join(f"{number:,}" for number in numbers)
        yield f"| {plain(one.name)} | {state} | {cells} |\n"
    yield "\n"


def _reasons(lists: Lists) -> Iterator[str]:
    firsts = by_reason(lists)
    if not firsts:
        return
    sheets = sheets_of(*lists.reports)
    yield "| | rule | number | first at |\n|---|---|---:|---|\n"
    for one in firsts:
        rule, severity, number, _ = one.reason
        where = "" if one.finding is None else place_of(one.finding, letters=one.finding.source in sheets)
        name = f"{rule.code} {rule.slug}"
        yield f"| {_MARKS[severity]} {said(severity.label)} | {plain(name)} | {number:,} | {code(where)} |\n"
    yield "\n"


def _findings(lists: Lists, look: Look) -> Iterator[str]:
    """Errors and warnings one by one; what lies behind a fold is one click away."""
    shown = [(one, finding) for one, finding in lists.found() if finding.severity > Severity.INFO]
    if not shown:
        return
    all_of_them = lists.count(Severity.ERROR) + lists.count(Severity.WARNING)
    more = said(" of {all_of_them:,}", all_of_them=all_of_them) if all_of_them > len(shown) else ""
    yield f"<details><summary>{plural(len(shown), 'finding')}{more}</summary>\n\n"
    sheets = sheets_of(*lists.reports)
    for listing, finding in shown:
        yield _finding(listing, finding, look, letters=finding.source in sheets)
    yield "</details>\n"


def _finding(listing: Listing, finding: Finding, look: Look, *, letters: bool) -> str:
    of = f" ({plain(listing.name)})" if listing.name and listing.name != finding.source else ""
    place = code(place_of(finding, letters=letters))
    head = f"{_MARKS[finding.severity]} **{finding.code}** {place}{of}: "
    text = f"- {head}{plain(finding.message_in(look.language))}"
    if finding.excerpt is not None:
        before, marked, after = map(_entities, excerpt_parts(finding))
        text += f"<br><code>{before}<b>{marked}</b>{after}</code>"
    return f"{text}<br>{plain(finding.help_in(look.language))}\n"


def plain(text: str) -> str:
    """Text in which nothing is markup, neither of Markdown nor of HTML."""
    return _entities(visible(text))


def code(text: str) -> str:
    """Text in the type of code, and nothing in it is markup."""
    return f"<code>{plain(text)}</code>" if text else ""


def _entities(text: str) -> str:
    """Each character that means something to Markdown as an entity, which is shown and means nothing."""
    return text.translate(_SPECIAL).replace("www.", "www&#46;")
