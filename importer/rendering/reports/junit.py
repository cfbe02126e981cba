"""JUnit XML: a suite for each list, a case for each rule and file. An error, or a warning that fails the run,
is a failure.

XML 1.0 has no place for most control characters, so texts are made visible first.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from importer.checking.findings import Finding, Severity
from importer.language import plural
from importer.rendering.lists import Listing, Lists
from importer.rendering.reports import Look
from importer.rendering.reports.text import balance, place_of, sheets_of
from importer.rendering.understood import understood_lines
from importer.shown import visible

_SHOWN = 20
_NO_TIME = 'time="0"'
_Case = tuple[str, str, Severity]
"""Source, code and severity."""


def written(lists: Lists, look: Look) -> Iterator[str]:
    """The suites."""
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n'
    for number, listing in enumerate(lists.listings):
        yield from _suite(number, listing, look)
    for number, fault in enumerate(lists.faults, len(lists.listings)):
        broken = Listing(None, ok=False, name="the jobs file", error=fault)
        yield from _suite(number, broken, look)
    yield "</testsuites>\n"


def _suite(number: int, listing: Listing, look: Look) -> Iterator[str]:
    cases = dict(_cases(listing))
    least = Severity.WARNING if listing.strict else Severity.ERROR
    failures = sum(severity >= least for _, _, severity in cases)
    errors = int(bool(listing.error))
    name = attribute(listing.name or "dli-hosts check")
    tests = len(cases) + (not cases)
    yield (
        f'<testsuite id="{number}" package="dli-hosts" name={name} timestamp="{look.moment}" '
        f'hostname="localhost" tests="{tests}" failures="{failures}" errors="{errors}" {_NO_TIME}>\n'
    )
    yield from _properties(listing)
    for (source, code, severity), findings in cases.items():
        yield from _case(listing, source, code, severity, findings, look, fails=severity >= least)
    if not cases:
        yield f'<testcase classname={name} name="the list" {_NO_TIME}>\n'
        if listing.error:
            yield f'<error type="unreadable" message={attribute(listing.error)}>{xml(listing.hint)}</error>\n'
        yield "</testcase>\n"
    lines = [] if listing.report is None else [*understood_lines(listing.report), balance(listing.report)]
    yield f"<system-out>{xml(chr(10).join(lines))}</system-out>\n<system-err></system-err>\n</testsuite>\n"


def _cases(listing: Listing) -> Iterator[tuple[_Case, list[Finding]]]:
    """The findings that were kept, by file and rule, the worst first."""
    found: dict[_Case, list[Finding]] = {}
    for one in () if listing.report is None else listing.report.findings:
        found.setdefault((one.source or "the list", one.code, one.severity), []).append(one)
    return iter(sorted(found.items(), key=lambda item: -item[0][2]))


def _properties(listing: Listing) -> Iterator[str]:
    """Totals and counts."""
    yield "<properties>\n"
    if listing.report is not None:
        values = {**vars(listing.report.totals), **listing.report.counts}
        for key, value in values.items():
            yield f'<property name="{key}" value="{value}"/>\n'
    yield "</properties>\n"


def _case(
    listing: Listing,
    source: str,
    code: str,
    severity: Severity,
    findings: list[Finding],
    look: Look,
    *,
    fails: bool,
) -> Iterator[str]:
    assert listing.report is not None
    first = findings[0]
    yield f"<testcase classname={attribute(source)} name={attribute(f'{code} {first.slug}')} {_NO_TIME}>\n"
    if fails:
        number = sum(
            one.number for one in listing.report.reasons if one.rule.code == code and one.severity == severity
        )
        of_all = "" if len(listing.report.sources) < 2 else " in all files of the list"
        told = f"{plural(number, severity.label)}{of_all}: {first.message_in(look.language)}"
        letters = source in sheets_of(listing.report)
        lines = [
            f"{place_of(one, letters=letters)}: {one.message_in(look.language)}" for one in findings[:_SHOWN]
        ]
        if number > len(lines):
            lines.append(f"... {number:,} in all")
        lines.append(f"help: {first.hint_in(look.language)}")
        body = xml("\n".join(lines))
        yield f"<failure type={attribute(first.slug)} message={attribute(told)}>{body}</failure>\n"
    yield "</testcase>\n"


def xml(text: str) -> str:
    """Text for XML 1.0, made visible line by line."""
    return escape("\n".join(map(_plain, text.split("\n"))), {"]]>": "]]&gt;"})


def attribute(text: str) -> str:
    """A quoted attribute for XML 1.0; it is never empty."""
    return quoteattr(_plain(text) or "-")


def _plain(text: str) -> str:
    return visible(text)
