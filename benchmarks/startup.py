"""Question: how long does the tool make a person wait when there is next to nothing to do?

    python benchmarks/startup.py [--runs 20] [--tool COMMAND]

The bound for `--help` is 2.5 times an empty Python program plus 30 ms.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from measure import Command, middle_seconds, run_in_turn, split_tool, table

EMPTY = "python -c pass"


def main() -> None:
    """Measure, print the table, and say whether the bound is met."""
    parser = argparse.ArgumentParser(description="Measure the tool's start-up.")
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--tool", metavar="COMMAND", help="the tool's command")
    wanted = parser.parse_args()
    tool = split_tool(wanted.tool)
    with tempfile.TemporaryDirectory() as folder:
        one_line = Path(folder, "one.hosts")
        one_line.write_text("10.0.0.1 node-master.example.com\n", encoding="utf-8")
        commands: dict[str, Command] = {
            EMPTY: [sys.executable, "-c", "pass"],
            "--help": [*tool, "--help"],
            "explain N103": [*tool, "explain", "N103"],
            "check, one line": [*tool, "check", str(one_line)],
        }
        run_in_turn(commands, 1)  # not timed: fills the caches
        results = run_in_turn(commands, wanted.runs)
    print(table(results))
    bound = 2.5 * middle_seconds(results[EMPTY]) + 0.030
    met = middle_seconds(results["--help"]) <= bound
    print(f"\nbound for --help: 2.5 x pass + 30 ms = {bound * 1000:.0f} ms: {'met' if met else 'NOT MET'}")
    sys.exit(0 if met else 1)


if __name__ == "__main__":
    main()
