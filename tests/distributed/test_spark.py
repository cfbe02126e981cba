"""Spark, in a session of its own on this machine, gives the report of one machine."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import lists
import pandas as pd
import pytest
from command import ROOT
from parts import assert_equal, on_one_machine

from importer.checking.catalogue import INDEX
from importer.distributed import SCHEMA, Rules, check_spark, examine_rows, judge_addresses, judge_names
from importer.errors import UsageError

sql = pytest.importorskip("pyspark.sql", reason="needs the extra `spark`")
functions = pytest.importorskip("pyspark.sql.functions", reason="needs the extra `spark`")
pytestmark = [
    pytest.mark.skipif(shutil.which("java") is None, reason="Spark needs Java 17 or newer"),
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning"),
]

LIST = lists.mixed(3_000)


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A session with two threads; its workers are processes of this interpreter."""
    settings = {
        "spark.ui.enabled": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.memory": "2g",
        "spark.sql.shuffle.partitions": "4",
        "spark.sql.warehouse.dir": str(tmp_path_factory.mktemp("warehouse")),
    }
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    with mock.patch.dict(os.environ, PYSPARK_PYTHON=sys.executable, PYTHONPATH=path):
        builder = sql.SparkSession.builder.master("local[2]")
        for name, value in settings.items():
            builder = builder.config(name, value)
        session = builder.getOrCreate()
        yield session
        session.stop()


def table(spark: Any, frame: pd.DataFrame, partitions: int) -> Any:
    """The frame as a table in Spark, its rows in their order in so many partitions."""
    rows = [tuple(row) for row in frame.itertuples(index=False)]
    slices = spark.sparkContext.parallelize(rows, partitions)
    return spark.createDataFrame(slices, "`host name` string, ip string, rack long")


def hosts(judged: Any) -> pd.DataFrame:
    """What Spark holds of the hosts."""
    assert judged.hosts.columns == ["ip", "name", "line"]
    return pd.DataFrame(judged.hosts.collect(), columns=judged.hosts.columns)


@pytest.mark.parametrize("options", lists.OPTIONS, ids=str)
def test_equal(spark: Any, options: dict[str, Any]) -> None:
    """Report and hosts are those of one machine, from many partitions and groups."""
    judged = check_spark(table(spark, LIST, 5), group=700, **options)
    assert_equal(judged, hosts(judged), on_one_machine(LIST, **options))
    judged.release()


@pytest.mark.long
@pytest.mark.parametrize("partitions", [2, 40])
def test_million(spark: Any, partitions: int, tmp_path: Path) -> None:
    """So they are for a million records, whatever the partitions."""
    frame = lists.mixed(1_000_000)
    size = len(frame) // partitions + 1
    for i in range(partitions):
        part = frame[i * size : (i + 1) * size]
        part.assign(at=part.index).to_csv(tmp_path / f"{i:02}.csv", index=False)
    columns = "`host name` string, ip string, rack long, at long"
    judged = check_spark(spark.read.csv(str(tmp_path), schema=columns, header=True), order="at")
    assert_equal(judged, hosts(judged), on_one_machine(frame))
    judged.release()


def test_order(spark: Any) -> None:
    """`order` says which record is first, however they lie; equal ones go by address and name."""
    shuffled = LIST.sample(frac=1, random_state=1)
    wanted = shuffled.sort_values(["rack", "ip", "host name"], ignore_index=True)
    judged = check_spark(table(spark, shuffled, 3), order="rack", on_conflict="first")
    assert_equal(judged, hosts(judged), on_one_machine(wanted, on_conflict="first"))
    judged.release()


def test_columns(spark: Any) -> None:
    """Columns are found by headings or named, whatever the headings hold, and nulls are empty cells."""
    rows = [("10.0.0.1", "a", None), ("10.0.0.2", None, 5), (None, None, None)]
    frame = spark.createDataFrame(rows, "`node.ip` string, `a.b` string, `a b` int")
    judged = check_spark(frame, ip="node.ip", name="a.b", order=("a b", "a.b"))
    assert judged.report.counts == {"R109": 1, "N101": 1}
    assert hosts(judged).values.tolist() == [["10.0.0.1", "a", 1]]
    for options in ({"name": "a.b"}, {"ip": "node.ip", "name": "a.b", "order": "id"}):
        with pytest.raises(UsageError):
            check_spark(frame, **options)


def test_stages(spark: Any) -> None:
    """The stages can be put together by hand."""
    rules = Rules.of(on_conflict="first")
    rows = table(spark, LIST, 3).selectExpr("monotonically_increasing_id() seq", "ip", "`host name` name")
    examined = rows.mapInPandas(lambda frames: examine_rows(frames, rules), SCHEMA).persist()
    judged = (
        examined.where("rule = -1")
        .groupBy(functions.expr("pmod(hash(key), 5)"))
        .applyInPandas(lambda records: judge_names(records, rules), SCHEMA)
        .persist()
    )
    shared = (
        judged.where("rule = -1 and key >= 0")
        .groupBy(functions.expr("pmod(hash(key), 5)"))
        .applyInPandas(lambda records: judge_addresses(records, rules), SCHEMA)
    )
    report = on_one_machine(LIST, on_conflict="first").report
    told = examined.union(judged).union(shared).where("rule >= 0").groupBy("rule").count()
    counts = {INDEX[code]: number for code, number in report.counts.items() if code[0] != "L"}
    assert dict(told.collect()) == counts
    assert judged.where("rule = -1 and detail = 1").count() == report.totals.ready
