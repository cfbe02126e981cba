"""A list that was checked, with its hosts and findings as DataFrames."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from importer.checking.hosts import Hosts
from importer.checking.report import Report
from importer.columns.joining import joined

if TYPE_CHECKING:
    import pandas as pd

FINDING_COLUMNS = (
    "code", "slug", "severity", "source", "line", "column", "field", "value", "message", "hint",
    "related_source", "related_line",
)  # fmt: skip


@dataclass(frozen=True)
class Checked:
    """A checked list: the report, and the records that may be sent."""

    report: Report
    records: Hosts = field(repr=False)
    index: pd.Index[Any] | None = field(default=None, repr=False)
    """The labels of the rows, where a DataFrame was checked."""

    @cached_property
    def hosts(self) -> pd.DataFrame:
        """The ready records in input order: `ip` and `name` as they are sent, `source`, `line`.

        `line` is the label of the row where a DataFrame was checked.
        """
        import pandas as pd

        ips, names, sources, sizes = list[str](), list[str](), list[str](), list[int]()
        lines = [np.empty(0, np.int64)]
        for part in self.records.parts():
            # Addresses and names are ASCII without line ends, so all of them are one text at first.
            texts = joined(part.ip, part.name, ord("\n")).tobytes().decode("ascii").split("\n")
            ips += texts[:-1:2]
            names += texts[1::2]
            sources.append(part.source.name)
            sizes.append(len(part.name))
            lines.append(part.line)
        line: Any = np.concatenate(lines)
        if self.index is not None:
            line = self.index.take(line).to_series(pd.RangeIndex(len(line)))
        columns = {"ip": ips, "name": names, "source": sources}
        table = {name: pd.Series(texts, dtype="str") for name, texts in columns.items()}
        table["source"] = table["source"].repeat(sizes).reset_index(drop=True)
        return pd.DataFrame({**table, "line": line})

    @cached_property
    def findings(self) -> pd.DataFrame:
        """The kept findings, a row each, in the columns `FINDING_COLUMNS`."""
        return findings_of(self.report)

    def pairs(self) -> Iterable[tuple[str, str]]:
        """Address and name of each ready record, for `build_request`."""
        return self.records.pairs()


def findings_of(report: Report) -> pd.DataFrame:
    """The findings of a report, a row each, in the columns `FINDING_COLUMNS`."""
    import pandas as pd

    found = report.findings
    columns: dict[str, list[Any]] = {
        "severity": [finding.severity.label for finding in found],
        "related_source": [finding.related and finding.related.source for finding in found],
        "related_line": [finding.related and finding.related.line for finding in found],
    }
    for name in FINDING_COLUMNS:
        if name not in columns:
            columns[name] = list(map(attrgetter(name), found))
    return pd.DataFrame({name: _series(columns[name]) for name in FINDING_COLUMNS})


def _series(values: list[Any]) -> pd.Series[Any]:
    """A column that keeps whole numbers whole beside missing ones, as far as 64 bits hold them."""
    import pandas as pd

    there = [value for value in values if value is not None]
    whole = bool(there) and all(isinstance(v, int) and -(2**63) <= v < 2**63 for v in there)
    return pd.Series(values, dtype="Int64" if whole else "object")
