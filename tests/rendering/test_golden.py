"""Whole outputs, compared letter by letter with the files in `golden/`; UPDATE_GOLDEN=1 writes those anew."""

from __future__ import annotations

import sys

import pytest
from golden import GOLDEN, compare

CONNECTION = (
    *("--name", "mrs_prod", "--vpc", "3f7c1d52", "--subnet", "b81e6f09"),
    *("--pool", "pool_a", "--pool", "pool_b", "--queue", "q1", "--route-table", "rt-1", "--tag", "env=prod"),
)

RUNS: dict[str, tuple[str, ...]] = {
    "check-hosts.txt": ("check", "cluster.hosts"),
    "check-csv.txt": ("check", "team.csv"),
    "check-two-files.txt": ("check", "cluster.hosts", "team.csv"),
    "check-verbose.txt": ("check", "cluster.hosts", "team.csv", "-v"),
    "check-clean.txt": ("check", "clean.hosts"),
    "check-capped.txt": ("check", "cluster.hosts", "team.csv", "--max-findings", "1"),
    "check-two-files.json.txt": ("check", "cluster.hosts", "team.csv", "--output-format", "json"),
    "emit-refused.txt": ("emit", "team.csv", "--as", "console"),
    "emit-skip-refused.txt": ("emit", "team.csv", "--as", "console", "--skip-refused"),
    "emit-request.txt": ("emit", "clean.hosts", "--as", "request", *CONNECTION),
    "emit-terraform.txt": ("emit", "clean.hosts", "--as", "terraform", *CONNECTION),
    "emit-koocli.txt": ("emit", "clean.hosts", "--as", "koocli", *CONNECTION),
    "emit-csv.txt": ("emit", "clean.hosts", "--as", "csv"),
    "explain-one.txt": ("explain", "N103"),
    "explain-list.txt": ("explain",),
    "explain-one.json.txt": ("explain", "D303", "--output-format", "json"),
    "no-file.txt": ("check", "missing.hosts"),
    "no-such-rule.txt": ("explain", "N999"),
}
HELPS: dict[str, tuple[str, ...]] = {
    "help.txt": ("--help",),
    "help-check.txt": ("check", "--help"),
    "help-fix.txt": ("fix", "--help"),
    "help-emit.txt": ("emit", "--help"),
    "help-plan.txt": ("plan", "--help"),
    "help-submit.txt": ("submit", "--help"),
    "help-pull.txt": ("pull", "--help"),
    "help-rollback.txt": ("rollback", "--help"),
    "help-status.txt": ("status", "--help"),
    "help-explain.txt": ("explain", "--help"),
    "help-sandbox.txt": ("sandbox", "--help"),
    "help-completion.txt": ("completion", "--help"),
    "help-init.txt": ("init", "--help"),
    "help-schema.txt": ("schema", "--help"),
}


@pytest.mark.parametrize("file", RUNS)
def test_output(file: str) -> None:
    """The output of a run is its golden file, to the letter."""
    compare(file, RUNS[file])


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="argparse lays help out anew from Python 3.13 on")
@pytest.mark.parametrize("file", HELPS)
def test_help(file: str) -> None:
    """The help of each verb is its golden file, on a terminal of 80 columns."""
    compare(file, HELPS[file])


def test_no_golden_file_is_left_over() -> None:
    """Each file in `golden/` is an input of a run or the output of one; `samples/` belongs to other runs."""
    inputs = {"cluster.hosts", "team.csv", "clean.hosts"}
    assert {path.name for path in GOLDEN.iterdir()} - {"samples"} == inputs | RUNS.keys() | HELPS.keys()


def test_no_password_in_any_output() -> None:
    """Cells that are neither name nor address appear in no output; host lists carry passwords."""
    for file in (*RUNS, *HELPS):
        assert "hunter2" not in (GOLDEN / file).read_text(encoding="utf-8"), file
