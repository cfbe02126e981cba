"""The same rules where one machine is not enough: on Dask DataFrames and on Spark, DLI's own engine.

    from importer.distributed import check_partitions, check_spark

    checked = check_partitions(dask_frame)    # or check_spark(spark_frame)
    checked.report.raise_for_errors()
    checked.hosts                             # a Dask or Spark DataFrame: ip, name, line

The report is the one that `check_frame` gives of the same records on one machine. `examine_rows`,
`judge_names` and `judge_addresses` are the stages by themselves, for `mapInPandas` and `applyInPandas`.
Neither engine is loaded before it is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from importer.distributed.rows import SCHEMA
    from importer.distributed.run import Distributed
    from importer.distributed.stages import Rules, examine_rows, judge_addresses, judge_names
    from importer.distributed.with_dask import check_partitions
    from importer.distributed.with_spark import check_spark

_HOME_OF = {
    "SCHEMA": "rows",
    "Distributed": "run",
    "Rules": "stages",
    "check_partitions": "with_dask",
    "check_spark": "with_spark",
    "examine_rows": "stages",
    "judge_addresses": "stages",
    "judge_names": "stages",
}

__all__ = [
    "SCHEMA",
    "Distributed",
    "Rules",
    "check_partitions",
    "check_spark",
    "examine_rows",
    "judge_addresses",
    "judge_names",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'importer.distributed' has no attribute {name!r}")
    return getattr(import_module(f"importer.distributed.{_HOME_OF[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
