"""The findings as a table for spreadsheets: no cell is a formula there, and the column `number` adds up.

A row is one finding. Where more were counted than kept, a last row of the rule has the rest as its number.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from importer.rendering.lists import Lists
from importer.rendering.reports import Look
from importer.shown import visible

HEADER = (
    *("list", "code", "slug", "severity", "number", "source", "line", "column"),
    *("field", "value", "ip", "name", "message", "hint"),
)
_PART = 1 << 16
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
"""What a cell begins with that a spreadsheet takes for a formula; the last four are of full width."""


def written(lists: Lists, look: Look) -> Iterator[str]:
    """The table; the byte order mark makes a spreadsheet read it as UTF-8."""
    yield "\ufeff"
    table = io.StringIO()
    write = csv.writer(table, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n").writerow
    for row in _rows(lists, look):
        write(map(safe_cell, row))
        if table.tell() > _PART:
            yield table.getvalue()
            table.seek(0)
            table.truncate()
    yield table.getvalue()


def _rows(lists: Lists, look: Look) -> Iterator[tuple[object, ...]]:
    yield HEADER
    for listing in lists.listings:
        if listing.report is None:
            continue
        kept: dict[tuple[str, int], int] = {}
        for one in listing.report.findings:
            key = one.code, int(one.severity)
            kept[key] = kept.get(key, 0) + 1
            yield (
                *(listing.name, one.code, one.slug, one.severity.label, 1, one.source, one.line, one.column),
                *(one.field, one.value, one.ip, one.name),
                *(one.message_in(look.language), one.hint_in(look.language)),
            )
        for rule, severity, number, _ in listing.report.reasons:
            rest = number - kept.get((rule.code, int(severity)), 0)
            if rest > 0:
                told = "more findings of this rule; --max-findings 0 lists all"
                nowhere = (None,) * 3
                yield (
                    *(listing.name, rule.code, rule.slug, severity.label, rest, *nowhere),
                    *(rule.field, *nowhere, told, rule.hint if "{" not in rule.hint else ""),
                )


def safe_cell(value: object) -> object:
    """A cell that a spreadsheet shows as it is; texts are made visible, and never begin a formula."""
    if not isinstance(value, str):
        return "" if value is None else value
    text = visible(value)
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text
