"""Dask: partitions are the parts of the list, in their order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from importer.columns.arrays import IntArray
from importer.distributed import rows as row
from importer.distributed.report import Columns, Numbering
from importer.distributed.run import GROUP, Distributed, run
from importer.distributed.stages import Rules
from importer.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd


def check_partitions(
    frame: Any, *, ip: str = "", name: str = "", group: int = GROUP, **options: Any
) -> Distributed:
    """Judge the records of a Dask DataFrame, one a row, in the order of its partitions and their rows.

        import dask.dataframe as dd
        from importer.distributed import check_partitions

        checked = check_partitions(dd.read_csv("fleet-*.csv", dtype=str))
        checked.report.raise_for_errors()
        checked.hosts.to_parquet("hosts")    # ip, name, line

    `ip` and `name` name the two columns; without them known headings decide, as in a file. The other
    keywords are the fields of `CheckOptions`. Positions are row numbers of the whole frame from 0.
    `group` is how many records are compared in one task, about, and changes no result. Raises UsageError
    if the columns cannot be told, or for options that mean nothing.
    """
    from importer.reading.cells.frame import column_of

    if not hasattr(frame, "map_partitions"):
        raise UsageError(f"this is no Dask DataFrame but a {type(frame).__name__}", hint="see check_frame")
    rules = Rules.of(**options)
    columns = Columns(len(frame.columns), column_of(frame, "ip", ip), column_of(frame, "name", name))
    pairs = frame[[frame.columns[columns.ip], frame.columns[columns.name]]]
    return run(_Partitions(pairs), columns, rules, group)


class _Partitions:
    """The engine; a table is a Dask DataFrame whose partitions are computed and kept by the workers."""

    def __init__(self, pairs: Any) -> None:
        self._pairs = pairs

    def examine(self, stage: Callable[[Iterable[pd.DataFrame]], Iterator[pd.DataFrame]]) -> Any:
        return self._pairs.map_partitions(
            _examine_partition, stage=stage, meta=row.no_rows(), enforce_metadata=False
        ).persist()

    def judge(self, table: Any, stage: Callable[[pd.DataFrame], pd.DataFrame], groups: int) -> Any:
        records = table[(table["rule"] == row.RECORD) & (table["key"] >= 0)]
        shuffled = records.shuffle("key", npartitions=groups, ignore_index=True)
        return shuffled.map_partitions(stage, meta=row.no_rows(), enforce_metadata=False).persist()

    def tallies(self, table: Any) -> pd.DataFrame:
        found: pd.DataFrame = table[table["rule"] == row.TALLY][["seq", "key", "detail"]].compute()
        return found

    def findings(self, table: Any, room: IntArray) -> pd.DataFrame:
        first = partial(_first_findings, room=room)
        found = table[table["rule"] >= 0].reduction(first, first, first, meta=row.no_rows(), split_every=8)
        frame: pd.DataFrame = found.compute()
        return frame

    def nth_sent(self, table: Any, n: int) -> int:
        sent = table[(table["rule"] == row.RECORD) & (table["detail"] == 1)]["seq"]
        return int(sent.nsmallest(n, split_every=8).max().compute())

    def hosts(self, table: Any, numbering: Numbering) -> Any:
        return table.map_partitions(_hosts, numbering, meta=_hosts(row.no_rows(), numbering))

    def forget(self, table: Any) -> None:
        pass  # Dask forgets what nobody holds any more


def _examine_partition(
    part: pd.DataFrame,
    stage: Callable[[Iterable[pd.DataFrame]], Iterator[pd.DataFrame]],
    partition_info: dict[str, int],
) -> pd.DataFrame:
    import pandas as pd

    number = partition_info["number"]  # Dask fills it in
    part = part.set_axis(["ip", "name"], axis=1)
    part["seq"] = (number << row.PART_BITS) + np.arange(len(part))
    return pd.concat([row.no_rows(), *stage([part])], ignore_index=True)


def _first_findings(table: pd.DataFrame, room: IntArray) -> pd.DataFrame:
    table = table.sort_values(["rule", "seq"], ignore_index=True)
    return table[table.groupby("rule").cumcount() < room[table["rule"]]]


def _hosts(table: pd.DataFrame, numbering: Numbering) -> pd.DataFrame:
    sent = table[(table["rule"] == row.RECORD) & (table["detail"] == 1)]
    return sent[["ip", "name"]].assign(line=numbering.rows_of(sent["seq"].to_numpy()))
