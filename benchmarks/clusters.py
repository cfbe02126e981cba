"""Question: from which size on does it pay to check a list on a cluster instead of in one process?

    pip install -e '.[dask,spark]'
    python benchmarks/clusters.py --records 100000,1000000 --runs 5

One process, Dask (two worker processes) and Spark (`local[2]`) check the same file in turn, run after run,
and each reads it anew. The start of the clusters is told apart, and a first run, which warms workers up and
proves the reports equal, is not timed. Processor seconds are those of all processes together: what the work
costs, whatever else the machine does. `rows through Python` is what Spark takes to read the file and to hand
its rows to a function that does nothing: no check in Python can be faster there.
"""

import argparse
import os
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import pandas as pd
import psutil
from generate import generate

from importer import check, check_frame, read
from importer.distributed import check_partitions, check_spark

Job = Callable[[], Any]
ALONE = "one process, the file"


def main() -> None:
    """Read the command line, measure, and print a table for each size."""
    parser = argparse.ArgumentParser(description="Compare a check in one process with Dask and Spark.")
    parser.add_argument("--records", default="100000,1000000", help="sizes, with commas between them")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--blocksize", default="32MB", help="bytes of the file in a partition of Dask")
    wanted = parser.parse_args()
    warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        begin = time.perf_counter()
        stack.enter_context(dask_cluster())
        middle = time.perf_counter()
        spark = stack.enter_context(spark_session())
        print(f"start: Dask {middle - begin:.1f} s, Spark {time.perf_counter() - middle:.1f} s")
        for records in map(int, wanted.records.split(",")):
            path = folder / f"{records}.csv"
            generate(path, "csv", records, 1, 0.02, 0.01)
            print(table(records, jobs(str(path), wanted.blocksize, spark), wanted.runs), flush=True)
            path.unlink()


def jobs(path: str, blocksize: str, spark: Any) -> dict[str, Job]:
    """What is measured, by its name in the table."""
    import dask.dataframe as dd

    text = {"dtype": "str", "keep_default_na": False}

    def on_spark() -> Any:
        checked = check_spark(spark.read.csv(path, header=True))
        checked.release()
        return checked.report

    def through() -> Any:
        table = spark.read.csv(path, header=True)
        return table.mapInPandas(lambda frames: frames, "ip string, name string").count()

    return {
        ALONE: lambda: check(read(path)).report,
        "one process, a DataFrame": lambda: check_frame(pd.read_csv(path, **text)).report,
        "Dask": lambda: check_partitions(dd.read_csv(path, blocksize=blocksize, **text)).report,
        "Spark": on_spark,
        "Spark, rows through Python": through,
    }


def table(records: int, measured: dict[str, Job], runs: int) -> str:
    """A Markdown table of a size: seconds, and how often they hold those of one process."""
    alone, *reports = (measured[name]() for name in (ALONE, "one process, a DataFrame", "Dask", "Spark"))
    measured["Spark, rows through Python"]()
    if any(report != reports[0] for report in reports) or alone.counts != reports[0].counts:
        raise SystemExit("the reports differ")
    spent: dict[str, list[tuple[float, float]]] = {name: [] for name in measured}
    for _ in range(runs):
        for name, job in measured.items():
            begin, used = time.perf_counter(), processor_seconds()
            job()
            spent[name].append((time.perf_counter() - begin, processor_seconds() - used))
    lines = [
        f"{records:,} records:\n",
        "| check | median s | min s | max s | row/first | processor s | row/first |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    wall, processor = (median(times) for times in zip(*spent[ALONE], strict=True))
    for name, figures in spent.items():
        seconds, used = ([figure[i] for figure in figures] for i in range(2))
        cells = [f"{s:.2f}" for s in (median(seconds), min(seconds), max(seconds))]
        cells += [f"{median(seconds) / wall:.1f}", f"{median(used):.2f}", f"{median(used) / processor:.1f}"]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def processor_seconds() -> float:
    """What this process and all it has started have taken of the processors so far."""
    this = psutil.Process()
    return sum(sum(process.cpu_times()[:4]) for process in (this, *this.children(recursive=True)))


@contextmanager
def dask_cluster() -> Iterator[None]:
    """Two processes with one thread each."""
    from dask.distributed import Client, LocalCluster

    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0") as cluster,
        Client(cluster),
    ):
        yield


@contextmanager
def spark_session() -> Iterator[Any]:
    """A session with two threads, as Spark comes but for memory."""
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable
    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "ERROR",
        "spark.driver.memory": "8g",
    }
    session = SparkSession.builder.master("local[2]").config(map=settings).getOrCreate()
    yield session
    session.stop()


if __name__ == "__main__":
    main()
