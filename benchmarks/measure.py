"""Question: how long does a whole process take, and how much memory does it need at its peak?

Programs are run in turn, round after round, so that a slow spell of the machine hits them all alike. On Linux
a child's peak includes that of the process it was forked from; a launcher of about 8 MB stands in between, so
that the figure is the program's own. POSIX only.
"""

import json
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

LAUNCHER = """
import os, sys, time
begin = time.perf_counter()
child = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ)
_, status, usage = os.wait4(child, 0)
end = time.perf_counter()
cpu = usage.ru_utime + usage.ru_stime
print(end - begin, usage.ru_maxrss, cpu, os.waitstatus_to_exitcode(status), file=sys.stderr)
"""
# As on a user's machine: with compiled modules kept and output buffered.
ENVIRONMENT = {
    name: value
    for name, value in os.environ.items()
    if name not in ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED")
}
MEGABYTE = 1024 * 1024
RSS_UNIT = 1 if sys.platform == "darwin" else 1024

Command = Sequence[str]


@dataclass(frozen=True)
class Run:
    """What one run of a program cost, and what it said."""

    seconds: float
    megabytes: float
    output: str
    cpu_seconds: float
    """On all cores, which a busy machine changes less than the time that passes."""


def default_tool() -> list[str]:
    """The installed script beside this interpreter, else the module."""
    script = Path(sys.executable).with_name("dli-hosts")
    return [str(script)] if script.exists() else [sys.executable, "-m", "importer"]


def split_tool(text: str | None) -> list[str]:
    """The tool's command from a command line option; empty if it is to be left out."""
    return default_tool() if text is None else shlex.split(text)


def run(command: Command) -> Run:
    """Run one whole process. Status 1 with a report means findings; any other failure stops the benchmark."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as output, tempfile.TemporaryFile("w+") as errors:
        launch = [sys.executable, "-I", "-S", "-c", LAUNCHER, *command]
        subprocess.run(launch, stdout=output, stderr=errors, env=ENVIRONMENT, check=True)
        output.seek(0)
        errors.seek(0)
        *talk, last = errors.read().splitlines()
        seconds, rss, cpu, status = last.split()
        text = output.read()
        if int(status) != 0 and not (int(status) == 1 and text):
            raise SystemExit(f"{shlex.join(command)}\nended with status {status}\n" + "\n".join(talk[-20:]))
        return Run(float(seconds), int(rss) * RSS_UNIT / MEGABYTE, text, float(cpu))


def run_in_turn(commands: Mapping[str, Command], rounds: int) -> dict[str, list[Run]]:
    """Run every command once per round."""
    results: dict[str, list[Run]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            results[name].append(run(command))
    return results


def middle_seconds(runs: Sequence[Run]) -> float:
    """The median time."""
    return median(one.seconds for one in runs)


def middle_megabytes(runs: Sequence[Run]) -> float:
    """The median peak memory."""
    return median(one.megabytes for one in runs)


def table(results: Mapping[str, Sequence[Run]], tool: str | None = None) -> str:
    """A Markdown table; with `tool`, the name of a row, also its figures divided by each row's."""
    head = ["command", "median s", "min s", "max s", "peak MB"]
    if tool:
        head += [f"time {tool}/row", f"memory {tool}/row"]
    lines = ["| " + " | ".join(head) + " |", "|---|" + "---:|" * (len(head) - 1)]
    for name, runs in results.items():
        seconds, megabytes = middle_seconds(runs), middle_megabytes(runs)
        spread = [one.seconds for one in runs]
        cells = [name, f"{seconds:.3f}", f"{min(spread):.3f}", f"{max(spread):.3f}", f"{megabytes:.0f}"]
        if tool:
            cells.append(f"{middle_seconds(results[tool]) / seconds:.2f}")
            cells.append(f"{middle_megabytes(results[tool]) / megabytes:.2f}")
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def last_json(run: Run) -> dict[str, int]:
    """The summary a peer prints."""
    summary: dict[str, int] = json.loads(run.output.splitlines()[-1])
    return summary
