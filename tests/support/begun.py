"""The command while it runs: a fork of what is loaded already, in the test's hands as a `Popen` is."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO

from command import environment, pipe, read_out, template
from forking import Run

PIPE = -1
"""For a stream: what comes out of it can be read here."""
CLOSED = None
"""For a stream: there is none."""
NOTHING = -3
"""For a stream: the null device."""


class Process:
    """A run of `dli-hosts`; a context manager that waits for its end."""

    returncode: int | None = None

    def __init__(self, run: Run, files: contextlib.ExitStack, out: IO[bytes], err: IO[bytes]) -> None:
        self.pid = run.pid
        self._run = run
        self._files = files
        self._raw = out, err
        self.stdout, self.stderr = (
            files.enter_context(os.fdopen(file.fileno(), encoding="utf-8", closefd=False))
            for file in self._raw
        )

    def poll(self) -> int | None:
        """The exit status; None while it runs."""
        if self.returncode is None and self._run.ended(0):
            self.returncode = self._run.wait()
        return self.returncode

    def wait(self, timeout: float = 300) -> int:
        """The exit status, for which it is waited."""
        if self.returncode is None:
            assert self._run.ended(timeout), f"it has not ended within {timeout} s"
            self.returncode = self._run.wait()
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def communicate(self) -> tuple[str, str]:
        """All that comes out of it until its end; nothing may have been read before."""
        seen = read_out(self._run, *self._raw)
        self.wait()
        out, err = (seen[file].decode("utf-8") for file in self._raw)
        return out, err

    def __enter__(self) -> Process:
        """The run, which is under way."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait for its end, and close what can be read of it."""
        with self._files:
            self.wait()


def begin(
    *arguments: str,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    stdin: int | None = NOTHING,
    stdout: int | None = PIPE,
    stderr: int | None = PIPE,
) -> Process:
    """Begin a run; a stream is a file's number or one of the above."""
    files = contextlib.ExitStack()
    with contextlib.ExitStack() as theirs:
        null = theirs.enter_context(open(os.devnull, "r+b", buffering=0)).fileno()
        (out, outlet), (err, errors) = pipe(files), pipe(files)
        theirs.callback(outlet.close)
        theirs.callback(errors.close)
        streams = [
            special.get(given, given)
            for given, special in (
                (stdin, {NOTHING: null}),
                (stdout, {NOTHING: null, PIPE: outlet.fileno()}),
                (stderr, {NOTHING: null, PIPE: errors.fileno()}),
            )
        ]
        return Process(template().start(arguments, cwd, environment(env), streams), files, out, err)
