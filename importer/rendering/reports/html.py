"""One page that a person attaches to a ticket: it needs no other file, no network, and no script to be read.

Nothing of the input can act in it: texts are made visible, the template escapes them, and the policy of the
page allows the one style and the one script that stand in it, by their hashes.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence
from importlib.resources import files
from typing import NamedTuple

from importer.checking.findings import Finding, Severity
from importer.checking.report import Report, SourceCount, Totals
from importer.checking.stretches import Stretches
from importer.language import plural, said
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
_HEIGHT = 40
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
    """Errors, or warnings, in one stretch of a file."""

    x: int
    y: float
    height: float
    severity: str


class Strip(NamedTuple):
    """Where the findings of a file lie."""

    name: str
    lines: int
    label: str
    bins: int
    """How many stretches it has."""
    bars: tuple[Bin, ...]


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
        if finding.severity > Severity.INFO or look.verbose:
            chosen.setdefault(numbers[id(listing)], []).append(finding)
    names = [source.name for source in lists.sources]
    title = visible(names[0]) if len(names) == 1 else plural(len(lists.listings), lists.noun)
    if not lists.noun and len(names) != 1:
        title = plural(len(names), "file")
    return Page(
        title=said("Host list check: {title}", title=title),
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
    told = [one for one in report.reasons if one.severity > Severity.INFO or look.verbose]
    all_of_them = sum(reason.number for reason in told)
    shown = plural(len(chosen), "finding")
    if all_of_them > len(chosen):
        all_told = plural(all_of_them, "finding")
        shown = said(
            "{number:,} of {all_told}, the first ones of each rule; the numbers above count all",
            number=len(chosen),
            all_told=all_told,
        )
    if len(told) < len(report.reasons):
        shown += "; infos are only counted, -v lists them too"
    order = {id(finding): place for place, finding in enumerate(report.findings)}
    chosen.sort(key=lambda one: order[id(one)])
    spread, sheets = listing.spread, sheets_of(report)
    return part._replace(
        totals=report.totals,
        understood=tuple(understood_lines(report)),
        balance=balance(report),
        slices=_slices(report.totals),
        reasons=_reasons(listing),
        strips=tuple(_strips(listing)),
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


def _share(number: int, whole: int, full: int = _WHOLE) -> float:
    """A part of the full width or height; what is there at all is seen."""
    return round(max(full * number / whole, 2.0), 2) if number and whole else 0.0


def _reasons(listing: Listing) -> tuple[Row, ...]:
    lists = Lists((listing,))
    firsts = by_reason(lists)
    most = max((one.reason.number for one in firsts), default=0)
    sheets = sheets_of(*lists.reports)
    rows = []
    for one in firsts:
        rule, severity, number, records = one.reason
        fate = rule.fate_at(severity) if rule.per not in ("source", "list") else ""
        where = "" if one.finding is None else _place(one.finding, lists.sources, sheets)
        behind = f"{plural(records, 'record')} " if records > number else ""
        rows.append(
            Row(rule.code, rule.slug, severity.label, number, _share(number, most), behind + fate, where)
        )
    return tuple(rows)


def _strips(listing: Listing) -> Iterator[Strip]:
    """For each file that has errors or warnings: how many there are in each of its stretches."""
    if listing.report is None or listing.spread is None:
        return
    for source, lie in zip(listing.report.sources, listing.spread.stretches, strict=True):
        if source.lines > 1 and (any(lie.errors) or any(lie.warnings)):
            yield _strip(source, lie)


def _strip(source: SourceCount, lie: Stretches) -> Strip:
    both = [errors + warnings for errors, warnings in zip(lie.errors, lie.warnings, strict=True)]
    most = max(both)
    bars = []
    for at, number in enumerate(both):
        height = _share(number, most, _HEIGHT)
        part = height * lie.errors[at] / number if number else 0.0
        for severity, low, high in ((Severity.ERROR, 0.0, part), (Severity.WARNING, part, height)):
            if high > low:
                bars.append(Bin(at, round(_HEIGHT - high, 1), round(high - low, 1), severity.label))
    first = both.index(most) * lie.width
    numbers = (plural(sum(lie.errors), "error"), plural(sum(lie.warnings), "warning"))
    where = said(
        "the most, {most:,}, from line {first:,} to line {first_2:,}",
        most=most,
        first=first + 1,
        first_2=min(first + lie.width, source.lines),
    )
    return Strip(
        name=visible(source.name),
        lines=source.lines,
        label=f"{' and '.join(numbers)}; {where}",
        bins=-(-source.lines // lie.width),
        bars=tuple(bars),
    )


def _place(finding: Finding, sources: Sequence[SourceCount], sheets: frozenset[str]) -> str:
    """Where a finding stands; without the file where there is one only, which is named above."""
    place = place_of(finding, letters=finding.source in sheets)
    if len(sources) == 1 and finding.source and finding.line is not None:
        place = place.removeprefix(f"{visible(finding.source)}:")
    return place


def _fault(finding: Finding, look: Look, report: Report, sheets: frozenset[str]) -> Fault:
    before, marked, after = ("", "", "") if finding.excerpt is None else excerpt_parts(finding)
    return Fault(
        code=finding.code,
        severity=finding.severity.label,
        place=_place(finding, report.sources, sheets),
        message=finding.message_in(look.language),
        hint=finding.help_in(look.language),
        before=before,
        marked=marked,
        after=after,
    )
