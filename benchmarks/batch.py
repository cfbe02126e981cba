"""Question: what do plans and their submission cost, for many connections of 20,000 hosts each?

    python benchmarks/batch.py [--lists 20,200,1000] [--rounds 3] [--submit] [--tool COMMAND]

Without `--submit`: `plan JOBS -o PLAN` beside a plain script that reads, validates, deduplicates and dumps
the same bodies, and beside `emit --as csv` of the same records as one file. With it: `submit PLAN` and
`submit JOBS` beside a bare loop that posts the prepared bytes, each to a sandbox process of its own.

Programs are run in turn, in one run. Both times are told: on a busy machine that of the processors is the
one to compare. All lists hold good records with 1 % repeats; of more than 200 lists, several connections
share one.
"""

import argparse
import contextlib
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median

from generate import generate
from measure import ENVIRONMENT, Command, Run, run, split_tool

PEERS = Path(__file__).resolve().parent / "peers"
PLAIN, EMIT, PLAN = "plain script", "emit --as csv, one file", "plan JOBS -o PLAN"
BARE, SUBMIT_PLAN, SUBMIT_JOBS = "bare loop", "submit PLAN", "submit JOBS"
DIFFERENT = 200
HOSTS = 20_000

Ways = dict[str, Callable[[], Run]]


class Lists:
    """Lists in a folder, and jobs files that name them."""

    def __init__(self, folder: Path, number: int) -> None:
        self.folder = folder
        self.paths = [folder / f"list_{index:04d}.csv" for index in range(min(number, DIFFERENT))]
        for index, path in enumerate(self.paths):
            generate(path, "csv", HOSTS, index + 1, 0.0, 0.01)
        self.whole = folder / "all.csv"
        with self.whole.open("wb") as file:
            file.write(b"ip,name\n")
            for path in self.paths:
                file.write(path.read_bytes().partition(b"\n")[2])

    def of(self, number: int) -> list[str]:
        """So many lists."""
        return [str(self.paths[index % len(self.paths)]) for index in range(number)]

    def jobs(self, number: int) -> str:
        """A jobs file for so many connections."""
        parts = ['[defaults]\nvpc = "vpc-1"\nsubnet = "net-1"\ncheck = { on_conflict = "first" }\n']
        for index, path in enumerate(self.of(number)):
            parts.append(f'[[connection]]\nname = "c_{index}"\nfiles = ["{Path(path).name}"]\n')
        path = self.folder / f"jobs_{number}.toml"
        path.write_text("".join(parts), encoding="utf-8")
        return str(path)


def planning(lists: Lists, number: int, tool: Command) -> Ways:
    """The ways to make a plan."""
    folder = lists.folder
    jobs, plan = lists.jobs(number), str(folder / "all.plan")
    plain = [sys.executable, str(PEERS / "bodies.py"), str(folder / "bodies"), *lists.of(number)]
    emit = [
        *tool, "emit", str(lists.whole), "--as", "csv", "--on-conflict", "first", "-q",
        "-o", str(folder / "out.csv"),
    ]  # fmt: skip
    commands = {PLAIN: plain, EMIT: emit, PLAN: [*tool, "plan", jobs, "-q", "-o", plan]}
    if number != len(lists.paths):
        del commands[EMIT]
    return {name: lambda command=command: run(command) for name, command in commands.items()}


@contextlib.contextmanager
def sandbox(tool: Command, folder: Path) -> Iterator[str]:
    """A sandbox process with data of its own; the file with its keys."""
    with tempfile.TemporaryDirectory(dir=folder) as name:
        command = [*tool, "sandbox", "--data", str(Path(name, "data"))]
        serving = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=ENVIRONMENT
        )
        assert serving.stdout is not None
        try:
            keys = Path(name, "keys.json")
            keys.touch(mode=0o600)
            keys.write_bytes(serving.stdout.readline())
            yield str(keys)
        finally:
            serving.terminate()
            serving.wait()
            serving.stdout.close()


def submitting(lists: Lists, number: int, tool: Command) -> Ways:
    """The ways to submit, each to a sandbox of its own."""
    folder = lists.folder
    jobs, plan, bodies = lists.jobs(number), str(folder / "all.plan"), str(folder / "bodies")
    run([sys.executable, str(PEERS / "bodies.py"), bodies, *lists.of(number)])
    run([*tool, "plan", jobs, "-q", "-o", plan])

    def bare(keys: str) -> Command:
        return [sys.executable, str(PEERS / "bare_loop.py"), bodies, keys]

    def submit(what: str, keys: str) -> Command:
        return [*tool, "submit", what, "-q", "--credentials", keys, "--journal", f"{keys}.journal"]

    def timed(command_of: Callable[[str], Command]) -> Run:
        with sandbox(tool, folder) as keys:
            return run(command_of(keys))

    return {
        BARE: lambda: timed(bare),
        SUBMIT_PLAN: lambda: timed(lambda keys: submit(plan, keys)),
        SUBMIT_JOBS: lambda: timed(lambda keys: submit(jobs, keys)),
    }


def table(number: int, found: dict[str, list[Run]]) -> str:
    """A Markdown table of one number of lists; the first row is what the others are compared with."""
    lines = [
        f"{number} lists:\n",
        "| command | median s | CPU s | peak MB | time/first row | CPU/first row |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    first: tuple[float, float] | None = None
    for name, runs in found.items():
        seconds, cpu = median(one.seconds for one in runs), median(one.cpu_seconds for one in runs)
        first = first or (seconds, cpu)
        peak = max(one.megabytes for one in runs)
        ratios = f"{seconds / first[0]:.2f} | {cpu / first[1]:.2f}"
        lines.append(f"| {name} | {seconds:.2f} | {cpu:.2f} | {peak:.0f} | {ratios} |")
    return "\n".join(lines) + "\n"


def numbers(text: str) -> Sequence[int]:
    """Numbers with commas between them."""
    return [int(one) for one in text.split(",")]


def main() -> None:
    """Measure, and print a table for each number of lists."""
    parser = argparse.ArgumentParser(description="Measure plans of many lists.")
    parser.add_argument("--lists", type=numbers, default=[20, 200, 1000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--submit", action="store_true", help="submit them, too")
    parser.add_argument("--tool", metavar="COMMAND", help="the tool's command")
    wanted = parser.parse_args()
    tool = split_tool(wanted.tool)
    with tempfile.TemporaryDirectory() as name:
        lists = Lists(Path(name), max(wanted.lists))
        for number in wanted.lists:
            ways = (submitting if wanted.submit else planning)(lists, number, tool)
            found: dict[str, list[Run]] = {name: [] for name in ways}
            for _ in range(wanted.rounds):
                for name, way in ways.items():
                    found[name].append(way())
            print(table(number, found), flush=True)


if __name__ == "__main__":
    main()
