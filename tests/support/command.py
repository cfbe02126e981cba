"""The command as users run it: a process of its own, its streams apart, nothing of this terminal in it."""

from __future__ import annotations

import contextlib
import functools
import os
import resource
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from forking import ROOT, Run, Template

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
    """Run `dli-hosts` with these arguments in a folder; in a new interpreter where one is needed."""
    around = environment(env)
    if prepare is not None or len(stdin) > _AT_ONCE or not template().fits(around):
        return run_process([*PROGRAM, *arguments], cwd, stdin=stdin, env=env, prepare=prepare)
    with contextlib.ExitStack() as stack:
        (inlet, given), (out, outlet), (err, errors) = (pipe(stack) for _ in range(3))
        given.write(stdin)
        given.close()
        run = template().start(arguments, cwd, around, [one.fileno() for one in (inlet, outlet, errors)])
        for one in (inlet, outlet, errors):
            one.close()
        seen = read_out(run, out, err)
        return Outcome(run.wait(), seen[out], seen[err].decode("utf-8", "replace"))


_AT_ONCE = 1 << 16
"""Bytes that a pipe takes in before anybody reads."""
_LONGEST = 300
"""Seconds after which a run is ended."""


@functools.cache
def template() -> Template:
    """The process that this process's runs are forked from."""
    return Template(environment())


def pipe(stack: contextlib.ExitStack) -> tuple[IO[bytes], IO[bytes]]:
    """Both ends of a pipe, which are closed at the end."""
    read, write = os.pipe()
    return (
        stack.enter_context(open(read, "rb", buffering=0)),
        stack.enter_context(open(write, "wb", buffering=0)),
    )


def read_out(run: Run, *files: IO[bytes]) -> dict[IO[bytes], bytes]:
    """All that comes out of a run until nobody can write there any more."""
    parts: dict[IO[bytes], list[bytes]] = {file: [] for file in files}
    open_ones = list(files)
    while open_ones:
        ready, _, _ = select.select(open_ones, [], [], _LONGEST)
        if not ready:
            os.kill(run.pid, signal.SIGKILL)
            raise AssertionError(f"nothing came for {_LONGEST} s; before that: {parts}")
        for file in ready:
            part = os.read(file.fileno(), 1 << 16)
            parts[file].append(part)
            if not part:
                open_ones.remove(file)
    return {file: b"".join(parts[file]) for file in files}


def memory_of(megabytes: int) -> Callable[[], None]:
    """A `prepare` that gives the process this much address space and no more."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))

    return limit


def assert_cannot_work(outcome: Outcome, *words: str) -> None:
    """One clear error: status 2, a message with these words, a help line, no result, no traceback."""
    assert outcome.status == 2, outcome
    assert outcome.raw == b"", outcome
    lines = [line for line in outcome.err.splitlines() if not line.startswith("reading: ")]  # slow machines
    assert len(lines) == 2, outcome.err
    assert ": error: " in lines[0], outcome.err
    assert lines[1].startswith("  = help: "), outcome.err
    assert len(lines[1]) > len("  = help: "), outcome.err
    for word in words:
        assert word in outcome.err, f"{word!r} is not in {outcome.err!r}"
