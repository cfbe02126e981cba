"""Question: what does a record cost, in time and memory, from short lists to very long ones?

    python benchmarks/curve.py [--sizes 20000,100000,1000000,10000000] [--runs 10,5,3,3] [--syntax csv]
                               [--peers stdlib,pandas,polars,duckdb] [--plot benchmarks/curve.svg]

For each size, as `compare.py --write`: validate, drop repeats, write the good records, whole processes in
turn. `wc -l`, which does nothing but read, is the floor. The plot shows medians.
"""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

from compare import EMPTY, PEERS, compare
from measure import Run, middle_megabytes, middle_seconds, split_tool

Curves = Mapping[str, Mapping[int, Sequence[Run]]]


def plot(curves: Curves, target: Path) -> None:
    """Two panels over the number of records: nanoseconds and bytes a record."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "dli-hosts"
    from matplotlib import pyplot

    figure, (times, sizes) = pyplot.subplots(1, 2, figsize=(10, 4.2), layout="constrained")
    for name, by_size in curves.items():
        records = sorted(by_size)
        style = {"color": "black", "linewidth": 2.5} if name == "dli-hosts" else {"linewidth": 1.2}
        times.plot(
            records,
            [1e9 * middle_seconds(by_size[n]) / n for n in records],
            marker="o",
            label=name,
            **style,
        )
        sizes.plot(
            records,
            [middle_megabytes(by_size[n]) * 1024 * 1024 / n for n in records],
            marker="o",
            label=name,
            **style,
        )
    for panel, title in ((times, "time, ns a record"), (sizes, "peak memory, bytes a record")):
        panel.set(xscale="log", yscale="log", xlabel="records", title=title)
        panel.grid(visible=True, which="major", alpha=0.3)
    times.legend(fontsize="small")
    figure.savefig(target, metadata={"Date": None})


def main() -> None:
    """Read the command line, measure each size, plot."""
    parser = argparse.ArgumentParser(description="Time and memory a record, from short lists to long ones.")
    parser.add_argument("--sizes", default="20000,100000,1000000,10000000")
    parser.add_argument("--runs", default="10,5,3,3", help="timed runs for each size")
    parser.add_argument("--syntax", choices=("csv", "hosts"), default="csv")
    parser.add_argument("--peers", default="stdlib,pandas,polars,duckdb", help=f"of {', '.join(PEERS)}")
    parser.add_argument("--tool", metavar="COMMAND", help="the tool's command")
    parser.add_argument("--plot", type=Path, help="SVG file to write")
    wanted = parser.parse_args()
    curves: dict[str, dict[int, Sequence[Run]]] = {}
    for size, runs in zip(wanted.sizes.split(","), wanted.runs.split(","), strict=True):
        peers = wanted.peers.split(",")
        results = compare(wanted.syntax, int(size), int(runs), peers, split_tool(wanted.tool), True)
        for name, seen in results.items():
            if name != EMPTY:
                curves.setdefault(name, {})[int(size)] = seen
    if wanted.plot is not None:
        plot(curves, wanted.plot)


if __name__ == "__main__":
    main()
