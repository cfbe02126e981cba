"""The findings as a table for spreadsheets: no cell is a formula there, and the column `number` adds up.

A row is one finding. Where more were counted than kept, a last row of the rule has the rest as its number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from importer.rendering.lists import Lists
from importer.rendering.reports import Look
from importer.shown import visible

if TYPE_CHECKING:
    from importer.checking.report import Report

HEADER = (
    *("list", "code", "slug", "severity", "number", "source", "line", "column"),
    *("field", "value", "ip", "name", "message", "hint"),
)
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
"""What a cell begins with that a spreadsheet takes for a formula; the last four are of full width."""
_BEGINS = frozenset((*_FORMULA, " "))


def written(lists: Lists, look: Look) -> Iterator[str]:
    """The table; the byte order mark makes a spreadsheet read it as UTF-8."""
    yield "\ufeff"
    yield _row(HEADER)
    for listing in lists.listings:
        if listing.report is not None:
            yield from _rows(listing.name, listing.report, look.language)


def _rows(name: str, report: Report, language: str) -> Iterator[str]:
    """A row for each finding that was kept, and one for the rest of each rule."""
    kept: dict[tuple[str, int], int] = {}
    begun: dict[tuple[str, int], str] = {}
    for one in report.findings:
        rule, severity = one.rule, one.severity
        key = rule.code, int(severity)
        if key not in kept:
            kept[key] = 0
            begun[key] = _row((name, rule.code, rule.slug, severity.label, 1), end=",")
        kept[key] += 1
        cells = (
            *(one.source, one.line, one.column, rule.field, one.value, one.ip, one.name),
            *(one.message_in(language), one.hint_in(language)),
        )
        yield begun[key] + _row(cells)
    for rule, severity, number, _ in report.reasons:
        rest = number - kept.get((rule.code, int(severity)), 0)
        if rest > 0:
            told = "more findings of this rule; --max-findings 0 lists all"
            hint = rule.hint if "{" not in rule.hint else ""
            start = (name, rule.code, rule.slug, severity.label, rest, None, None, None)
            yield _row((*start, rule.field, None, None, None, told, hint))


def _row(cells: Iterable[object], end: str = "\n") -> str:
    """Texts are quoted, numbers are not."""
    return ",".join([str(cell) if type(cell) is int else _quoted(cell) for cell in cells]) + end


def _quoted(value: object) -> str:
    if value is None:
        return '""'
    text = str(value)
    if not text.isascii() or not text.isprintable() or text[:1] in _BEGINS:
        text = safe_cell(text)
    return f'"{text}"' if '"' not in text else '"' + text.replace('"', '""') + '"'


def safe_cell(text: str) -> str:
    """A cell that a spreadsheet shows as it is: made visible, and never the beginning of a formula."""
    text = visible(text)
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text
