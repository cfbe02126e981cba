"""The library's front: a list checked, with its hosts and findings as DataFrames."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from importer.checking.hosts import Hosts
from importer.checking.options import CheckOptions
from importer.checking.pipeline import collect
from importer.checking.policy import Policy
from importer.checking.report import Report
from importer.columns.batch import RecordBatch
from importer.errors import UsageError

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

    @cached_property
    def hosts(self) -> pd.DataFrame:
        """The ready records in input order: `ip` and `name` as they are sent, `source`, `line`."""
        import pandas as pd

        rows = list(self.records.rows())
        return pd.DataFrame(
            {
                "ip": pd.Series([ip for ip, _, _, _ in rows], dtype="str"),
                "name": pd.Series([name for _, name, _, _ in rows], dtype="str"),
                "source": pd.Series([source.name for _, _, source, _ in rows], dtype="str"),
                "line": [
                    line if source.labels is None else source.labels(line) for _, _, source, line in rows
                ],
            }
        )

    @cached_property
    def findings(self) -> pd.DataFrame:
        """The kept findings, a row each, in the columns `FINDING_COLUMNS`."""
        import pandas as pd

        table: dict[str, list[Any]] = {name: [] for name in FINDING_COLUMNS}
        for finding in self.report.findings:
            place = finding.related
            extra = {
                "severity": finding.severity.label,
                "related_source": None if place is None else place.source,
                "related_line": None if place is None else place.line,
            }
            for name, column in table.items():
                column.append(extra[name] if name in extra else getattr(finding, name))
        return pd.DataFrame({name: _series(column) for name, column in table.items()})

    def pairs(self) -> Iterable[tuple[str, str]]:
        """Address and name of each ready record, for `build_request`."""
        return self.records.pairs()


def _series(values: list[Any]) -> pd.Series[Any]:
    """A column that keeps whole numbers whole beside missing ones."""
    import pandas as pd

    whole = any(isinstance(v, int) for v in values) and all(v is None or isinstance(v, int) for v in values)
    return pd.Series(values, dtype="Int64" if whole else "object")


def check(batches: Iterable[RecordBatch], **options: Any) -> Checked:
    """Judge all records; the keywords are the fields of `CheckOptions`.

    Raises InputError where the input cannot be read to its end, UsageError for options that mean
    nothing. Findings are in the report and never raise.
    """
    return Checked(*collect(batches, _policy(options)))


def check_frame(frame: pd.DataFrame, *, ip: str = "", name: str = "", **options: Any) -> Checked:
    """Judge the records of a DataFrame, one a row; positions are its index labels.

    `ip` and `name` name the two columns; without them known headings decide, as in a file. A missing
    value is an empty cell. Raises UsageError if the columns cannot be told.
    """
    from importer.reading.frame import frame_batches

    return Checked(*collect(frame_batches(frame, ip, name), _policy(options)))


def _several(option: str, value: Any) -> Any:
    """Lists are as good as tuples, and one pattern or code as a list of one."""
    if option in ("cidr", "only", "exclude", "ignore", "error", "warn"):
        return (value,) if isinstance(value, str) else tuple(value)
    return value


def _policy(options: dict[str, Any]) -> Policy:
    try:
        keywords: dict[str, Any] = {k: _several(k, v) for k, v in options.items()}
        return Policy.of(CheckOptions(**keywords))
    except TypeError as error:
        raise UsageError(str(error).replace("CheckOptions.__new__()", "check()")) from None
