"""The report for people: findings as a compiler shows them, a line for each reason, the verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from importer.checking.findings import Finding, Severity
from importer.checking.report import Reason, Report
from importer.language import plural, said
from importer.rendering.lists import Listing, Lists, by_reason, one_list
from importer.rendering.reports import PLAIN, Look
from importer.rendering.terminal import fitted, paint, width_of, without_commands
from importer.rendering.understood import understood_lines
from importer.rendering.verdict import verdict
from importer.shown import visible

COLOURS = {Severity.ERROR: "31", Severity.WARNING: "33", Severity.INFO: "36"}


def written(lists: Lists, look: Look) -> Iterator[str]:
    """The report, each line with its end."""
    return with_verdict(lists, look, _lines_of_many if lists.noun else _lines_of_one)


def with_verdict(lists: Lists, look: Look, findings: Callable[[Lists, Look], Iterator[str]]) -> Iterator[str]:
    """The findings in a form of their own, as far as the options want them, and the verdict.

    Each line has its end, and for a CI runner nothing in it that it takes for a command.
    """
    lines = _lines(lists, look, findings)
    return (f"{without_commands(line) if look.ci else line}\n" for line in lines)


def _lines(lists: Lists, look: Look, findings: Callable[[Lists, Look], Iterator[str]]) -> Iterator[str]:
    if look.statistics and not look.quiet:
        yield from reason_lines(lists, colour=look.colour)
    elif not look.quiet:
        yield from findings(lists, look)
        if lists.noun:
            yield from _failed_lines(lists, look)
    yield verdict(lists, look)


def _lines_of_one(lists: Lists, look: Look) -> Iterator[str]:
    for report in lists.reports:
        yield from report_lines(report, look)


def _lines_of_many(lists: Lists, look: Look) -> Iterator[str]:
    """Lists without a fault first, a line each; then the others, so that they are seen last."""
    good = [one for one in lists.listings if one.ok]
    for listing in good:
        if listing.report is not None and look.verbose:
            yield from whole_lines(listing, look)
        else:
            yield brief(listing, look)
    if good and len(good) < len(lists.listings):
        yield ""
    for listing in lists.listings:
        if not listing.ok and listing.report is not None:
            yield from whole_lines(listing, look)


def _failed_lines(lists: Lists, look: Look) -> Iterator[str]:
    """A line for each list that may not be sent, and for each fault of the jobs file."""
    for fault in lists.faults:
        yield f"{paint('fault', COLOURS[Severity.ERROR], colour=look.colour)} {visible(fault)}"
    for listing in lists.listings:
        if not listing.ok:
            yield brief(listing, look)


def whole_lines(listing: Listing, look: Look) -> Iterator[str]:
    """The report on one list of many, under its name."""
    assert listing.report is not None
    yield paint(f"== {visible(listing.name)} ==", "1", colour=look.colour)
    yield from report_lines(listing.report, look)
    yield ""


def brief(listing: Listing, look: Look) -> str:
    """What one list of many came to, in one line."""
    name = paint(visible(listing.name), "1", colour=look.colour)
    if listing.error:
        return f"{name}: {paint('cannot be read', '31', colour=look.colour)}: {visible(listing.error)}"
    if listing.report is None:
        return said("{name}: names no hosts", name=name)
    text = balance(listing.report)
    told = [one for one in listing.report.reasons if one.severity > Severity.INFO]
    for severity in (Severity.ERROR, Severity.WARNING):
        if codes := [f"{one.rule.code} {one.number:,}" for one in told if one.severity == severity]:
            number = plural(listing.count(severity), severity.label)
            text += f"; {paint(number, COLOURS[severity], colour=look.colour)} ({', '.join(codes)})"
    return f"{name}: {text}"


def report_lines(report: Report, look: Look = PLAIN) -> Iterator[str]:
    """The lines of the report on one list, without the verdict."""
    yield from understood_lines(report)
    sheets = sheets_of(report)
    shown = [f for f in report.findings if f.severity > Severity.INFO or look.verbose]
    for finding in shown:
        yield from finding_lines(finding, look, letters=finding.source in sheets)
        yield ""
    for line in hidden_lines(report.reasons, len(shown), look):
        yield line
        yield ""
    yield from summary_lines(report, colour=look.colour)


def hidden_lines(reasons: Iterable[Reason], shown: int, look: Look) -> Iterator[str]:
    """A line that says how many findings were counted and not shown, if there are any."""
    told = [one for one in reasons if one.severity > Severity.INFO or look.verbose]
    hidden = sum(one.number for one in told) - shown
    if hidden > 0:
        yield said(
            "{more_findings} not shown, --max-findings 0 shows all",
            more_findings=plural(hidden, "more finding"),
        )


def sheets_of(*reports: Report) -> frozenset[str]:
    """The sources whose columns have letters."""
    return frozenset(one.name for report in reports for one in report.sources if one.format == "xlsx")


def finding_lines(finding: Finding, look: Look = PLAIN, *, letters: bool = False) -> Iterator[str]:
    """Code and place, the physical line with the place marked, and what to do."""
    colour, message = look.colour, finding.message_in(look.language)
    code = paint(finding.code, f"1;{COLOURS[finding.severity]}", colour=colour)
    yield f"{code} {place_of(finding, letters=letters)} {said(finding.severity.label)}: {message}"
    gutter = ""
    if finding.excerpt is not None and finding.line is not None:
        number = visible(str(finding.line))
        gutter = " " * width_of(number)
        before, marked, after = fitted(*excerpt_parts(finding), look.width - len(gutter) - len(" | "))
        bar = paint("|", "34", colour=colour)
        yield f"{gutter} {bar}"
        yield f"{number} {bar} {before}{marked}{after}"
        caret = paint("^" * max(width_of(marked), 1), COLOURS[finding.severity], colour=colour)
        yield f"{gutter} {bar} {' ' * width_of(before)}{caret}"
    yield said("{gutter} = help: {language}", gutter=gutter or " ", language=finding.help_in(look.language))


def excerpt_parts(finding: Finding) -> tuple[str, str, str]:
    """The line of a finding, made visible: before the fault, the fault, and after it."""
    assert finding.excerpt is not None
    text, caret, width = finding.excerpt
    before, marked, after = text[:caret], text[caret : caret + width], text[caret + width :]
    return visible(before.replace("\t", " ")), visible(marked), visible(after.replace("\t", " "))


def place_of(finding: Finding, *, letters: bool = False) -> str:
    """`file:line:column`, as far as there is such a place; columns of a workbook have letters."""
    column = finding.column
    parts = [finding.source or "the list", finding.line, letters_of(column) if letters and column else column]
    return ":".join(visible(str(part)) for part in parts if part is not None)


def letters_of(column: int) -> str:
    """A workbook's name of a column: A for 1, Z for 26, AA for 27."""
    letters = ""
    while column:
        column, letter = divmod(column - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return letters


def balance(report: Report) -> str:
    """The totals, which add up."""
    totals = report.totals
    return said(
        "{records}: {ready:,} ready, {merged:,} merged, {skipped:,} skipped, {refused:,} refused",
        records=plural(totals.records, "record"),
        ready=totals.ready,
        merged=totals.merged,
        skipped=totals.skipped,
        refused=totals.refused,
    )


def summary_lines(report: Report, *, colour: bool = False) -> Iterator[str]:
    """The balance of each source and of all, and one line for each reason with its count and first place."""
    if len(report.sources) == 1:
        yield paint(f"{visible(report.sources[0].name)}: ", "1", colour=colour) + balance(report)
    else:
        for source in report.sources:
            yield f"{visible(source.name)}: {plural(source.records, 'record')}"
        yield paint(f"{plural(len(report.sources), 'source')}: ", "1", colour=colour) + balance(report)
    yield from reason_lines(one_list(report), colour=colour)


def reason_lines(lists: Lists, *, colour: bool = False) -> Iterator[str]:
    """One line for each reason: how many, what, how bad, what became of the records, the first place."""
    sheets = sheets_of(*lists.reports)
    several = len(lists.sources) > 1
    firsts = by_reason(lists)
    width = max((len(f"{one.reason.number:,}") for one in firsts), default=0)
    slugs = max((len(one.reason.rule.slug) for one in firsts), default=0)
    for one in firsts:
        reason, rule, severity = one.reason, one.reason.rule, one.reason.severity
        where = (
            "" if one.finding is None else _first_place(one.finding, several, one.finding.source in sheets)
        )
        name = paint(f"{rule.code} {rule.slug}", COLOURS[severity], colour=colour)
        pad = " " * (slugs - len(rule.slug))
        number = f"{plural(reason.records, 'record')} " if reason.records > reason.number else ""
        many_fixed = sum(report.repairable.get(rule.code, 0) for report in lists.reports)
        fixed = (
            said(", {many_fixed:,} repairable", many_fixed=many_fixed)
            if many_fixed and severity > Severity.INFO
            else ""
        )
        fate = f", {number}{said(rule.fate)}" if rule.fate and severity < Severity.ERROR else ""
        many = said(", in {number}", number=plural(one.lists, lists.noun)) if lists.noun else ""
        yield f"  {reason.number:>{width},} {name}{pad}  {said(severity.label)}{fate}{fixed}{many}{where}"


def _first_place(first: Finding, several: bool, letters: bool) -> str:
    if first.line is None:
        return ""
    at = visible(str(first.line))
    if several:
        place = place_of(first, letters=letters)
    elif isinstance(first.line, int) and not letters:
        place = said("line {number}", number=at)
    else:
        place = said("row {label}", label=at)
    return said(", first at {place}", place=place)
