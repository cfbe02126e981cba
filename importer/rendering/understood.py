"""How each source was understood, in one line for a person."""

from __future__ import annotations

from collections.abc import Iterator

from importer.checking.report import Report, SourceCount
from importer.columns.understood import Column
from importer.language import plural, said
from importer.shown import shown, visible

_FORMATS = {
    "xlsx": "a workbook",
    "parquet": "a Parquet file",
    "feather": "a Feather file",
    "frame": "a DataFrame",
    "mrs-json": "hosts of MRS in JSON",
    "ecs-json": "servers of ECS in JSON, at their private addresses",
}
_PASSED_OVER = {
    "R104": "banner line",
    "R114": "footer row",
    "R116": "repeated header",
    "R117": "commented host",
}
"""By code: what was passed over."""


def understood_lines(report: Report) -> Iterator[str]:
    """A line for each source; with one source, what was passed over in it too."""
    for source in report.sources:
        passed = _passed_over(report) if len(report.sources) == 1 else ""
        yield f"{visible(source.name)}: {understood(source)}{passed}"


def understood(source: SourceCount) -> str:
    """Syntax, encoding, header, and the columns that were taken and those that were not."""
    facts = source.understood
    if source.format == "hosts":
        parts = [said("hosts syntax")]
    elif source.format == "csv":
        parts = [
            said(
                "delimited by {delimiter}",
                delimiter=facts.delimiter if facts.delimiter == "tab" else repr(facts.delimiter),
            )
        ]
    else:
        parts = [said(_FORMATS.get(source.format, source.format))]
    if facts.sheet is not None:
        parts.append(said("sheet {sheet}", sheet=shown(facts.sheet, 60)))
    if source.format in ("hosts", "csv"):
        parts.append(source.encoding.upper() if source.encoding != "utf-8" else "UTF-8")
    if source.format not in ("hosts", "mrs-json", "ecs-json") and facts.name_column is not None:
        parts.append(
            said("header in line {header}", header=facts.header) if facts.header else said("no header")
        )
    text = said(", ").join(parts)
    if facts.name_column is not None and facts.ip_column is not None:
        others = "".join(said(", not {column}", column=_named(column)) for column in facts.passed_over)
        text += said(
            "; names: {name_column}; addresses: {ip_column}{others}",
            name_column=_named(facts.name_column),
            ip_column=_named(facts.ip_column),
            others=others,
        )
    return text


def _named(column: Column) -> str:
    if column.heading is None:
        return said("column {number}", number=column.number)
    return said("{heading} (column {number})", heading=shown(column.heading, 60), number=column.number)


def _passed_over(report: Report) -> str:
    told = [
        plural(report.counts[code], words) for code, words in _PASSED_OVER.items() if code in report.counts
    ]
    return said("; passed over: {told}", told=", ".join(told)) if told else ""
