"""Question: how much longer does a check take, and how much more memory, for each format of its report?

    python benchmarks/reports.py [--records 20000] [--faults all|0.02] [--runs 5]

With `--faults all` each rule that a table can break is broken, in turn; with a share, the list is
that of `generate.py`. Each figure is the least processor time of some whole processes, run in turn after one
that is not counted: other work on the machine only ever adds to it. `check` is the report for people.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from generate import generate
from measure import ENVIRONMENT, LAUNCHER, MEGABYTE, RSS_UNIT, split_tool

FORMATS = (
    *("concise", "grouped", "json", "json-lines", "csv", "sarif", "junit"),
    *("github", "gitlab", "azure", "markdown", "html"),
)
ROWS = (
    *("{ip},n{i},", "{ip},n{i}.,", "{ip},3n{i},", "{ip},n{i}@prod,", "{ip},localhost,", "{ip},-n{i}-,"),
    *("{ip},n_{i},", "{ip},n{i}.example..com,", "{ip},,", "{ip},n{i}" + "x" * 120 + "{i:09},", ",n{i},"),
    *("10.0.{b}.300,n{i},", "fd00::{i:x},n{i},", "010.0.{b}.1,n{i},", "10.0.{b},n{i},", "{ip}:8020,n{i},"),
    *("127.0.0.1,n{i},", "224.0.0.{b},n{i},", "{ip},n0,", "10.0.0.0,n0,", "10.0.0.0,N0,", "10.0.0.0,m{i},"),
    *("{ip},n{i},x,y,z", "{ip}", ",,x", '{ip},"n{i}"x,', "10.0.0.1,host{i},", "{ip},example{i},"),
    *("{ip},n{i}.1,", "127.0.0.1,real{i}.example.com,", "{ip},r{i}"),
)
"""One for each way in which a row can be at fault."""

LAUNCH = LAUNCHER.replace("print(end - begin,", "print(usage.ru_utime + usage.ru_stime,")


def rows(records: int) -> Iterator[str]:
    """A table in which every fault comes equally often."""
    yield "ip,name,note\n"
    for i in range(records):
        ip = f"10.{i >> 16 & 255}.{i >> 8 & 255}.{i & 255}"
        yield ROWS[i % len(ROWS)].format(i=i, b=i & 255, ip=ip) + "\n"


def cost(command: Sequence[str]) -> tuple[float, float]:
    """Processor seconds and peak megabytes of one process."""
    launch = [sys.executable, "-I", "-S", "-c", LAUNCH, *command]
    done = subprocess.run(
        launch, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=ENVIRONMENT, text=True, check=True
    )
    seconds, rss, status = done.stderr.splitlines()[-1].split()
    if int(status) not in (0, 1):
        raise SystemExit(f"{' '.join(command)}\n{done.stderr}")
    return float(seconds), int(rss) * RSS_UNIT / MEGABYTE


def measured(commands: dict[str, list[str]], runs: int) -> Iterator[str]:
    """The table, a row for each command; the first one is what all are compared with."""
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    for turn in range(runs + 1):
        for name, command in commands.items():
            one = cost(command)
            if turn:
                found[name].append(one)
    least = {name: min(seconds for seconds, _ in ones) for name, ones in found.items()}
    most = {name: max(peak for _, peak in ones) for name, ones in found.items()}
    base, memory = next(iter(least.values())), next(iter(most.values()))
    yield "| report | processor s | times `check` | peak MB | beyond `check` MB |"
    yield "|---|---:|---:|---:|---:|"
    for name in commands:
        times, beyond = least[name] / base, most[name] - memory
        yield f"| {name} | {least[name]:.2f} | {times:.2f} | {most[name]:.0f} | {beyond:.0f} |"


def main() -> None:
    """Measure every format, and all of them in one run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=20_000)
    parser.add_argument("--faults", default="all", metavar="all|SHARE")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--tool", metavar="COMMAND", help="how dli-hosts is called")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "list.csv")
        if wanted.faults == "all":
            Path(path).write_text("".join(rows(wanted.records)), encoding="utf-8")
        else:
            generate(path, "csv", wanted.records, 1, float(wanted.faults), 0.01)
        check = [*split_tool(wanted.tool), "check", path, "-q", "--split"]
        every = [part for name in FORMATS for part in ("--report", f"{name}={folder}/out.{name}")]
        commands = {"`check`": [*check[:-2], "--split"]}
        commands |= {name: [*check, "--output-format", name] for name in FORMATS}
        commands["all at once"] = [*check, *every]
        print("\n".join(measured(commands, wanted.runs)))


if __name__ == "__main__":
    main()
