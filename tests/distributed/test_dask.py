"""Dask, on a cluster of real processes, gives the report of one machine."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import lists
import pandas as pd
import pytest
from parts import assert_equal, on_one_machine

from importer.distributed import check_partitions
from importer.errors import UsageError

dask = pytest.importorskip("dask", reason="needs the extra `dask`")
dd = pytest.importorskip("dask.dataframe", reason="needs the extra `dask`")
distributed = pytest.importorskip("dask.distributed", reason="needs the extra `dask`")

LIST = lists.mixed(3_000)


@pytest.fixture(scope="module")
def workers() -> Iterator[None]:
    """Two processes with one thread each."""
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0"
        ) as cluster,
        distributed.Client(cluster),
    ):
        yield


def assert_as_alone(frame: pd.DataFrame, partitions: int, **options: Any) -> None:
    """The same report and hosts as those of `check_frame`."""
    parts = dd.from_pandas(frame, npartitions=partitions, sort=False)
    group = options.pop("group", 1 << 17)
    judged = check_partitions(parts, group=group, **options)
    assert list(judged.hosts.columns) == ["ip", "name", "line"]
    assert_equal(judged, judged.hosts.compute(), on_one_machine(frame, **options))


@pytest.mark.parametrize("options", lists.OPTIONS, ids=str)
@pytest.mark.usefixtures("workers")
def test_equal(options: dict[str, Any]) -> None:
    """Report and hosts are those of one machine, from many partitions and groups."""
    assert_as_alone(LIST, 5, group=700, **options)


@pytest.mark.long
@pytest.mark.parametrize("partitions", [1, 4, 60])
@pytest.mark.usefixtures("workers")
@pytest.mark.filterwarnings(
    "ignore:Sending large graph:UserWarning"
)  # the frame is handed over, not read there
def test_million(partitions: int) -> None:
    """So they are for a million records, whatever the partitions."""
    assert_as_alone(lists.mixed(1_000_000), partitions)


ALONE = {"scheduler": "synchronous", "dataframe.shuffle.method": "tasks"}
"""Dask without a cluster, whether or not there is one."""


def test_without_cluster() -> None:
    """Without a cluster, Dask computes in this process; a frame of no records is no special case."""
    with dask.config.set(ALONE):
        assert_as_alone(LIST, 3, on_conflict="keep", max_findings=1)
        assert_as_alone(LIST.iloc[:0], 1)


def test_columns() -> None:
    """Columns are found by headings or named, as in `check_frame`, before anything is computed."""
    frame = pd.DataFrame({"\u4e1a\u52a1IP": ["10.0.0.1"], 7: ["a"], "host": ["b"], "name": ["c"]})
    parts = dd.from_pandas(frame, npartitions=1)
    with pytest.raises(UsageError, match="2 columns for a name"):
        check_partitions(parts)
    with dask.config.set(ALONE):
        assert check_partitions(parts, name="7").hosts.compute()["name"].tolist() == ["a"]
