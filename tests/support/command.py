"""The command as users run it: a process of its own, its streams apart, nothing of this terminal in it."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = (sys.executable, "-m", "importer")

GOOD = b"10.20.0.11 kafka01\n10.20.0.12 kafka02\n"
BAD = b"10.20.0.11 kafka01\n10.20.0.12 2kafka\n"
WARNED = b"10.20.0.11 kafka01\n10.20.0.12 kafka_02\n"

_UNSET = ("NO_COLOR", "FORCE_COLOR", "TERM", "COLUMNS", "DLI_HOSTS_DEBUG")


@dataclass(frozen=True)
class Outcome:
    """What a run of the command left behind."""

    status: int
    raw: bytes
    err: str

    @property
    def out(self) -> str:
        """Standard output as text."""
        return self.raw.decode("utf-8")


def environment(changes: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's environment without what would change the output, and with `changes`."""
    kept = {n: v for n, v in os.environ.items() if n not in _UNSET and not n.startswith("PYTHON")}
    return kept | {"PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8"} | dict(changes or {})


def run_process(
    command: Sequence[str],
    cwd: Path,
    *,
    stdin: bytes = b"",
    env: Mapping[str, str] | None = None,
    prepare: Callable[[], None] | None = None,
) -> Outcome:
    """Run a program to its end; `prepare` is called in the new process before the program starts.

    A process that was held short leaves no bytecode behind: Python 3.11 keeps what it could write of it.
    Nor is its coverage measured, since that takes memory and room on the disk as well.
    """
    around = environment(env)
    if prepare is not None:
        around = {n: v for n, v in around.items() if not n.startswith("COVERAGE_")}
        around.setdefault("PYTHONDONTWRITEBYTECODE", "1")
    done = subprocess.run(
        command,
        cwd=cwd,
        input=stdin,
        capture_output=True,
        env=around,
        preexec_fn=prepare,
        check=False,
        timeout=300,
    )
    return Outcome(done.returncode, done.stdout, done.stderr.decode("utf-8", "replace"))


def dli_hosts(
    *arguments: str,
    cwd: Path,
    stdin: bytes = b"",
    env: Mapping[str, str] | None = None,
    prepare: Callable[[], None] | None = None,
) -> Outcome:
    """Run `dli-hosts` with these arguments in a folder."""
    return run_process([*PROGRAM, *arguments], cwd, stdin=stdin, env=env, prepare=prepare)


def memory_of(megabytes: int) -> Callable[[], None]:
    """A `prepare` that gives the process this much address space and no more."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))

    return limit


def assert_cannot_work(outcome: Outcome, *words: str) -> None:
    """One clear error: status 2, a message with these words, a help line, no result, no traceback."""
    assert outcome.status == 2, outcome
    assert outcome.raw == b"", outcome
    lines = outcome.err.splitlines()
    assert len(lines) == 2, outcome.err
    assert ": error: " in lines[0], outcome.err
    assert lines[1].startswith("  = help: "), outcome.err
    assert len(lines[1]) > len("  = help: "), outcome.err
    for word in words:
        assert word in outcome.err, f"{word!r} is not in {outcome.err!r}"
