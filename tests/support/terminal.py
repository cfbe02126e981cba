"""A terminal for the command under test: a pseudo-terminal in place of any of its streams."""

from __future__ import annotations

import contextlib
import os
import pty
from collections.abc import Iterator, Mapping
from pathlib import Path

from command import Outcome, environment, pipe, read_out, template


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
    with terminal() as (ours, theirs), contextlib.ExitStack() as stack:
        nothing = stack.enter_context(open(os.devnull, "r+b"))
        (out, outlet), (err, errors) = pipe(stack), pipe(stack)
        streams = {"stdin": nothing.fileno(), "stdout": outlet.fileno(), "stderr": errors.fileno()}
        run = template().start(arguments, cwd, environment(env), list((streams | {stream: theirs}).values()))
        for one in (outlet, errors):
            one.close()
        os.close(theirs)
        os.write(ours, typed)
        seen = _read_all(ours) if stream != "stdin" else b""
        told = read_out(run, out, err)
        at_terminal = seen.replace(b"\r\n", b"\n")
        return Outcome(
            run.wait(),
            at_terminal if stream == "stdout" else told[out],
            (at_terminal if stream == "stderr" else told[err]).decode("utf-8", "replace"),
        )


def _read_all(end: int) -> bytes:
    """Everything written to a terminal until its last program is gone."""
    parts = []
    with contextlib.suppress(OSError):  # how Linux says that nobody is left
        while part := os.read(end, 1 << 16):
            parts.append(part)
    return b"".join(parts)
