"""Question: how do the tool and the scripts people would write instead compare, as whole processes?

    python benchmarks/compare.py --records 20000 --runs 20 [--syntax csv|hosts|both] [--write]
                                 [--peers stdlib,pandas,polars,duckdb,frictionless] [--tool COMMAND]

Without `--write` every program checks and counts; with it, every program also writes the good records. A
first run of each is not timed: it fills the caches and proves that all programs found the same. The tool does
more than its peers (exact positions, conflicts, a report); a conflict it would refuse is a record they keep.
"""

import argparse
import json
import sys
import tempfile
import zlib
from importlib.util import find_spec
from pathlib import Path

from generate import generate
from measure import Command, Run, last_json, run, run_in_turn, split_tool, table

HERE = Path(__file__).resolve().parent
PEERS = {
    "stdlib": HERE / "peers" / "stdlib.py",
    "pandas": HERE / "peers" / "pandas_.py",
    "polars": HERE / "peers" / "polars_.py",
    "duckdb": HERE / "peers" / "duckdb_.py",
    "frictionless": HERE / "peers" / "with_frictionless.py",
}
TOOL = "dli-hosts"
FLOOR = "wc -l"
EMPTY = "python -c pass"
ONCE = 60
"""Seconds beyond which a program is run once: its first run is its only one."""


def why_not(peer: str, hosts: bool, write: bool) -> str | None:
    """Why a peer cannot take part, if so."""
    if peer != "stdlib" and find_spec(peer) is None:
        return "not installed"
    if peer == "frictionless" and (hosts or write):
        return "it reads no hosts syntax" if hosts else "it writes no list"
    return None


def tool_command(tool: Command, source: Path, out: str) -> list[str]:
    """The tool's command for the job the peers do: with a file to write, it keeps conflicts as they do."""
    if out == "-":
        return [*tool, "check", str(source)]
    return [*tool, "emit", str(source), "--as", "csv", "--skip-refused", "--on-conflict", "keep", "-o", out]


def tool_counts(tool: Command, source: Path) -> dict[str, int]:
    """The tool's totals in its peers' terms, from a run of its own."""
    report = json.loads(run([*tool, "check", str(source), "--output-format", "json"]).output)
    totals, conflicts = report["totals"], report["counts"].get("D303", 0)
    bad = totals["refused"] + totals["skipped"] - conflicts
    return {
        "records": totals["records"],
        "kept": totals["ready"] + conflicts,
        "bad": bad,
        "dup": totals["merged"],
    }


def fingerprint(path: Path) -> tuple[int, int]:
    """Lines, and a sum over them that depends neither on their order nor on letter case."""
    lines = checksum = 0
    with open(path, "rb") as file:
        for line in file:
            lines += 1
            checksum += zlib.crc32(line.rstrip(b"\r\n").lower())
    return lines, checksum


def commands_for(
    source: Path, syntax: str, peers: list[str], tool: Command, folder: Path, write: bool
) -> tuple[dict[str, Command], dict[str, str]]:
    """What to run, and where each program writes (`-`: nowhere)."""
    commands: dict[str, Command] = {}
    outs: dict[str, str] = {}
    if tool:
        outs[TOOL] = str(folder / "tool.csv") if write else "-"
        commands[TOOL] = tool_command(tool, source, outs[TOOL])
    for peer in peers:
        if reason := why_not(peer, syntax == "hosts", write):
            print(f"{peer} left out: {reason}\n")
            continue
        outs[peer] = str(folder / f"{peer}.csv") if write else "-"
        options = ["--hosts"] if syntax == "hosts" else []
        commands[peer] = [sys.executable, str(PEERS[peer]), str(source), outs[peer], *options]
    commands[FLOOR] = ["wc", "-l", str(source)]
    commands[EMPTY] = [sys.executable, "-c", "pass"]
    return commands, outs


def compare(
    syntax: str, records: int, runs: int, peers: list[str], tool: Command, write: bool
) -> dict[str, list[Run]]:
    """Generate a file of one syntax, warm up, prove agreement, measure, print; every timed run."""
    print(
        f"\n## {records:,} records, {syntax}, {'written' if write else 'counted'}, {runs} runs\n", flush=True
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = folder / f"records.{syntax}"
        generate(source, syntax, records, seed=1, faults=0.02, duplicates=0.01)
        commands, outs = commands_for(source, syntax, peers, tool, folder, write)
        warm = run_in_turn(commands, 1)
        found = {peer: last_json(warm[peer][0]) for peer in outs if peer != TOOL}
        if tool:
            found[TOOL] = tool_counts(tool, source)
        found.pop("frictionless", None)  # sees no repeat in another letter case
        demand_equal({peer: str(counts) for peer, counts in found.items()})
        if write:
            demand_equal({peer: str(fingerprint(Path(out))) for peer, out in outs.items()})
        slow = {peer for peer, (once,) in warm.items() if once.seconds > ONCE}
        timed = run_in_turn({peer: c for peer, c in commands.items() if peer not in slow}, runs)
        results = {peer: warm[peer] if peer in slow else timed[peer] for peer in commands}
        print(table(results, TOOL if tool else None), flush=True)
        for peer in sorted(slow):
            print(f"\n{peer} took over {ONCE} s and was run once.")
        return results


def demand_equal(found: dict[str, str]) -> None:
    """Stop unless all programs found the same: else they did not do the same job."""
    if len(set(found.values())) > 1:
        raise SystemExit(
            "the programs disagree\n" + "\n".join(f"{name}: {value}" for name, value in found.items())
        )


def main() -> None:
    """Read the command line and compare."""
    parser = argparse.ArgumentParser(description="Compare whole processes: the tool and its peers.")
    parser.add_argument("--records", type=int, default=20_000)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--syntax", choices=("csv", "hosts", "both"), default="csv")
    parser.add_argument("--peers", default=",".join(PEERS), help="comma-separated; default all")
    parser.add_argument("--tool", metavar="COMMAND", help="the tool's command; '' leaves it out")
    parser.add_argument("--write", action="store_true", help="write the good records too")
    wanted = parser.parse_args()
    peers = [peer for peer in wanted.peers.split(",") if peer]
    if unknown := set(peers) - set(PEERS):
        parser.error(f"no such peer: {', '.join(sorted(unknown))}")
    for syntax in ("csv", "hosts") if wanted.syntax == "both" else (wanted.syntax,):
        compare(syntax, wanted.records, wanted.runs, peers, split_tool(wanted.tool), wanted.write)


if __name__ == "__main__":
    main()
