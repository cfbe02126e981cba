"""Spark: partitions are the parts of the list, in the order of their numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from importer.columns.arrays import IntArray
from importer.distributed import rows as row
from importer.distributed.report import Columns, Numbering
from importer.distributed.run import GROUP, Distributed, run
from importer.distributed.stages import Rules
from importer.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd


def check_spark(
    frame: Any,
    *,
    ip: str = "",
    name: str = "",
    order: str | tuple[str, ...] = (),
    group: int = GROUP,
    **options: Any,
) -> Distributed:
    """Judge the records of a Spark DataFrame, one a row.

        from importer.distributed import check_spark

        checked = check_spark(spark.table("cmdb.hosts"), order="id")
        checked.report.raise_for_errors()
        checked.hosts.write.parquet("hosts")    # ip, name, line

    `ip` and `name` name the two columns; without them known headings decide, as in a file. `order`
    names the columns by which the records follow each other, those of equal value by address and name;
    without it they come as Spark has them. The other keywords are the fields of `CheckOptions`. Positions
    are row numbers in that order from 0. `group` is how many records are compared in one task, about,
    and changes no result. Raises UsageError if the columns cannot be told, or for options that mean nothing.
    """
    from importer.reading.cells.frame import column_of

    if not hasattr(frame, "mapInPandas"):
        raise UsageError(f"this is no Spark DataFrame but a {type(frame).__name__}", hint="see check_frame")
    rules = Rules.of(**options)
    columns = Columns(len(frame.columns), column_of(frame, "ip", ip), column_of(frame, "name", name))
    wanted = (order,) if isinstance(order, str) else tuple(order)
    return run(_Partitions(_in_order(frame, columns, wanted)), columns, rules, group)


def _in_order(frame: Any, columns: Columns, order: tuple[str, ...]) -> Any:
    """`seq`, `ip` and `name` of each record. Raises UsageError for an order by what is no column."""
    from pyspark.sql import functions as F

    for heading in order:
        if heading not in frame.columns:
            raise UsageError(
                f"the frame has no column {heading!r}; its columns are {', '.join(map(repr, frame.columns))}",
                hint="order= names the columns that say which record comes first",
            )
    by = [f"c{frame.columns.index(heading)}" for heading in order]
    parts = frame.rdd.getNumPartitions() if by else 0
    # Headings may hold dots, or stand twice; places do not.
    frame = frame.toDF(*(f"c{i}" for i in range(len(frame.columns))))
    ip, name = (F.col(f"c{i}").cast("string") for i in (columns.ip, columns.name))
    pairs = frame.select(ip.alias("ip"), name.alias("name"), *by)
    if by:  # by itself, Spark would sort any list into 200 partitions
        by += ["ip", "name"]
        pairs = pairs.repartitionByRange(max(parts, 1), *by).sortWithinPartitions(*by)
    return pairs.select(F.monotonically_increasing_id().alias("seq"), "ip", "name")


class _Partitions:
    """The engine; a table is a Spark DataFrame that is computed once and kept."""

    def __init__(self, pairs: Any) -> None:
        self._pairs = pairs

    def examine(self, stage: Callable[[Iterable[pd.DataFrame]], Iterator[pd.DataFrame]]) -> Any:
        return self._pairs.mapInPandas(lambda frames: stage(frames), row.SCHEMA).persist()

    def judge(self, table: Any, stage: Callable[[pd.DataFrame], pd.DataFrame], groups: int) -> Any:
        from pyspark.sql import functions as F

        group = F.pmod(F.hash("key"), F.lit(groups))
        records = table.where((F.col("rule") == row.RECORD) & (F.col("key") >= 0)).withColumn("group", group)
        # By itself Spark would make 200 partitions for a table that is kept, however short it is.
        grouped = records.repartition(groups, "group").groupBy("group")
        # It looks for type hints in whatever is no plain function, and warns where it finds none.
        return grouped.applyInPandas(lambda records: stage(records), row.SCHEMA).persist()

    def tallies(self, table: Any) -> pd.DataFrame:
        import pandas as pd

        columns = ["seq", "key", "detail"]
        found = table.where(f"rule = {row.TALLY}").select(*columns).collect()
        return pd.DataFrame(found, columns=columns, dtype="int64")

    def findings(self, table: Any, room: IntArray) -> pd.DataFrame:
        import pandas as pd
        from pyspark.sql import Window
        from pyspark.sql import functions as F

        found = table.where("rule >= 0")
        place = F.row_number().over(Window.partitionBy("rule").orderBy("seq"))
        most = F.element_at(F.lit(room.tolist()), F.col("rule") + 1)
        first = found.withColumns({"place": place, "most": most}).where("place <= most").drop("place", "most")
        return pd.DataFrame(first.collect(), columns=list(row.no_rows().columns))

    def nth_sent(self, table: Any, n: int) -> int:
        from pyspark.sql import functions as F

        return int(_sent(table).orderBy("seq").limit(n).agg(F.max("seq")).first()[0])

    def hosts(self, table: Any, numbering: Numbering) -> Any:
        from pyspark.sql import functions as F

        part = F.shiftright("seq", row.PART_BITS).cast("int")
        place = F.col("seq").bitwiseAND((1 << row.PART_BITS) - 1)
        line = F.element_at(F.lit(numbering.offset.tolist()), part + 1) + place
        return _sent(table).select("ip", "name", line.alias("line"))

    def forget(self, table: Any) -> None:
        table.unpersist()


def _sent(table: Any) -> Any:
    return table.where(f"rule = {row.RECORD} and detail = 1")
