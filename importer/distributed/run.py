"""The course of a distributed check, the same on every engine: three stages, two shuffles, one report.

What comes back to the driver are tallies, a few rows for each part of the list, and at most as many
findings of each rule as were asked for. The records stay where they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import numpy as np

from importer.checking.catalogue import INDEX
from importer.checking.checked import findings_of
from importer.checking.report import Report
from importer.columns.arrays import IntArray
from importer.distributed import rows as row
from importer.distributed.report import Columns, Numbering, report_of, totals_of
from importer.distributed.stages import Rules, examine_rows, judge_addresses, judge_names
from importer.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

GROUP = 1 << 17
"""Records that are compared in one task, about; never changes a result."""

Table = TypeVar("Table")


class Engine(Protocol[Table]):
    """What is asked of a system that holds a list in parts; a table is whatever it holds rows in."""

    def examine(self, stage: Callable[[Iterable[pd.DataFrame]], Iterator[pd.DataFrame]]) -> Table:
        """What a stage makes of each part of the list."""

    def judge(self, table: Table, stage: Callable[[pd.DataFrame], pd.DataFrame], groups: int) -> Table:
        """What a stage makes of the records that have a key, all records of one key together."""

    def tallies(self, table: Table) -> pd.DataFrame:
        """All tallies of a table: `seq`, `key`, `detail`."""

    def findings(self, table: Table, room: IntArray) -> pd.DataFrame:
        """The findings of a table, of each rule the first ones as far as there is room."""

    def nth_sent(self, table: Table, n: int) -> int:
        """`seq` of the n-th record that is sent, from 1."""

    def hosts(self, table: Table, numbering: Numbering) -> Any:
        """The records that are sent: `ip`, `name`, `line`; nothing is computed yet."""

    def forget(self, table: Table) -> None:
        """Free the memory that a table takes up."""


@dataclass(frozen=True)
class Distributed:
    """A checked list: the report, and the records that may be sent, where they are."""

    report: Report
    hosts: Any
    """A Dask or Spark DataFrame of `ip` and `name` as they are sent and `line`, in no order."""
    _release: Callable[[], None] = field(repr=False)

    @cached_property
    def findings(self) -> pd.DataFrame:
        """The kept findings, a row each, in the columns of `Checked.findings`."""
        return findings_of(self.report)

    def release(self) -> None:
        """Free the memory that the hosts take up in the cluster, once they are no longer needed."""
        self._release()


def run(engine: Engine[Table], columns: Columns, rules: Rules, group: int = GROUP) -> Distributed:
    """Check what an engine holds. Raises InputError for more records than the options allow."""
    options = rules.policy.options
    examined = engine.examine(partial(examine_rows, rules=rules))
    tallies = engine.tallies(examined)
    numbering, total = Numbering.of(tallies), totals_of(tallies)
    if total[row.RECORDS] > options.max_records:
        engine.forget(examined)
        raise InputError(
            f"has more than {options.max_records:,} records", source="the list", hint="raise max_records"
        )
    groups = 1 + int(total[row.RECORDS] - total[row.SKIPPED] - total[row.REFUSED]) // group
    judged = engine.judge(examined, partial(judge_names, rules=rules), groups)
    tables = [examined, judged]
    if rules.policy.severity[INDEX["D305"]]:
        tables.append(engine.judge(judged, partial(judge_addresses, rules=rules), groups))
    total = totals_of(_concat([tallies, *map(engine.tallies, tables[1:])]))
    findings = _concat([engine.findings(table, rules.rooms()) for table in tables])
    crossing = -1
    if total[row.READY] > options.max_hosts and not options.split:
        crossing = int(numbering.rows_of(np.array([engine.nth_sent(judged, options.max_hosts + 1)]))[0])
    for table in tables:
        if table is not judged:
            engine.forget(table)
    return Distributed(
        report_of(rules.policy, columns, total, findings, numbering, crossing),
        engine.hosts(judged, numbering),
        partial(engine.forget, judged),
    )


def _concat(frames: list[pd.DataFrame]) -> pd.DataFrame:
    import pandas as pd

    return pd.concat(frames, ignore_index=True)
