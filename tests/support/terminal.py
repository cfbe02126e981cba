"""A terminal for the command under test: a pseudo-terminal in place of any of its streams."""

from __future__ import annotations

import contextlib
import os
import pty
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from command import PROGRAM, Outcome, environment


@contextlib.contextmanager
def terminal() -> Iterator[tuple[int, int]]:
    """Both ends of a new terminal: the one that a person sits at, and the program's."""
    ours, theirs = pty.openpty()
    try:
        yield ours, theirs
    finally:
        for end in (ours, theirs):
            with contextlib.suppress(OSError):
                os.close(end)


def dli_hosts_at_terminal(
    *arguments: str, cwd: Path, stream: str, env: Mapping[str, str] | None = None, typed: bytes = b""
) -> Outcome:
    """Run `dli-hosts` with one of `stdin`, `stdout`, `stderr` being a terminal; line ends come back as LF.

    `typed` is what the person at the terminal types.
    """
    with terminal() as (ours, theirs):
        with subprocess.Popen(
            [*PROGRAM, *arguments],
            cwd=cwd,
            env=environment(env),
            stdin=theirs if stream == "stdin" else subprocess.DEVNULL,
            stdout=theirs if stream == "stdout" else subprocess.PIPE,
            stderr=theirs if stream == "stderr" else subprocess.PIPE,
        ) as process:
            os.close(theirs)
            os.write(ours, typed)
            seen = _read_all(ours) if stream != "stdin" else b""
            out, err = process.communicate(timeout=300)
            at_terminal = seen.replace(b"\r\n", b"\n")
        return Outcome(
            process.returncode,
            at_terminal if stream == "stdout" else out,
            (at_terminal if stream == "stderr" else err).decode("utf-8", "replace"),
        )


def _read_all(end: int) -> bytes:
    """Everything written to a terminal until its last program is gone."""
    parts = []
    with contextlib.suppress(OSError):  # how Linux says that nobody is left
        while part := os.read(end, 1 << 16):
            parts.append(part)
    return b"".join(parts)
