"""The engine without a cluster: a list in parts in memory, for laws about the stages alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from random import Random
from typing import Any

import numpy as np
import pandas as pd

from importer.checking.checked import Checked
from importer.columns.arrays import IntArray
from importer.distributed.report import Numbering
from importer.distributed.rows import PART_BITS, RECORD, TALLY, no_rows
from importer.distributed.run import Distributed
from importer.library import check_frame

Table = list[pd.DataFrame]


class Parts:
    """A table is a list of frames. Parts come cut into pieces, groups in any order, as chance has it."""

    def __init__(self, parts: list[pd.DataFrame], chance: Random) -> None:
        self.parts, self.chance = parts, chance

    def examine(self, stage: Callable[[Iterable[pd.DataFrame]], Iterator[pd.DataFrame]]) -> Table:
        """Each part by itself, in pieces."""
        tables = []
        for number, part in enumerate(self.parts):
            part = part.assign(seq=(number << PART_BITS) + np.arange(len(part)))
            cuts = sorted(self.chance.choices(range(len(part) + 1), k=self.chance.randrange(3)))
            pieces = [part.iloc[a:b] for a, b in zip([0, *cuts], [*cuts, len(part)], strict=True)]
            tables.append(_whole(list(stage(iter(pieces)))))
        return tables

    def judge(self, table: Table, stage: Callable[[pd.DataFrame], pd.DataFrame], groups: int) -> Table:
        """Each group by itself, in a random order."""
        rows = _whole(table)
        records = rows[(rows["rule"] == RECORD) & (rows["key"] >= 0)]
        records = records.sample(frac=1, random_state=self.chance.randrange(1 << 32))
        return [
            stage(group) for _, group in records.groupby(records["key"] * 2654435761 % (1 << 32) % groups)
        ]

    def tallies(self, table: Table) -> pd.DataFrame:
        """The rows of tallies."""
        rows = _whole(table)
        return rows.loc[rows["rule"] == TALLY, ["seq", "key", "detail"]]

    def findings(self, table: Table, room: IntArray) -> pd.DataFrame:
        """The first findings of each rule."""
        rows = _whole(table)
        rows = rows[rows["rule"] >= 0].sort_values("seq")
        return rows[rows.groupby("rule").cumcount() < room[rows["rule"]]]

    def nth_sent(self, table: Table, n: int) -> int:
        """By sorting them all."""
        return int(np.sort(_sent(table)["seq"])[n - 1])

    def hosts(self, table: Table, numbering: Numbering) -> pd.DataFrame:
        """All that is sent."""
        sent = _sent(table)
        return sent[["ip", "name"]].assign(line=numbering.rows_of(sent["seq"].to_numpy()))

    def forget(self, table: Table) -> None:
        """Nothing is left of it."""
        table.clear()


def _whole(table: Table) -> pd.DataFrame:
    return pd.concat([no_rows(), *table], ignore_index=True)


def _sent(table: Table) -> pd.DataFrame:
    rows = _whole(table)
    return rows[(rows["rule"] == RECORD) & (rows["detail"] == 1)]


def assert_equal(distributed: Distributed, hosts: pd.DataFrame, alone: Checked) -> None:
    """All that is said of the list is the same, and so are the hosts once they are sorted."""
    assert distributed.report == alone.report
    kinds = {"ip": "str", "name": "str", "line": "int64"}
    hosts = hosts.sort_values("line", ignore_index=True).astype(kinds)
    pd.testing.assert_frame_equal(hosts, alone.hosts.drop(columns="source").astype(kinds))
    pd.testing.assert_frame_equal(distributed.findings, alone.findings)


def on_one_machine(frame: pd.DataFrame, **options: Any) -> Checked:
    """The same check without parts; whether a skipped name is ready elsewhere is not asked in parts."""
    chosen = {code for option in ("ignore", "error", "warn") for code in options.get(option, ())}
    kept = tuple(code for code in ("A203", "A212") if code not in chosen)
    return check_frame(frame, **options | {"warn": (*options.get("warn", ()), *kept)})
