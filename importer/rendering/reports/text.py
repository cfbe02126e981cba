"""The report for people: findings as a compiler shows them, a line for each reason, the balance."""

from __future__ import annotations

from collections.abc import Iterator

from importer import limits
from importer.checking.findings import Finding, Severity
from importer.checking.report import Report
from importer.language import plural
from importer.rendering.reports import PLAIN, Look
from importer.rendering.understood import understood_lines
from importer.shown import visible

_COLOURS = {Severity.ERROR: "31", Severity.WARNING: "33", Severity.INFO: "36"}


def paint(text: str, codes: str, *, colour: bool) -> str:
    """The text in ANSI colours, or as it is."""
    return f"\x1b[{codes}m{text}\x1b[0m" if colour else text


def written(report: Report, look: Look) -> Iterator[str]:
    """The report, each line with its end."""
    return (f"{line}\n" for line in report_lines(report, look))


def report_lines(report: Report, look: Look = PLAIN) -> Iterator[str]:
    """The lines of the whole report."""
    yield from understood_lines(report)
    sheets = _sheets(report)
    shown = [f for f in report.findings if f.severity > Severity.INFO or look.verbose]
    for finding in shown:
        yield from finding_lines(finding, look, letters=finding.source in sheets)
        yield ""
    told = [one for one in report.reasons if one.severity > Severity.INFO or look.verbose]
    hidden = sum(one.number for one in told) - len(shown)
    if hidden > 0:
        yield f"{plural(hidden, 'more finding')} not shown, --max-findings 0 shows all"
        yield ""
    yield from summary_lines(report, colour=look.colour)
    yield ready_line(report, split=look.split)


def _sheets(report: Report) -> frozenset[str]:
    """The sources whose columns have letters."""
    return frozenset(source.name for source in report.sources if source.format == "xlsx")


def finding_lines(finding: Finding, look: Look = PLAIN, *, letters: bool = False) -> Iterator[str]:
    """Code and place, the physical line with the place marked, and what to do."""
    colour, message = look.colour, finding.message_in(look.language)
    code = paint(finding.code, f"1;{_COLOURS[finding.severity]}", colour=colour)
    yield f"{code} {place_of(finding, letters=letters)} {finding.severity.label}: {message}"
    gutter = ""
    if finding.excerpt is not None and finding.line is not None:
        gutter = " " * len(str(finding.line))
        before = visible(finding.excerpt.text[: finding.excerpt.caret].replace("\t", " "))
        marked = visible(finding.excerpt.text[finding.excerpt.caret :][: finding.excerpt.width])
        after = visible(
            finding.excerpt.text[finding.excerpt.caret + finding.excerpt.width :].replace("\t", " ")
        )
        bar = paint("|", "34", colour=colour)
        yield f"{gutter} {bar}"
        yield f"{finding.line} {bar} {before}{marked}{after}"
        caret = paint("^" * max(_width(marked), 1), _COLOURS[finding.severity], colour=colour)
        yield f"{gutter} {bar} {' ' * _width(before)}{caret}"
    yield f"{gutter or ' '} = help: {finding.hint_in(look.language)}"


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
    return (
        f"{plural(totals.records, 'record')}: {totals.ready:,} ready, {totals.merged:,} merged, "
        f"{totals.skipped:,} skipped, {totals.refused:,} refused"
    )


def summary_lines(report: Report, *, colour: bool = False) -> Iterator[str]:
    """The balance of each source and of all, and one line for each reason with its count and first place."""
    if len(report.sources) == 1:
        yield paint(f"{visible(report.sources[0].name)}: ", "1", colour=colour) + balance(report)
    else:
        for source in report.sources:
            yield f"{visible(source.name)}: {plural(source.records, 'record')}"
        yield paint(f"{plural(len(report.sources), 'source')}: ", "1", colour=colour) + balance(report)
    firsts: dict[tuple[str, int], Finding] = {}
    sheets = _sheets(report)
    for finding in report.findings:
        firsts.setdefault((finding.code, finding.severity), finding)
    width = max((len(f"{reason.number:,}") for reason in report.reasons), default=0)
    for reason in sorted(report.reasons, key=lambda reason: -reason.severity):
        rule, severity = reason.rule, reason.severity
        first = firsts.get((rule.code, severity))
        where = "" if first is None else _first_place(first, len(report.sources) > 1, first.source in sheets)
        name = paint(f"{rule.code} {rule.slug}", _COLOURS[severity], colour=colour)
        pad = " " * (22 - len(rule.slug))
        number = f"{plural(reason.records, 'record')} " if reason.records > reason.number else ""
        fate = f", {number}{rule.fate}" if rule.fate and severity < Severity.ERROR else ""
        yield f"  {reason.number:>{width},} {name}{pad} {severity.label}{fate}{where}"


def ready_line(report: Report, *, split: bool = False) -> str:
    """How many hosts can be sent, against the limit."""
    ready = report.totals.ready
    if split and ready > limits.MAX_HOSTS:
        connections = -(-ready // limits.MAX_HOSTS)
        return f"ready: {ready:,} hosts for {connections} connections of at most {limits.MAX_HOSTS:,}"
    return f"ready: {ready:,} of at most {limits.MAX_HOSTS:,} hosts"


def _first_place(first: Finding, several: bool, letters: bool) -> str:
    if first.line is None:
        return ""
    line = "line" if isinstance(first.line, int) and not letters else "row"
    place = place_of(first, letters=letters) if several else f"{line} {visible(str(first.line))}"
    return f", first at {place}"


def _width(text: str) -> int:
    """Columns of a terminal that a text fills: East Asian wide characters fill two."""
    if text.isascii():
        return len(text)
    import unicodedata

    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text
    )
