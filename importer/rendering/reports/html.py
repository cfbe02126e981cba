"""One page that a person attaches to a ticket: it needs no other file, no network, and no script to be read.

Nothing of the input can act in it: texts are made visible, the template escapes them, and the policy of the
page allows the one style and the one script that stand in it, by their hashes.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from importlib.resources import files
from typing import NamedTuple

from importer.checking.findings import Finding, Severity
from importer.checking.report import Report, SourceCount, Totals
from importer.language import plural
from importer.rendering.lists import Listing, Lists, by_reason, worst_first
from importer.rendering.reports import Look
from importer.rendering.reports.text import balance, excerpt_parts, place_of, sheets_of
from importer.rendering.understood import understood_lines
from importer.rendering.verdict import verdict
from importer.shown import visible
from importer.version import __version__

MOST = 2_000
"""Findings on a page, the worst first: their number keeps it below 2 MB."""
_WHOLE = 1000
"""Width of a full bar."""
_BINS = 120
_OTHERS = "all others"


class Bar(NamedTuple):
    """A part of a bar, or a bar of a chart."""

    label: str
    number: int
    width: float
    x: float = 0.0
    addresses: int = 0

    @property
    def kind(self) -> str:
        """The class of its colour."""
        return self.label


class Row(NamedTuple):
    """A reason, as the page shows it."""

    code: str
    slug: str
    severity: str
    number: int
    width: float
    fate: str
    first: str


class Fault(NamedTuple):
    """A finding, as the page shows it."""

    code: str
    severity: str
    place: str
    message: str
    hint: str
    before: str
    marked: str
    after: str


class Bin(NamedTuple):
    """Findings in one stretch of a file."""

    x: int
    height: float
    severity: str


class Strip(NamedTuple):
    """Where the findings of a file lie."""

    name: str
    lines: int
    remark: str
    label: str
    bins: int
    bars: tuple[Bin, ...]
    drawn: int
    """How many stretches are drawn; of those behind them not every finding was kept."""


class Part(NamedTuple):
    """One list, as the page shows it; the last fields are empty where it could not be read."""

    anchor: str
    name: str
    ok: bool
    state: str
    error: str
    hint: str
    errors: int
    warnings: int
    totals: Totals | None = None
    understood: tuple[str, ...] = ()
    balance: str = ""
    slices: tuple[Bar, ...] = ()
    reasons: tuple[Row, ...] = ()
    strips: tuple[Strip, ...] = ()
    networks: tuple[Bar, ...] = ()
    names: tuple[Bar, ...] = ()
    faults: tuple[Fault, ...] = ()
    codes: tuple[str, ...] = ()
    shown: str = ""


class Page(NamedTuple):
    """All that the page shows."""

    title: str
    ok: bool
    verdict: str
    next: str
    faults: tuple[str, ...]
    noun: str
    parts: tuple[Part, ...]
    moment: str


def written(lists: Lists, look: Look) -> Iterator[str]:
    """The page."""
    from jinja2 import Environment
    from markupsafe import Markup

    folder = files("importer.rendering").joinpath("page")
    style, script, template = (
        folder.joinpath(name).read_text(encoding="utf-8")
        for name in ("page.css", "page.js", "page.html.jinja")
    )
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    stream = environment.from_string(template).stream(
        page=page_of(lists, look),
        style=Markup(style),
        script=Markup(script),
        style_hash=_hash(style),
        script_hash=_hash(script),
        version=__version__,
    )
    stream.enable_buffering(64)
    yield from stream
    yield "\n"


def _hash(text: str) -> str:
    """What a content security policy calls an allowed style or script."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def page_of(lists: Lists, look: Look) -> Page:
    """What the page shows of these lists."""
    text, _, command = verdict(lists, look._replace(colour=False)).partition("; next: ")
    chosen: dict[int, list[Finding]] = {}
    numbers = {id(listing): number for number, listing in enumerate(lists.listings)}
    for listing, finding in worst_first(lists, MOST):
        chosen.setdefault(numbers[id(listing)], []).append(finding)
    names = [source.name for source in lists.sources]
    title = visible(names[0]) if len(names) == 1 else plural(len(lists.listings), lists.noun)
    if not lists.noun and len(names) != 1:
        title = plural(len(names), "file")
    return Page(
        title=f"Host list check: {title}",
        ok=lists.ok,
        verdict=text,
        next=command,
        faults=tuple(map(visible, lists.faults)),
        noun=lists.noun,
        parts=tuple(
            _part(number, listing, chosen.get(number, []), look)
            for number, listing in enumerate(lists.listings)
        ),
        moment=look.moment.replace("T", " "),
    )


def _part(number: int, listing: Listing, chosen: list[Finding], look: Look) -> Part:
    state = "ready" if listing.ok else "cannot be read" if listing.error else "not ready"
    report = listing.report
    part = Part(
        anchor=f"list-{number + 1}",
        name=visible(listing.name),
        ok=listing.ok,
        state=state,
        error=visible(listing.error) if listing.error else "" if report else "names no hosts",
        hint=visible(listing.hint),
        errors=listing.count(Severity.ERROR),
        warnings=listing.count(Severity.WARNING),
    )
    if report is None:
        return part
    all_of_them = sum(reason.number for reason in report.reasons)
    shown = plural(len(chosen), "finding")
    if all_of_them > len(chosen):
        shown += f" of {all_of_them:,} shown, the worst first of each rule; the numbers above count all"
    order = {id(finding): place for place, finding in enumerate(report.findings)}
    chosen.sort(key=lambda one: order[id(one)])
    spread, sheets = listing.spread, sheets_of(report)
    return part._replace(
        totals=report.totals,
        understood=tuple(understood_lines(report)),
        balance=balance(report),
        slices=_slices(report.totals),
        reasons=_reasons(listing),
        strips=tuple(_strips(report)),
        networks=()
        if spread is None
        else _bars([(one.cidr or _OTHERS, one.records, one.addresses) for one in spread.networks]),
        names=() if spread is None else _bars([(label, count, 0) for label, count in spread.names]),
        faults=tuple(_fault(one, look, report, sheets) for one in chosen),
        codes=tuple(sorted({one.code for one in chosen})),
        shown=shown,
    )


def _slices(totals: Totals) -> tuple[Bar, ...]:
    made, x = [], 0.0
    for kind in ("ready", "merged", "skipped", "refused"):
        number = getattr(totals, kind)
        width = _share(number, totals.records)
        made.append(Bar(kind, number, width, round(x, 2)))
        x += width
    return tuple(made)


def _bars(values: list[tuple[str, int, int]]) -> tuple[Bar, ...]:
    most = max((number for label, number, _ in values if label != _OTHERS), default=0)
    return tuple(
        Bar(label, number, _share(number, most) if label != _OTHERS else 0, addresses=addresses)
        for label, number, addresses in values
    )


def _share(number: int, whole: int) -> float:
    """A part of the full width; what is there at all is seen."""
    return round(max(_WHOLE * number / whole, 2.0), 2) if number and whole else 0.0


def _reasons(listing: Listing) -> tuple[Row, ...]:
    lists = Lists((listing,))
    firsts = by_reason(lists)
    most = max((one.reason.number for one in firsts), default=0)
    sheets = sheets_of(*lists.reports)
    rows = []
    for one in firsts:
        rule, severity, number, records = one.reason
        fate = rule.fate_at(severity) if rule.per not in ("source", "list") else ""
        where = "" if one.finding is None else place_of(one.finding, letters=one.finding.source in sheets)
        behind = f"{plural(records, 'record')} " if records > number else ""
        rows.append(
            Row(rule.code, rule.slug, severity.label, number, _share(number, most), behind + fate, where)
        )
    return tuple(rows)


def _strips(report: Report) -> Iterator[Strip]:
    """For each file that has findings: how many there are in each of its stretches, and how bad they are."""
    kept: dict[tuple[str, int], int] = {}
    for one in report.findings:
        kept[one.code, one.severity] = kept.get((one.code, one.severity), 0) + 1
    cut = {
        (one.rule.code, int(one.severity))
        for one in report.reasons
        if kept.get((one.rule.code, int(one.severity)), 0) < one.number and one.severity > Severity.INFO
    }
    for source in report.sources:
        found = [
            one
            for one in report.findings
            if one.source == source.name and isinstance(one.line, int) and one.severity > Severity.INFO
        ]
        if found and source.lines > 1:
            yield _strip(source, found, cut)


def _strip(source: SourceCount, found: list[Finding], cut: set[tuple[str, int]]) -> Strip:
    last: dict[tuple[str, int], int] = {}
    for one in found:
        last[one.code, int(one.severity)] = int(one.line or 0)
    known = min((last[key] for key in cut if key in last), default=source.lines)
    bins = min(_BINS, source.lines)
    drawn = bins if known == source.lines else max(known * bins // source.lines, 1)
    counts: dict[int, int] = {}
    worst: dict[int, Severity] = {}
    for one in found:
        at = min((int(one.line or 1) - 1) * bins // source.lines, bins - 1)
        if at < drawn:
            counts[at] = counts.get(at, 0) + 1
            worst[at] = max(worst.get(at, one.severity), one.severity)
    most = max(counts.values(), default=1)
    bars = tuple(Bin(at, round(6 + 34 * counts[at] / most, 1), worst[at].label) for at in sorted(counts))
    lines = [int(one.line or 0) for one in found]
    label = f"{plural(len(found), 'finding')} between line {min(lines):,} and line {max(lines):,}"
    remark = "" if drawn == bins else f"; drawn up to line {known:,}, --max-findings 0 draws all"
    return Strip(visible(source.name), source.lines, remark, label, bins, bars, drawn)


def _fault(finding: Finding, look: Look, report: Report, sheets: frozenset[str]) -> Fault:
    place = place_of(finding, letters=finding.source in sheets)
    if len(report.sources) == 1 and finding.source and finding.line is not None:
        place = place.removeprefix(f"{visible(finding.source)}:")  # the file is named above
    before, marked, after = ("", "", "") if finding.excerpt is None else excerpt_parts(finding)
    return Fault(
        code=finding.code,
        severity=finding.severity.label,
        place=place,
        message=finding.message_in(look.language),
        hint=finding.hint_in(look.language),
        before=before,
        marked=marked,
        after=after,
    )
